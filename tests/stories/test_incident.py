"""
Something went wrong, in a real Chromium: an officer registers it and sees the clock, finds whom it touched, assesses it,
carries the notice to the authority, looks at the letter and sends it; another agrees that it is over; its person reads it.

The same steps are tried broken in tests/sharing and tests/web/test_incident_pages.py; here they are walked, with and
without JavaScript.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from avow.policy.promises import Promise
from tests.stories.holding import keeps_its_word
from tests.stories.test_anyone_can_use_it import FOUND, RIGHT
from tests.stories.test_law import sign_in
from tests.stories.test_one_person_through_the_house import ADDRESS, sign_up
from tests.web.conftest import resident

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.proves(Promise.BREACH_REGISTER)]
HAPPENED = "A backup lay open on a share that the whole office could read."
CONSEQUENCES = "Somebody could have read your name and your phone number."
MEASURES = "The share is closed and its readers were asked. You need do nothing."


def at(hours):
    return (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")


def work():
    """What the worker does."""
    from avow.sharing import incidents_finding, incidents_telling

    incidents_finding.find_all(clock=lambda: datetime.now(UTC))
    incidents_telling.tell_all(clock=lambda: datetime.now(UTC))


def usable(page, name):
    """The page as it stands has names, sizes, order and no overflow, wide and narrow, in the light and in the dark."""
    for width, scheme in ((320, "dark"), (1280, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate(FOUND)
        if os.environ.get("AVOW_LOOK"):
            page.screenshot(path=f"{os.environ['AVOW_LOOK']}/{name}-{width}.png", full_page=True)
        assert {what: found[what] for what in RIGHT} == RIGHT, (name, width)


def section(page, heading):
    return page.locator("section", has=page.get_by_role("heading", name=heading, exact=True))


def test_from_the_first_word_to_the_last(page, site):
    from avow.people import desk

    sign_up(page)
    for address in ("one@example.com", "two@example.com"):
        resident(address)
        desk.grant(address, datetime.now(UTC))
    sign_in(page, "one@example.com")
    register(page)
    find(page)
    assess(page)
    tell_the_authority(page)
    tell_the_people(page)
    section(page, "Close it").get_by_label("Why").fill("Shares are looked at each week now.")
    page.get_by_role("button", name="Propose to close it").click()
    page.get_by_text("You proposed it; another officer agrees.").wait_for()

    sign_in(page, "two@example.com")
    page.goto("/desk")
    page.get_by_role("link", name="Somebody looked who may not").click()
    page.get_by_text("Shares are looked at each week now.").first.wait_for()
    usable(page, "incident-waits")
    page.get_by_role("button", name="Agree that it is over").click()
    page.get_by_text("It is decided by two.").wait_for()
    page.get_by_role("heading", name="Open it again").wait_for()

    sign_in(page, ADDRESS)
    page.get_by_role("link", name="Read what happened, and what you can do").click()
    for said in (HAPPENED, CONSEQUENCES, MEASURES, "Phone number"):
        page.get_by_text(said).first.wait_for()
    usable(page, "incident-of-a-person")
    keeps_its_word(page, "5.5")


def register(page):
    """Enter it, with a mistake first; then the clock stands on the wall."""
    page.goto("/desk/incidents")
    page.get_by_text("No incident is registered.").wait_for()
    page.get_by_label("somebody looked who may not").check()
    page.get_by_label("What happened").fill(HAPPENED)
    page.get_by_label("How it was found").fill("Somebody of the office said so.")
    page.get_by_label("It began").fill(at(-30))
    page.get_by_label("Somebody became aware").fill(at(30))
    page.get_by_role("button", name="Register it").click()
    page.get_by_text("none of its times can be later than now").wait_for()
    page.get_by_label("Somebody became aware").fill(at(-3))
    usable(page, "incidents")
    page.get_by_role("button", name="Register it").click()
    page.get_by_text("The incident is registered.").wait_for()
    page.goto("/desk")
    page.get_by_text("68 hours left to tell the authority; people").wait_for()
    usable(page, "wall-with-a-clock")
    page.get_by_role("link", name="Somebody looked who may not").click()


def find(page):
    """Look for who had a phone number."""
    touched = section(page, "Whom it touched")
    touched.locator("summary", has_text="Who had certain fields").click()
    touched.get_by_label("Phone number").check()
    touched.get_by_role("button", name="Look for them").locator("visible=true").click()
    page.get_by_text("under way").first.wait_for()
    work()
    page.get_by_role("link", name="look again").click()
    section(page, "Whom it touched").get_by_text("1 person").first.wait_for()


def assess(page):
    part = section(page, "What it means for people")
    part.get_by_label("likely to do people serious harm").check()
    for label in ("Name", "Phone number"):
        part.get_by_label(label, exact=True).check()
    part.get_by_label("About how many records").fill("2")
    part.get_by_label("What may follow for people").fill(CONSEQUENCES)
    part.get_by_label("What was done about it, and what people can do").fill(MEASURES)
    part.get_by_role("button", name="Write it down").click()
    page.get_by_text("The assessment is written down.").wait_for()


def tell_the_authority(page):
    part = section(page, "The authority")
    with page.expect_download() as taken:
        part.get_by_role("link", name="Download the notice").click()
    said = Path(taken.value.path()).read_text()
    assert HAPPENED in said and "About 1 person" in said and ADDRESS not in said and "Lovelace" not in said
    part.locator("summary", has_text="The authority was told").click()
    part.get_by_role("button", name="Write down that it was told").click()
    page.get_by_text("It is written down that the authority was told.").wait_for()


def tell_the_people(page):
    """Look at the letter, then send it; the page says how far it came."""
    part = section(page, "The people")
    part.locator("summary", has_text="Tell them").click()
    part.get_by_label("What happened, for the people").fill(HAPPENED)
    part.get_by_role("button", name="Look at the letter").click()
    page.get_by_role("heading", name="Something went wrong with your data").wait_for()
    usable(page, "incident-letter")
    page.get_by_role("button", name="Tell 1 person").click()
    page.get_by_text("The people are being told.").wait_for()
    work()
    page.reload()
    page.get_by_role("cell", name="0", exact=True).first.wait_for()
    assert "Told." in section(page, "The people").inner_text()
    usable(page, "incident")
