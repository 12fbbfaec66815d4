"""
What a keyboard, a narrow screen and a screen reader need, measured in a real Chromium on every page (WCAG 2.2 AA).

Contrast is computed in tests/web/test_contrast.py; here are names, sizes, order and overflow.

It bites: a button of 20 px, a field without label, or `inline-size: 30rem` on a form each fail here (tried).
"""

import os
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.communications.changing import TWO, newer
from tests.stories.test_one_person_through_the_house import ADDRESS, sign_up

pytestmark = pytest.mark.needs("chromium")
OUTSIDE = [
    "/",
    "/policy",
    "/policy/sentence/3a.2",
    "/policy/versions",
    "/policy/changes/1/2",
    "/announcements",
    "/verify",
    "/questions",
    "/recipients",
    "/browser",
    "/security",
    "/demo/write",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/signup/passkey/",
    "/accounts/signup/number/",
    "/accounts/password/reset/",
    "/recover",
]
DESK = [
    "/desk",
    "/desk/requests",
    "/desk/cases",
    "/desk/messages",
    "/desk/messages/write",
    "/desk/usage",
    "/desk/improvement",
    "/desk/releases",
    "/desk/agents",
    "/desk/law",
    "/desk/holds",
    "/desk/incidents",
    "/desk/openings",
    "/desk/staff",
    "/desk/flags",
    "/desk/policy",
]
INSIDE = [
    "/data",
    "/recorded",
    "/received-by",
    "/incidents",
    "/shared-with",
    "/sign-in-ways",
    "/history",
    "/data/phone/code",
    "/messages",
    "/requests",
    "/delete",
    "/accounts/password/change/",
    "/accounts/logout/",
]
FOUND = """() => {
  const seen = (e) => e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().width > 1;
  const named = (e) => (e.getAttribute("aria-label") || e.textContent || "").trim() || e.querySelector("title");
  const all = (what) => [...document.querySelectorAll(what)].filter(seen);
  const inText = (e) => e.closest("p, dd, td, th, .sentence, .errorlist, .why, .goes li, .timeline p");
  const size = (e) => { const b = e.getBoundingClientRect(); return Math.min(b.width, b.height); };
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  const levels = all("h1, h2, h3, h4, h5, h6").map((e) => Number(e.tagName[1]));
  return {
    sideways: document.documentElement.scrollWidth - innerWidth,
    nameless: all("a, button, summary").filter((e) => !named(e)).map((e) => e.outerHTML.slice(0, 80)),
    unlabelled: all("input:not([type=hidden]), select, textarea").filter((e) => !e.labels.length).map((e) => e.name),
    small: all("a, button, summary, input:not([type=hidden])").filter((e) => !inText(e) && size(e) < 23.5)
      .map((e) => [e.outerHTML.slice(0, 90), size(e)]),
    twice: ids.filter((id, at) => ids.indexOf(id) !== at),
    lost: [...document.querySelectorAll("[aria-describedby]")].flatMap((e) => e.getAttribute("aria-describedby").split(" "))
      .filter((id) => !document.getElementById(id)),
    jumps: levels.filter((level, at) => at && level > levels[at - 1] + 1),
    firsts: levels.filter((level) => level === 1).length,
    landmarks: ["header", "main", "footer"].filter((name) => !document.querySelector(name)),
    language: document.documentElement.lang,
  };
}"""
RIGHT = {
    "sideways": 0, "nameless": [], "unlabelled": [], "small": [], "twice": [], "lost": [], "jumps": [], "firsts": 1,
    "landmarks": [], "language": "en",
}  # fmt: skip


@pytest.mark.parametrize("page", [True], indirect=True, ids=["with-javascript"])
def test_every_page_can_be_used_by_anyone(page):
    from avow.communications import campaigns, links, opting_out
    from avow.communications.classes import Topic
    from avow.people import desk, not_me, phone_codes, queries
    from avow.requests import account_log
    from tests.communications import topics

    change_the_policy()
    wrong = look(page, OUTSIDE)
    sign_up(page)
    person = queries.person_at(ADDRESS)
    for kind in opting_out.EVERYTHING:
        topics.send(person, kind)
    opting_out.opt_out(person, [Topic.USAGE], way="link", now=topics.now())
    draft = campaigns.compose(Topic.ANNOUNCEMENTS, "News", "Something new.", now=topics.now()).pk
    desk.grant(ADDRESS, topics.now())
    phone_codes.begin(person, now=topics.now())
    act = f"/history/{account_log.of(person)[-1].entry_id}"
    not_mine = not_me.link(person, at=topics.now(), address_back=True).partition("/not-me/")[2]
    stops = [f"/unsubscribe/{links.token_for(person, kind)}" for kind in links.SCOPES]
    links_of_letters = [act, f"/not-me/{not_mine}", *stops]
    wrong += look(page, [*INSIDE, *links_of_letters, *DESK, f"/desk/messages/{draft}", "/demo/mail"])
    assert wrong == []


def change_the_policy():
    """Publish a next text, so that every page carries the banner of a change."""
    from avow.communications import publishing

    now = datetime.now(UTC)
    publishing.publish(*newer((now + timedelta(days=31)).date()), text="A change.", by="a test", now=now, signed=TWO)


def look(page, paths):
    wrong = []
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for path in paths:
            page.goto(path)
            found = page.evaluate(FOUND)
            if os.environ.get("AVOW_LOOK"):
                name = re.sub(r"[^a-z0-9]+", "-", path[:40].lower()).strip("-") or "front"
                page.screenshot(path=f"{os.environ['AVOW_LOOK']}/{name}-{width}.png", full_page=True)
            wrong += [(path, width, what, found[what]) for what in RIGHT if found[what] != RIGHT[what]]
    return wrong


@pytest.mark.parametrize("page", [False], indirect=True, ids=["without-javascript"])
def test_the_keyboard_reaches_the_text_first_and_shows_where_it_is(page):
    page.goto("/policy")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#0.1"
    page.locator('[id="0.1"] .note').wait_for()


@pytest.mark.parametrize("page", [True], indirect=True, ids=["with-javascript"])
def test_paper_gets_the_text_and_not_the_frame(page):
    page.goto("/policy#3a.2")
    page.emulate_media(media="print")
    assert not page.locator("nav").first.is_visible()
    assert not page.locator('[id="3a.2"] .note').is_visible()
    page.locator('[id="3a.2"] .mark').first.wait_for()
