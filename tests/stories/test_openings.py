"""
An officer knows a caller by their number without seeing it, answers a letter, and is refused without a case; the person reads
each look on their own page. In a real Chromium, without JavaScript.

The figure that this walk leaves is the one that counts: of all that was opened, less than half was whole. The same steps
are tried broken in tests/vault/test_opening_cases.py and tests/web/test_openings_pages.py.
"""

from datetime import UTC, datetime

import pytest

from avow.policy.promises import Promise
from tests.stories.test_law import sign_in
from tests.web.conftest import resident

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.proves(Promise.PURPOSE_LIMIT)]


@pytest.mark.parametrize("page", [False], indirect=True, ids=["without-javascript"])
def test_a_caller_is_known_and_a_letter_answered_and_its_person_sees_both(page, site):
    from avow.people import desk
    from avow.requests import cases
    from avow.vault import opening_counts

    now = datetime.now(UTC)
    grace = resident("grace@example.com", name="Grace Hopper", phone="+442079460958")
    asked = cases.ask(grace.person, "How long is a report kept?", now=now)
    resident("one@example.com")
    desk.grant("one@example.com", now)
    sign_in(page, "one@example.com")

    page.goto("/desk/openings")
    page.get_by_text("nobody of the company can open anything").wait_for()
    page.get_by_label("Whose data").fill("grace@example.com")
    page.get_by_label("Why you look").select_option("question")
    page.get_by_label("Your file number").fill("2026/113")
    page.get_by_role("button", name="Open the case").click()
    for given, said in (("+44 20 7946 0959", "No: something else"), ("+44 20 7946 0958", "Yes: that is what is kept")):
        page.get_by_label("Which field").select_option("phone")
        page.get_by_label("What you were given").fill(given)
        page.get_by_role("button", name="Compare").click()
        page.get_by_role("status").filter(has_text=said).wait_for()
    page.get_by_role("button", name="Look", exact=True).click()
    assert page.get_by_text("g…@e….com").is_visible() and "Hopper" not in page.content()
    page.get_by_role("button", name="End the case now").click()
    page.goto(f"/desk/case/{asked.number}")
    page.get_by_text("How long is a report kept?").wait_for()

    opened = opening_counts.by_form(now)
    assert 2 * sum(n for (_, form), n in opened.items() if form == "whole") <= sum(opened.values()) == 4

    sign_in(page, "grace@example.com")
    looked = page.locator("section", has=page.get_by_role("heading", name="Who looked"))
    looked.get_by_text("a question that came another way").wait_for()
    looked.get_by_text("0 whole, 1 masked, 2 compared").wait_for()
    looked.get_by_text("1 whole, 0 masked, 0 compared").wait_for()
