"""
Somebody opens an account by a passkey alone, in a browser with an authenticator of its own (Chromium's, by its debugging
protocol): no password, no address; signs in by it; adds it to an account with a password, where it is the second step.

What it rests on was seen to fail in tests/people/test_passkeys.py; the authenticator here is not ours.
"""

import pytest

from avow.policy.promises import Promise
from tests.stories.conftest import PATIENCE
from tests.stories.holding import keeps_its_word
from tests.stories.test_one_person_through_the_house import PASSWORD, sign_up
from tests.stories.test_second_step import fits

DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
pytestmark = [pytest.mark.needs("chromium"), pytest.mark.proves(Promise.PASSWORD_PROTECTION)]


@pytest.fixture
def page(chromium, site):
    """A browser window with an authenticator in it, at the name at which passkeys work; a passkey needs the script."""
    from django.test import override_settings

    here = site.replace("127.0.0.1", "localhost")
    window = chromium.new_context(base_url=here)
    window.set_default_timeout(PATIENCE)
    page = window.new_page()
    page.protocol = window.new_cdp_session(page)
    page.protocol.send("WebAuthn.enable")
    page.device = page.protocol.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    broke = []
    page.on("pageerror", lambda wrong: broke.append(str(wrong)))
    with override_settings(ALLOWED_HOSTS=["127.0.0.1", "localhost"], CSRF_TRUSTED_ORIGINS=[site, here]):
        yield page
    window.close()
    assert not broke


def test_an_account_by_a_passkey_alone(page):
    page.goto("/accounts/signup/")
    page.get_by_role("link", name="Create an account by a passkey").click()
    fits(page, "sign-up-by-passkey")
    page.get_by_label("Name").fill("Bob")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Make your passkey").wait_for()
    fits(page, "make-passkey")
    page.get_by_label("Name").fill("this laptop")
    page.get_by_role("button", name="Make the passkey").press("Enter")
    page.get_by_role("heading", name="Recovery codes").wait_for()
    codes = page.locator(".codes code").all_inner_texts()
    account = page.locator(".key").inner_text()
    fits(page, "codes-of-passkey")
    held = page.protocol.send("WebAuthn.getCredentials", page.device)["credentials"]
    assert len(held) == 1 and "Bob" not in str(held) and held[0]["userName"] == f"Account {account}"
    page.goto("/sign-in-ways")
    page.get_by_text("The passkey “this laptop” guards this account.").wait_for()
    fits(page, "ways-of-passkey")
    page.get_by_role("button", name="Log out everywhere").click()

    page.goto("/accounts/login/?next=/sign-in-ways")
    fits(page, "sign-in-by-passkey")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("heading", name="How you sign in").wait_for()
    page.get_by_role("button", name="Log out everywhere").click()

    page.protocol.send("WebAuthn.setUserVerified", page.device | {"isUserVerified": False})
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("The device gave no passkey").wait_for()

    page.goto("/recover")
    fits(page, "recover")
    page.get_by_label("Account number").fill(account)
    page.get_by_label("Recovery code").fill(codes[3])
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("You are back").wait_for()
    page.get_by_text("9 recovery codes left").wait_for()
    assert keeps_its_word(page, "5.1")


def test_a_passkey_beside_a_password_is_the_second_step(page):
    sign_up(page)
    page.goto("/sign-in-ways")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Add a passkey").wait_for()
    fits(page, "add-passkey")
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    page.get_by_role("link", name="I have written them down").click()
    page.get_by_text("Two things guard this account").wait_for()
    fits(page, "ways-of-both")
    page.get_by_role("button", name="Log out everywhere").click()

    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="The second step").wait_for()
    fits(page, "second-step-by-passkey")
    page.get_by_role("button", name="Use the passkey").click()
    page.wait_for_url("**/data")
    page.goto("/sign-in-ways")
    page.get_by_role("button", name="Take it away").click()
    page.get_by_text("It is taken away").wait_for()
    fits(page, "passkey-taken-away")
    assert keeps_its_word(page, "5.1")
