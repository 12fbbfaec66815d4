"""
Somebody signs up without a phone number, is asked for it where a function needs it, goes back without, and gives it later.

It bites: without the application's origin among those a form may lead on to, Chromium stays on the page.
"""

from datetime import UTC, datetime

import pytest

from avow.policy.promises import Promise
from tests.stories.holding import holds
from tests.web.conftest import resident

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.proves(Promise.CHOICE_TO_WITHHOLD)]
WHY = "A technician calls you back about the report."


@pytest.mark.parametrize("page", [False], indirect=True, ids=["without-javascript"])
def test_the_phone_number_is_asked_for_where_it_is_needed(page, site, third_party):
    from avow.people import relying
    from avow.people.relying import Feature

    start = f"{third_party.issuer}/report"  # the company's application; any page that answers will do
    relying.register(
        "optimibi", name="Optimibi", redirect_uris=[f"{third_party.issuer}/back"], secret="s",
        features={"report-by-phone": Feature("phone", WHY, start)}, now=datetime.now(UTC),
    )  # fmt: skip
    client = resident("bo@example.com")
    page.goto("/policy")
    page.context.add_cookies(
        [{"name": name, "value": morsel.value, "url": page.url} for name, morsel in client.cookies.items()]
    )
    page.goto("/give/optimibi/report-by-phone")
    page.get_by_text(WHY).wait_for()
    page.get_by_role("link", name="Not now").click()
    page.wait_for_url(start)
    page.goto("/give/optimibi/report-by-phone")
    page.get_by_label("Phone number").fill("12")
    page.get_by_role("button", name="Save, and go on").click()
    page.get_by_text("This is not a complete phone number").wait_for()
    page.get_by_label("Phone number").fill("+44 20 7946 0958")
    page.get_by_role("button", name="Save, and go on").click()
    page.wait_for_url(start)
    page.goto("/data")
    assert page.locator("#phone .value").inner_text() == "+442079460958"
    assert "asked for by Optimibi" in page.locator("#phone").inner_text()
    assert holds(page, "7.1", "required-fields-have-reasons")
