"""
Somebody looks where they are signed in, logs out everywhere, and the back button shows nothing of the account.

What it rests on was seen to fail in tests/promises/test_log_out_everywhere.py.
"""

import pytest

from avow.policy.promises import Promise
from tests.stories.holding import keeps_its_word
from tests.stories.test_one_person_through_the_house import PASSWORD, sign_up

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.proves(Promise.SIGN_OUT, Promise.PASSWORD_PROTECTION),
]


@pytest.mark.parametrize("page", [True], indirect=True, ids=["with-javascript"])
def test_log_out_everywhere(page, site, chromium):
    sign_up(page)
    other = chromium.new_context(base_url=site)
    elsewhere = other.new_page()
    elsewhere.goto("/accounts/login/")
    elsewhere.get_by_label("E-mail").fill("ada@example.com")
    elsewhere.get_by_label("Password").fill(PASSWORD)
    elsewhere.get_by_role("button", name="Sign in").click()
    elsewhere.wait_for_url("**/data")

    page.get_by_role("link", name="How you sign in").click()
    assert page.get_by_text("Your password guards this account, and nothing else.").is_visible()
    page.get_by_role("row", name="Another browser").wait_for()
    page.get_by_role("button", name="Everywhere but here").click()
    page.get_by_text("Every other browser is signed out").wait_for()
    assert page.get_by_role("row", name="Another browser").count() == 0
    elsewhere.goto("/data")
    elsewhere.wait_for_url("**/accounts/login/**")
    other.close()

    page.get_by_role("button", name="Log out everywhere").click()
    page.get_by_text("Every browser is signed out here.").wait_for()
    page.go_back()
    assert page.get_by_role("row", name="This browser").count() == 0
    assert keeps_its_word(page, "5.3", "5.1")
