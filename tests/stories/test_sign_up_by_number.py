"""
Somebody without an e-mail address: an account by a phone number, out, in again, and back in by a recovery code.

It bites: without `reauthenticated` at the sign-up the codes are not shown (seen while it was built).
"""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from avow.policy.promises import Promise
from tests.people.walking import PASSWORD

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.proves(Promise.PASSWORD_PROTECTION, Promise.GIVEN_DATA),
]
NUMBER = "+44 20 7946 0958"


def texted():
    from avow.communications import demo_box

    newest = next(mail for mail in demo_box.read(datetime.now(UTC)) if mail.to == "+442079460958")
    return re.search(r"^    (\d{6})$", newest.text, re.MULTILINE)[1]


def test_a_life_without_an_address(page):
    page.goto("/accounts/signup/")
    page.get_by_role("link", name="Create an account by a phone number").click()
    page.get_by_label("Phone number").fill("020 7946 0958")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_text("This is not a complete phone number")).to_be_visible()
    page.get_by_label("Phone number").fill(NUMBER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(texted())
    page.get_by_role("button", name="Create the account").click()
    codes = [one.inner_text() for one in page.locator("li code").all()]
    assert len(codes) == 10
    number = page.locator("code.key").inner_text()
    page.goto("/sign-in-ways")
    expect(page.get_by_text("Your password guards this account")).to_be_visible()
    sign_out(page)
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address, or phone number").fill(NUMBER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).not_to_have_url(re.compile("login"))
    page.goto("/data")
    expect(page.get_by_text("+442079460958")).to_be_visible()
    sign_out(page)
    page.goto("/recover")
    page.get_by_label("Account number").fill(number)
    page.get_by_label("Recovery code").fill(codes[0])
    page.locator("main").get_by_role("button").first.click()
    expect(page).not_to_have_url(re.compile("recover$"))
    page.goto("/data")
    expect(page.get_by_role("heading", name="My data")).to_be_visible()


def sign_out(page):
    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
