"""
An officer reads how the site is used and what fails in it, after visits of several people; nobody in particular shows.

The threshold and the objections are broken in tests/usage and tests/promises; here they are walked.
"""

from datetime import UTC, datetime

import pytest

from avow.people import tickets
from avow.policy.promises import Promise
from avow.vault import enrolment
from avow.web.api.host import host_key
from tests.stories.holding import keeps_its_word
from tests.stories.test_the_wall_turns import enter_as_officer
from tests.stories.visiting import wait_for
from tests.usage.conftest import batch

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.proves(Promise.PURPOSE_LIMIT)]
PEOPLE = 6


def visit(page, *events):
    """One person's visit, as the company's server tells of it."""
    ticket = tickets.issue(enrolment.enrol(now=datetime.now(UTC)), now=datetime.now(UTC))
    key = {"Authorization": f"Bearer {host_key()}"}
    body = batch(*events, ticket=ticket, visitor={"ip": "192.0.2.7"})
    assert page.request.post("/collect", data=body, headers=key).status == 202


@pytest.mark.parametrize("page", [True], indirect=True, ids=["with-javascript"])
def test_analysis_and_improvement(page, site):
    broken = {"kind": "page", "page": "/export", "status": 500}
    for _ in range(PEOPLE):
        visit(page, "/reports/sales", broken, {"kind": "feature", "page": "/reports/sales", "feature": "chart"})
    visit(page, {"kind": "page", "page": "/only-one-came-here", "shoe_size": 44})
    crawled = {"events": [{"kind": "page", "page": "/crawled"}], "visitor": {"agent": "Googlebot/2.1"}}
    page.request.post("/collect", data=[crawled], headers={"Authorization": f"Bearer {host_key()}"})
    enter_as_officer(page)
    wait_for(page, "/desk/usage", "/only-one-came-here")
    pages = page.locator("section", has=page.get_by_role("heading", name="Most opened pages"))
    cells = lambda path: pages.get_by_role("row", name=path).locator("td").all_inner_texts()  # noqa: E731
    assert cells("/reports/sales") == [str(PEOPLE), str(PEOPLE)]
    assert cells("/only-one-came-here") == ["fewer than 5", "not shown"]
    page.locator("#visits ~ * svg, section svg").first.wait_for()
    page.get_by_text("1 event came from programs").wait_for()
    assert page.get_by_role("row", name="server").locator("td").all_inner_texts() == ["event", "1"]
    assert "/crawled" not in page.content() and "shoe_size" not in page.content()

    page.goto("/desk/improvement")
    failing = page.locator("section", has=page.get_by_role("heading", name="Pages that fail"))
    assert failing.get_by_role("row", name="/export").locator("td").all_inner_texts() == ["6", "6", "6", "6"]
    page.get_by_role("row", name="chart").wait_for()
    assert "192.0.2.7" not in page.content()
    assert keeps_its_word(page, "1.3")
