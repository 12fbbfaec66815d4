"""
What a hold kept of an erased person can be handed over, by the same two signatures, and by nothing else.

Tried: a `_kept_by` that asks for no standing hold, one that lets other fields in, and a case that outlives its hold each
fail one of these.
"""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from avow.errors import AvowError, BadInput, Erased, NotFound, Refused
from avow.policy.promises import Promise
from avow.requests import erasing
from avow.sharing import disclosures, disclosures_packing, disclosures_queries, disclosures_telling
from avow.sharing.disclosures import Wish
from avow.sharing.disclosures_models import Disclosure
from avow.sharing.disclosures_states import Class, State
from avow.vault import checks, holds, holds_ending
from avow.vault.actor import THE_PERSON
from avow.vault.models import Egress, OpeningCase
from tests.vault.holding import ONE, OTHER, hold_on, release

pytestmark = [pytest.mark.proves(Promise.LEGAL_DISCLOSURE)]


@pytest.fixture
def hold(ada, now):
    """A hold on a name; its person has been erased since."""
    placed = hold_on(ada.person, now, names=("name",))
    erasing.push(erasing.ask(ada.person, by=THE_PERSON, now=now).pk, now=now)
    return placed


@pytest.fixture
def wish(hold, now):
    def made(**other):
        plain = {
            "authority": "District Court", "kind": Class.LEGAL_PROCESS, "basis": "file 2026/113", "person": None,
            "fields": ["name"], "since": now - timedelta(days=30), "until": now + timedelta(days=1), "hold": hold,
            "necessity": "The court's order names what the hold keeps and asks who that was.",
        }  # fmt: skip
        return Wish(**{**plain, **other})

    return made


def test_two_sign_and_what_is_kept_leaves_once(wish, now):
    case = disclosures.draft(wish(), by=ONE, now=now)
    (seen,) = disclosures_queries.cases(OTHER, now, signs=True)
    assert "asks who that was" in seen.necessity
    with pytest.raises(Refused, match="another officer"):
        disclosures.approve(case, by=ONE, now=now)
    disclosures.approve(case, by=OTHER, now=now)
    disclosures_packing.pack(case, by=ONE, now=now)
    package = json.loads(disclosures_packing.hand_over(case, now=now))
    assert [value["value"] for value in package["fields"]["name"]] == ["Ada Lovelace"]
    row = disclosures.find(case)
    assert (row.state, row.person, row.sealed_note, row.sealed_package) == (State.CLOSED, None, None, None)
    assert Egress.objects.count() == 1
    assert OpeningCase.objects.get().whole == 1, "the officer opened it under a case"
    with pytest.raises(Refused):
        disclosures_packing.hand_over(case, now=now)


@pytest.mark.parametrize(
    ("other", "said"),
    [({"fields": ["email"]}, "keeps name and no more"), ({"hold": None}, "Name the address"), ({"until": None}, "span of time")],
)  # fmt: skip
def test_what_it_does_not_keep_is_refused(wish, now, other, said):
    with pytest.raises(BadInput, match=said):
        disclosures.draft(wish(**other), by=ONE, now=now)
    assert not Disclosure.objects.exists()


def test_a_ban_to_tell_and_a_person_beside_the_hold_are_refused(wish, ada, now):
    for other in ({"withheld_until": now + timedelta(days=3)}, {"person": ada.person}):
        with pytest.raises(BadInput):
            disclosures.draft(wish(**other), by=ONE, now=now)


def test_a_hold_on_somebody_who_is_here_is_no_way_around_them(wish, ada, now):
    from tests.requests.asking import make_someone

    eve = make_someone("eve@example.com", password=None, now=now)
    own = hold_on(eve, now, names=("email",))
    with pytest.raises(Refused, match="name the account"):
        disclosures.draft(wish(hold=own, fields=["email"]), by=ONE, now=now)
    assert [one.pk for one in holds.keeping(apart_from=ONE, now=now)] == [wish().hold]
    with pytest.raises(NotFound):
        disclosures.draft(wish(hold=own), by=eve, now=now)


def test_when_the_hold_ends_its_cases_end_and_nothing_of_them_opens(wish, hold, now):
    """Tried: without `end_with_holds` the case goes on and names a key that is gone."""
    case = disclosures.draft(wish(), by=ONE, now=now)
    disclosures.approve(case, by=OTHER, now=now)
    disclosures_packing.pack(case, by=ONE, now=now)
    assert disclosures_telling.end_with_holds(now) == 0
    release(hold, now)
    with pytest.raises(AvowError, match="hold that kept this has ended"):
        disclosures_packing.hand_over(case, now=now)
    assert disclosures_telling.end_with_holds(now) == 1
    row = disclosures.find(case)
    assert (row.state, row.person, row.sealed_note, row.sealed_package) == (State.WITHDRAWN, None, None, None)
    assert disclosures_telling.end_with_holds(now) == 0
    with pytest.raises(Refused, match="name the account"):
        disclosures.draft(wish(), by=ONE, now=now)


def test_on_its_day_too(wish, now):
    disclosures.draft(wish(), by=ONE, now=now)
    later = now + timedelta(days=31)
    holds_ending.end_due(now=later)
    assert disclosures_telling.end_with_holds(later) == 1


@pytest.mark.parametrize("step", ["pack", "hand over"])
def test_nothing_leaves_from_the_day_on_though_nobody_has_ended_anything_yet(wish, now, step):
    """Tried: a `whose` that looks at no hold packs and hands over until the worker comes by, or for ever without one."""
    case = disclosures.draft(wish(), by=ONE, now=now)
    later = now + timedelta(days=31)
    disclosures.approve(case, by=OTHER, now=later - timedelta(days=2))
    if step == "hand over":
        disclosures_packing.pack(case, by=ONE, now=later - timedelta(days=2))
    with pytest.raises(Erased, match="nothing of it leaves"):
        if step == "pack":
            disclosures_packing.pack(case, by=ONE, now=later)
        else:
            disclosures_packing.hand_over(case, now=later)
    assert not Egress.objects.exists()


def test_a_hold_that_is_missing_does_not_keep_other_cases_open(wish, hold, ada, now):
    """Tried: a look-up of each hold by itself stops at the first that older data does not know."""
    case = disclosures.draft(wish(), by=ONE, now=now)
    Disclosure.objects.filter(pk=case).update(hold=uuid4())
    other = disclosures.draft(wish(), by=ONE, now=now)
    release(hold, now)
    assert disclosures_telling.end_with_holds(now) == 1
    assert {disclosures.find(each).state for each in (case, other)} == {State.WITHDRAWN}


def test_the_desk_does_not_offer_what_a_live_check_is_trying(hold, now, monkeypatch):
    found = []
    plain = checks._held_wrongly
    monkeypatch.setattr(
        checks, "_held_wrongly",
        lambda trial, *rest: [found.append(holds.keeping(apart_from=ONE, now=now)), plain(trial, *rest)][1],
    )  # fmt: skip
    assert checks.holds_end(now) is None
    assert [one.pk for one in found[0]] == [hold]
