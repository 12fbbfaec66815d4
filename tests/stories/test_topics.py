"""
Four topics in a real Chromium, with JavaScript and without: sent, read as letters and in the account, ended by the link of a
letter at one click, switched on again and all off; and the three sentences about it hold.

That each step bites is shown in tests/promises/test_opt_out.py and tests/web/test_topics.py, where it is broken alone.
"""

import re
from datetime import UTC, datetime

import pytest

from avow.policy.promises import Promise
from tests.stories.test_one_person_through_the_house import ADDRESS, sign_up

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.proves(Promise.CONTACT_LIMIT, Promise.CLOSED_TOPICS, Promise.OPT_OUT),
]
CHECKS = {
    "every-message-went-through-the-door": "3a.4",
    "an-address-that-is-dead-is-written-to-no-more": "3a.4",
    "every-message-has-a-topic-of-the-policy": "3a.5",
    "opt-out-works": "3a.6",
}


def test_four_topics_and_their_ends(page):
    from avow.communications.classes import Topic
    from avow.people import queries
    from tests.communications.topics import fate, send

    sign_up(page)
    person = queries.person_at(ADDRESS)
    for topic in Topic:
        assert fate(send(person, topic)) == ("kept", "")

    page.goto("/demo/mail")
    letter = page.locator("article", has_text="No more mails about new versions")
    assert "§3a.5" in letter.inner_text()
    link = letter.locator("a[href*='/unsubscribe/']").first
    page.goto("/messages")
    page.get_by_text("4 messages not marked as read.").wait_for()
    page.locator("summary", has_text="Read it").first.click()
    page.locator(".as-written").first.wait_for()
    page.get_by_role("button", name="Mark as read").first.click()
    page.get_by_text("3 messages not marked as read.").wait_for()

    page.goto("/demo/mail")
    link.click()
    page.get_by_role("heading", name="End these letters?").wait_for()
    page.locator("#choose").wait_for()
    assert fate(send(person, Topic.NEW_VERSIONS)) == ("kept", "")  # looking has changed nothing
    page.get_by_role("button", name="No more about new versions").click()
    page.get_by_role("heading", name="You get no more of these").wait_for()
    assert fate(send(person, Topic.NEW_VERSIONS)) == ("suppressed", "switched-off")

    page.goto("/messages")
    assert not page.get_by_label("New versions").is_checked()
    page.get_by_text(re.compile("Off since .*by the link in a letter")).wait_for()
    page.get_by_text("stopped: you switched its mail off").wait_for()
    page.get_by_label("New versions").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text(re.compile("Saved at")).wait_for()
    assert fate(send(person, Topic.NEW_VERSIONS)) == ("kept", "")

    page.get_by_role("button", name="Everything off").click()
    page.get_by_text(re.compile("Off since")).nth(4).wait_for()
    for topic in set(Topic) - {Topic.SECURITY_ALERTS}:
        assert fate(send(person, topic)) == ("suppressed", "switched-off")
    assert fate(send(person, Topic.SECURITY_ALERTS)) == ("in-account", "switched-off")

    run([*CHECKS, "a-number-is-used-only-with-its-own-yes"])
    for check, sentence in CHECKS.items():
        holds(page, check, sentence)


def run(checks):
    """Run checks as the service does: a sentence holds once all of its have."""
    from avow.evidence import running

    for check in checks:
        assert running.run_one(check, datetime.now(UTC)).held, check


def holds(page, check, sentence):
    """Read the mark beside a sentence, which names the check."""
    page.goto(f"/policy/sentence/{sentence}")
    assert page.locator(".verdict .state").inner_text() == "holds"
    assert page.get_by_text(check).first.is_visible() or page.get_by_text(check.replace("-", " ")).first.is_visible()
