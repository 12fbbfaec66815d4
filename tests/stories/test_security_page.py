"""
Somebody without an account reads what "reasonable measures" means here, and when each was tried last.

It bites: with a record of a trial that is stale, the sentence does not hold and the story stops (seen).
"""

import pytest

from avow.policy.promises import CHECKS, Promise
from tests.stories.holding import holds

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.proves(Promise.SECURITY_MEASURES)]


@pytest.mark.parametrize("page", [False], indirect=True, ids=["without-javascript"])
def test_the_measures_and_their_results(page):
    watching = sorted(name for name, check in CHECKS.items() if Promise.SECURITY_MEASURES in check.promises)
    assert holds(page, "5.4", *watching)
    page.goto("/")
    page.get_by_role("link", name="Security", exact=True).click()
    sealed = page.locator("li", has_text="Sealed at rest")
    assert sealed.locator(".state").inner_text() == "holds"
    assert "ago" in sealed.inner_text() or "just now" in sealed.inner_text()
    page.get_by_role("link", name="§ 5.4").click()
    page.get_by_role("heading", name="What keeps it").wait_for()
