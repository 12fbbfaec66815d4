"""
Two people write to info@, in a real Chromium, with JavaScript and without: one is erased by a mail, a link and a button,
the other asks, is answered at the desk, and reads it in both places. At the end the policy's sentences say "holds".

Meant to bite: a confirmation page that acts when it is opened, a letter without its link, or an answer that stays out of
the thread, each stops the journey (not tried yet).
"""

import re
from datetime import UTC, datetime

import pytest

from avow.policy.promises import Promise
from tests.stories.test_one_person_through_the_house import ADDRESS, sign_up
from tests.stories.test_the_wall_turns import enter_as_officer
from tests.web.conftest import resident

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.proves(Promise.REQUEST_BY_MAIL, Promise.QUESTIONS, Promise.QUESTIONS_ANSWERED),
]
WATCHED = {Promise.REQUEST_BY_MAIL, Promise.QUESTIONS, Promise.QUESTIONS_ANSWERED, Promise.ACCESS_AND_ERASE}


def write(page, address, subject, text):
    page.goto("/demo/write")
    page.get_by_label("Your e-mail address").fill(address)
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Your question").fill(text)
    page.get_by_role("button", name="Send the mail").click()
    page.wait_for_url("**/demo/mail")


def letter(page, subject):
    """Wait for a letter of the demo and return it."""
    for _ in range(40):
        page.goto("/demo/mail")
        found = page.locator("article.letter", has_text=subject)
        if found.count():
            return found.first
        page.wait_for_timeout(150)
    raise AssertionError(f"no letter says {subject}")


def test_an_erasure_by_mail(page, site):
    sign_up(page)
    page.context.clear_cookies()
    write(page, ADDRESS, "My account", "Please delete my account and everything you hold about me.")
    letter(page, "Do you want to be erased").get_by_role("link", name="/requests/confirm/").click()
    page.get_by_role("heading", name="Erase everything?").wait_for()
    link = page.url
    page.reload()
    page.get_by_role("button", name="Yes, erase everything").click()
    page.wait_for_url("**/certificates/*")
    page.get_by_role("heading", name="Certificate of erasure").wait_for()
    assert page.request.get(link).status == 410
    holds(page, "3a.3")
    page.goto("/policy/sentence/7.2")
    assert (
        "A mail becomes a case" in page.locator("main").inner_text()
    )  # the opt-out, its other half, has its own story


def test_a_question_by_mail(page, site):
    resident("bo@example.com", name="Bo Lindqvist")
    write(page, "bo@example.com", "Reports", "How long do you keep what I enter in a report?")
    first = letter(page, "We received your mail").inner_text()
    number = re.search(r"\[([\w-]{14})\]", first)[1]
    enter_as_officer(page)
    page.goto("/desk/cases")
    assert "bo@example.com" not in page.locator("main").inner_text()
    page.get_by_role("link", name=number).click()
    page.get_by_text("How long do you keep what I enter in a report?").wait_for()
    page.get_by_label("Your answer").fill("For one year.\n\nThen it is removed by itself.")
    page.get_by_role("button", name="Send the answer").click()
    page.locator(".thread .ours").get_by_text("For one year.").wait_for()
    assert "For one year." in letter(page, "The answer of").inner_text()
    write(page, "bo@example.com", f"Re: The answer [{number}]", "Thank you. And backups?")
    enter(page, "bo@example.com")
    said = []
    for _ in range(40):
        page.goto("/requests")
        said = page.locator(f'[id="{number}"] .thread .text').all_inner_texts()
        if len(said) == 3:
            break
        page.wait_for_timeout(150)
    assert said == [
        "How long do you keep what I enter in a report?", "For one year.\n\nThen it is removed by itself.",
        "Thank you. And backups?",
    ]  # fmt: skip
    holds(page, "6.2", "8.1", "8.2")


def enter(page, address):
    """Sign the browser in as somebody who is there."""
    from django.test import Client

    from avow.people import queries
    from avow.people.models import Account

    client = Client()
    person = queries.person_at(address)
    client.force_login(
        Account.objects.get(person=person), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    page.context.clear_cookies()
    page.goto("/policy")
    page.context.add_cookies(
        [{"name": name, "value": morsel.value, "url": page.url} for name, morsel in client.cookies.items()]
    )


def holds(page, *sentences):
    """Run the live checks of the sentences, and read on their pages that they hold."""
    from avow.evidence import running
    from avow.policy.promises import CHECKS

    for name, check in CHECKS.items():
        if set(check.promises) & WATCHED:
            running.run_one(name, datetime.now(UTC))
    for sentence in sentences:
        page.goto(f"/policy/sentence/{sentence}")
        verdict = page.locator(".verdict")
        assert verdict.locator(".state").inner_text() == "holds", verdict.inner_text()
