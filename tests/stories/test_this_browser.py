"""
A visitor without account: the site's page records, this browser sees it, takes it along, forgets it and stops; with
JavaScript and without (without, the site's beacon does not run, and the page says that nothing is recorded).
"""

import json
from pathlib import Path

import pytest

from avow.policy.promises import Promise
from tests.stories.visiting import holds, host_pages, wait_for

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.proves(Promise.COLLECTED_DATA, Promise.ACCESS_AND_ERASE)]


def test_a_browser_without_account(page, site):
    with host_pages(site) as host:
        page.goto(f"{host}/reports/sales?who=ada@example.com")
        if not page.scripted:
            page.goto("/browser")
            page.get_by_text("Nothing is recorded under this browser").wait_for()
            page.get_by_role("button", name="Record nothing of this browser").click()
            page.get_by_text("asked to be left alone").wait_for()
            page.get_by_role("button", name="Let it be recorded again").click()
            page.get_by_text("Nothing is recorded under this browser").wait_for()
            return
        with page.expect_response("**/collect") as said:
            page.get_by_role("button", name="Export").click()
        assert said.value.status == 202
        wait_for(page, "/browser", "export-chart")
        page.get_by_text("/reports/sales").first.wait_for()
        with page.expect_download() as taken:
            page.get_by_role("link", name="Take it with you").click()
        rows = json.loads(Path(taken.value.path()).read_text())["usage-events"]
        assert {row["page"] for row in rows} == {"/reports/sales"} and rows[0]["IP address"] == "127.0.0.1"
        page.get_by_role("button", name="Forget it and stop").click()
        page.get_by_role("heading", name="Certificate of erasure").wait_for()
        page.goto(f"{host}/reports/churn")
        page.wait_for_timeout(600)
        page.goto("/browser")
        page.get_by_text("asked to be left alone").wait_for()
        assert not page.get_by_text("/reports/churn").count()
    assert holds(page, "3b.1", "what-is-recorded-is-declared")
