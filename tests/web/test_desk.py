"""
The desk is there for its officers alone, and shows states, clocks and counts, never a person.

It bites: without `staff_only` on a view, the first test fails (tried).
"""

from datetime import UTC, datetime

import pytest

ROOMS = [
    "/desk",
    "/desk/requests",
    "/desk/cases",
    "/desk/messages",
    "/desk/usage",
    "/desk/improvement",
    "/desk/releases",
    "/desk/agents",
    "/desk/law",
    "/desk/holds",
    "/desk/openings",
    "/desk/policy",
]


@pytest.mark.parametrize("path", ROOMS)
def test_for_others_there_is_nothing_here(ada, path):
    assert ada.get(path).status_code == 404


@pytest.mark.parametrize("path", ROOMS)
def test_an_officer_enters(officer, path):
    assert officer.get(path).status_code == 200


@pytest.mark.parametrize("path", [*ROOMS, "/data", "/policy/versions", "/policy/sentence/3a.2"])
def test_the_reader_is_at_one_door(officer, path):
    assert officer.get(path).content.decode().count('aria-current="page"') == 1


def test_the_wall_has_every_sentence_in_order_and_can_show_one_state(officer, house):
    text = officer.get("/desk").content.decode()
    places = [text.index(f'<li id="{s.id}">') for s in house.version.bound.document]
    assert places == sorted(places)
    only = officer.get("/desk?state=statement").content.decode()
    assert only.count('<li id="') == 1 + only.count('<li id="page')
    assert officer.get("/desk?state=nonsense").content.decode().count('<li id="') == 40


def test_the_desk_sees_requests_and_no_person(officer, house):
    from avow.requests import erasing
    from avow.vault.actor import THE_PERSON
    from tests.web.conftest import resident

    grace = resident("grace@example.com", name="Grace Hopper")
    erasing.ask(grace.person, by=THE_PERSON, now=datetime.now(UTC))
    text = officer.get("/desk/requests").content.decode()
    assert "erasure" in text
    for secret in ("grace", "Grace", str(grace.person)):
        assert secret not in text


def test_breaking_a_mechanism_turns_its_sentence_on_the_wall(officer, monkeypatch):
    from avow.evidence import running
    from avow.policy.promises import CHECKS

    now = datetime.now(UTC)
    running.run_due(now)
    name = next(iter(CHECKS))
    broken = type(CHECKS[name])(**{**vars(CHECKS[name]), "run": lambda _now: "it was broken for a test"})
    monkeypatch.setitem(CHECKS, name, broken)
    running.run_one(name, datetime.now(UTC))
    text = officer.get("/desk?state=failing").content.decode()
    assert "it was broken for a test" in text


def test_the_wall_says_what_the_law_asks_besides(officer, monkeypatch):
    from django.conf import settings

    from avow.policy.law import Profile

    said = officer.get("/desk").content.decode()
    assert (
        "What the law asks besides" in said and "Directive 2002/58/EC" in said and 'href="/policy/sentence/4.5"' in said
    )
    assert "What the law asks besides" not in officer.get("/desk?state=holds").content.decode()
    monkeypatch.setattr(settings, "LAW", Profile.NONE)
    assert "What the law asks besides" not in officer.get("/desk").content.decode()
