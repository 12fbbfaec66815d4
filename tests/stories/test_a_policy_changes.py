"""
A policy changes, in a real Chromium, with JavaScript and without: the officer publishes, a visitor sees it, the person has a
letter and a notice in the account, goes on, and is governed by the new text; both texts and what changed stay readable.

The text takes effect today, as one that was published a month ago does: the act is given that moment as its own `now`.
It bites: a banner that leaves its mark out, a middleware that is not installed, or a letter that is not written stops it (tried).
"""

import re
from datetime import UTC, datetime, timedelta

import pytest

from avow.policy.promises import CHECKS, Promise
from tests.communications.changing import TWO, newer
from tests.stories.test_one_person_through_the_house import sign_up

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.proves(
        Promise.CHANGE_NOTICE, Promise.NOTICE_WITHOUT_MAIL, Promise.ACCEPTANCE_BY_USE, Promise.USE_UNDER_VERSION,
        Promise.VERSIONS_PUBLIC,
    ),
]  # fmt: skip
MONTH = timedelta(days=30)


def test_a_policy_changes(page, chromium, site):
    from avow.communications import publishing, telling
    from avow.evidence import running

    sign_up(page)
    today = datetime.now(UTC)
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    publishing.publish(
        *newer(today.date()),
        text="We may tell you of offers of our partners.",
        by="the desk",
        now=midnight - MONTH,
        signed=TWO,
    )
    telling.tell_of_changes()

    visitor = chromium.new_context(base_url=site, java_script_enabled=page.scripted).new_page()
    visitor.goto("/accounts/login/")
    banner = visitor.get_by_role("complementary", name=re.compile("Change of the policy"))
    assert "offers of our partners" in banner.inner_text()
    banner.get_by_role("link", name="See what changes").click()
    visitor.locator("ins").filter(has_text="partners").wait_for()
    visitor.get_by_role("heading", name=re.compile("Widening")).wait_for()
    visitor.get_by_role("link", name="versions", exact=True).click()
    visitor.get_by_role("link", name="5 May 2024", exact=True).click()
    visitor.get_by_text("we may tailor what you see").first.wait_for()
    visitor.goto("/announcements")
    visitor.get_by_text("We may tell you of offers of our partners.").first.wait_for()
    visitor.context.close()

    page.goto("/demo/mail")
    page.get_by_text("The privacy policy of Optimibi changes on").first.wait_for()
    page.goto("/data")
    page.get_by_role("complementary", name=re.compile("Change of the policy")).wait_for()
    page.goto("/data")  # looking at one's data accepts nothing
    assert page.locator("#governs ~ .table").get_by_text("not yet").count() == 1
    page.goto("/sign-in-ways")
    page.get_by_role("link", name="Change the password").click()  # this is use of the service
    page.goto("/data")
    page.get_by_text("which you accepted by going on").wait_for()
    assert page.locator("#governs ~ .table").get_by_text("not yet").count() == 0

    for check in CHECKS:
        if set(CHECKS[check].promises) & {
            Promise.VERSIONS_PUBLIC, Promise.CHANGE_NOTICE, Promise.NOTICE_WITHOUT_MAIL, Promise.ACCEPTANCE_BY_USE,
            Promise.USE_UNDER_VERSION,
        }:  # fmt: skip
            assert running.run_one(check, datetime.now(UTC)).why == ""
    for sentence in ("2.1", "2.2", "2.3", "2.4", "2.5"):
        page.goto(f"/policy/sentence/{sentence}")
        assert page.locator(".verdict .state").inner_text() == "holds", sentence
