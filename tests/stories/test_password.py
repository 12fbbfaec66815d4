"""
A password: a wrong one opens nothing, the right one does; a new one signs every other browser out, and the old one is over.

It bites: a change that did not go through left the other browser signed in, and the story stopped there (seen).
"""

import pytest

from avow.policy.promises import Promise
from tests.stories.holding import keeps_its_word
from tests.stories.test_one_person_through_the_house import ADDRESS, PASSWORD, sign_up

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.proves(Promise.PASSWORD_PROTECTION)]
NEW = "seven grey geese on a roof"


def sign_in(page, password):
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(ADDRESS)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("page", [True], indirect=True, ids=["with-javascript"])
def test_a_password(page, site, chromium):
    sign_up(page)
    window = chromium.new_context(base_url=site)
    elsewhere = window.new_page()
    sign_in(elsewhere, "not this one, surely")
    elsewhere.locator(".errorlist").wait_for()
    sign_in(elsewhere, PASSWORD)
    elsewhere.wait_for_url("**/data")

    page.goto("/accounts/password/change/")
    for name, value in {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}.items():
        page.locator(f"input[name={name}]").fill(value)
    page.get_by_role("button", name="Change the password").click()
    page.wait_for_url(lambda url: "/password/change" not in url)
    page.goto("/data")
    page.locator("#name .value").wait_for()  # this browser stays
    elsewhere.goto("/data")
    elsewhere.wait_for_url("**/accounts/login/**")
    sign_in(elsewhere, PASSWORD)
    elsewhere.locator(".errorlist").wait_for()
    sign_in(elsewhere, NEW)
    elsewhere.wait_for_url("**/data")
    window.close()
    assert keeps_its_word(page, "5.1")
