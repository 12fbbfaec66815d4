"""
Somebody opens an account with no more than it needs, is told why each thing is asked, and adds the rest when they like.

The mechanisms are broken one by one in tests/promises (given data, choice to withhold); here they are walked.
"""

import pytest

from avow.policy.promises import Promise
from tests.stories.holding import keeps_its_word
from tests.stories.test_one_person_through_the_house import ADDRESS, PASSWORD

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.proves(Promise.GIVEN_DATA, Promise.CHOICE_TO_WITHHOLD, Promise.DECLARED_DATA),
]


@pytest.mark.parametrize("page", [True], indirect=True, ids=["with-javascript"])
def test_registration_and_settings(page):
    page.goto("/accounts/signup/")
    assert page.locator("main form input[required]").count() == 2  # the address and the password
    page.get_by_label("E-mail").fill(ADDRESS)
    page.get_by_label("Password").fill("passwordpassword")
    page.get_by_role("button", name="Create the account").click()
    page.locator(".errorlist").first.wait_for()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    page.get_by_role("link", name="the letters").click()
    code = page.locator(".given-code").first.inner_text()
    page.go_back()
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/data")
    assert page.locator("#phone .value").inner_text() == "nothing"

    page.locator("#name summary").first.click()
    page.locator("#name input[name=value]").fill("Ada Lovelace")
    page.locator("#name").get_by_role("button", name="Save").click()
    assert page.locator("#name .value").inner_text() == "Ada Lovelace"
    assert keeps_its_word(page, "1.1", "3a.1", "7.1")
