"""
The desk's pages of flags, and the switch by which people let their own data rest.

It bites: each was tried. With `seen` not asked for an erasure is one click; with the list unfiltered an officer meets their
own account; without `rest` among the choices the button does nothing.
"""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from avow.evidence.acts import Act
from avow.people import desk
from avow.people.desk_roles import Role
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.requests import cases, flags
from avow.requests.flag_models import Flag, FlagKind
from avow.vault import attesting, choices
from tests.people import app
from tests.web.conftest import resident

pytestmark = [pytest.mark.proves(Promise.ACCESS_AND_ERASE, Promise.PERSONALISATION_CHOICE)]


def now():
    return datetime.now(UTC)


@pytest.fixture
def grace(house):
    return resident("grace@example.com", name="Grace Hopper")


def test_support_flags_from_a_letter_and_an_officer_decides(grace, officer):
    support = resident("support@example.com", name="S")
    desk.give(support.person, Role.SUPPORT, now=now())
    app.guard(support.person)
    found = cases.ask(grace.person, "My daughter made this account, she is nine.", now=now())
    at = f"/desk/case/{found.number}"
    assert "It seems to be a child’s" in support.get(at).content.decode()
    support.post(at, {"do": "minor"})
    flag = Flag.objects.get()
    assert (flag.kind, flag.reference, flag.put_by) == ("minor", found.number, support.person)
    assert support.get("/desk/flags").status_code == 403
    listed = officer.get("/desk/flags").content.decode()
    assert str(grace.person)[:8] in listed and "Grace" not in listed and str(grace.person) not in listed
    page = f"/desk/flags/{flag.pk}"
    assert "no copy of what lay under it opens any more" in officer.get(page).content.decode()
    refused = officer.post(page, {"decision": "erase"})
    assert refused.status_code == 422 and "tick this" in refused.content.decode() and not Flag.objects.get().decision
    assert officer.post(page, {"decision": "burn"}).status_code == 422
    officer.post(page, {"decision": "erase", "seen": "on"})
    assert Flag.objects.get().decision == "erase"
    assert "Decided" in officer.get(page).content.decode()
    again = officer.post(page, {"decision": "wrong"}, follow=True).content.decode()
    assert "decided meanwhile" in again


def test_an_officer_flags_by_address_or_number_and_never_meets_their_own(grace, officer):
    for whose in ("grace@example.com", str(grace.person)):
        officer.post("/desk/flags", {"whose": whose, "kind": "deceased", "reference": "2026/9"})
    assert Flag.objects.count() == 1
    for wrong in (
        {"whose": "nobody@example.com"},
        {"whose": str(uuid4())},
        {"reference": "Grace Hopper"},
        {"kind": "x"},
    ):
        given = {"whose": "grace@example.com", "kind": "minor"} | wrong
        assert officer.post("/desk/flags", given).status_code == 422, wrong
    own = flags.put(officer.person, FlagKind.MINOR, by=uuid4(), now=now())
    assert str(own.pk) not in officer.get("/desk/flags").content.decode()
    assert officer.get(f"/desk/flags/{own.pk}").status_code == 404
    assert officer.post(f"/desk/flags/{own.pk}", {"decision": "wrong"}).status_code == 404


def test_people_let_their_data_rest_and_wake_it(grace):
    assert "Let my data rest" in grace.get("/recorded").content.decode()
    for _ in range(2):
        grace.post("/recorded/choose", {"what": "rest", "on": "yes"})
    said = choices.of(grace.person, now=now())
    assert said.frozen and said.objected >= {Purpose.PERSONALISATION, Purpose.COMMUNICATION}
    page = grace.get("/recorded").content.decode()
    assert "Your data rests" in page and "Let it be used again" in page
    grace.post("/recorded/choose", {"what": "rest", "on": "no"})
    assert not choices.of(grace.person, now=now()).frozen
    acts = [one.act for one in attesting.acts_of(grace.person)]
    assert acts.count(Act.RESTS) == acts.count(Act.RESTS_NO_MORE) == 1
    assert "You let your data rest" in grace.get("/history").content.decode()
