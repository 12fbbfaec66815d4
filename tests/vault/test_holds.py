"""
A hold keeps some fields of an erased person under a key of its own: for the law alone, until its day.

Tried: keeping every field and not those in scope, letting the person's RIGHTS open a held label in the
gate, and leaving the puncture out of `holds_ending.finish` each fail one of these.
"""

from datetime import timedelta
from uuid import uuid4

import pytest

from avow.errors import BadInput, Erased, HeldByLaw, NotFound, PurposeRefused, Refused
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import (
    catalogue,
    erasure,
    gate,
    governing,
    holds,
    holds_ending,
    holds_keeping,
    holds_moving,
    opening,
    persons,
    stores,
)
from avow.vault.actor import SERVICE
from avow.vault.models import HeldField, Hold, SealedField
from avow.vault.visibility import visible
from tests.vault.holding import ONE, OTHER, copied, enrolled, erase, hold_on, opened, release

pytestmark = [pytest.mark.proves(Promise.LEGAL_DISCLOSURE, Promise.DE_IDENTIFY)]


@pytest.fixture
def ada(house, publish, now):
    publish(Purpose.ACCOUNT, Purpose.LEGAL, on=now - timedelta(days=50))
    return enrolled(now)


def house_policy(now):
    return governing.in_force(now).sha256


def test_what_is_in_scope_outlives_the_erasure_and_nothing_else_does(ada, now):
    hold = hold_on(ada, now)
    erase(ada, now)
    assert opened(hold, now) == "the email" and opened(hold, now, "nickname") is None
    assert list(HeldField.objects.values_list("field", flat=True)) == ["email"]
    with pytest.raises(Erased):
        opening.open_field(ada, "email", Purpose.LEGAL, by=SERVICE, now=now)
    with visible(ada):
        assert not SealedField.objects.filter(person=ada).exists()


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - {Purpose.LEGAL}))
def test_it_opens_for_nothing_but_the_law_not_by_the_blob_either(ada, now, purpose):
    hold = hold_on(ada, now)
    erase(ada, now)
    with pytest.raises(HeldByLaw):
        opened(hold, now, purpose=purpose)
    with pytest.raises(PurposeRefused):
        gate.permit(holds.find(hold).subject, [(gate.HELD + "email", house_policy(now))], purpose, now=now)


@pytest.mark.parametrize("how", ["its day", "release"])
def test_after_its_end_nothing_opens_from_any_copy(ada, now, how):
    """It bites: without `erasure.erase` in `holds_ending.finish` the copy of the row opens with the hold's key."""
    hold = hold_on(ada, now)
    erase(ada, now)
    row = holds.find(hold)
    subject, copy = row.subject, row.held.get()
    assert copied(subject, copy) == b"the email", "before the end, a copy opens with the key"
    end = row.until if how == "its day" else now
    if how == "its day":
        assert (holds_ending.end_due(now=end - timedelta(seconds=1)), holds_ending.end_due(now=end)) == (0, 1)
    else:
        release(hold, now)
        with pytest.raises(Refused, match="ended"):
            holds_ending.confirm_release(hold, by=OTHER, now=now)
        holds_ending.finish(hold, now=now)
    for at in (now, end):
        with pytest.raises(Erased):
            opened(hold, at)
    with pytest.raises(Erased):
        copied(subject, copy)
    row.refresh_from_db()
    assert (row.state, row.person, row.subject) == ("ended", None, None) and not HeldField.objects.exists()


def test_a_store_that_forgets_first_keeps_it_as_well_and_killed_after_the_puncture_it_is_there(ada, now, monkeypatch):
    hold = hold_on(ada, now)
    with monkeypatch.context() as killed:
        killed.setattr(erasure, "_delete", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        next(store for store in stores.stores() if store.name == "vault").forget(ada, request=uuid4(), now=now)
        request = uuid4()
        with pytest.raises(KeyboardInterrupt):
            erasure.erase(ada, request=request, asked_by=SERVICE, now=now)
    erasure.erase(ada, request=request, asked_by=SERVICE, now=now)
    assert opened(hold, now) == "the email" and persons.standing(ada).erased_at


def test_a_hold_has_an_end_within_ninety_days_and_two_officers(ada, now):
    for days in (None, 0, 91):
        until = None if days is None else now + timedelta(days=days)
        with pytest.raises(BadInput, match="ends"):
            holds.propose(ada, ["email"], basis="file 7", until=until, by=ONE, now=now)
    for names, basis in (([], "file"), (["email"], " "), (["shoe"], "file"), (["diary"], "file")):
        with pytest.raises(BadInput):
            holds.propose(ada, names, basis=basis, until=now + timedelta(days=9), by=ONE, now=now)
    hold = holds.propose(ada, ["email"], basis="file 7", until=now + timedelta(days=9), by=ONE, now=now)
    with pytest.raises(Refused, match="another officer"):
        holds.confirm(hold, by=ONE, now=now)
    holds.confirm(hold, by=OTHER, now=now)
    with pytest.raises(Refused, match="Reload"):
        holds.confirm(hold, by=OTHER, now=now)
    with pytest.raises(NotFound):
        holds.confirm(uuid4(), by=OTHER, now=now)


def test_what_only_one_proposed_keeps_nothing(ada, now):
    hold = holds.propose(ada, ["email"], basis="file 7", until=now + timedelta(days=9), by=ONE, now=now)
    erase(ada, now)
    with pytest.raises(Refused):
        holds.confirm(hold, by=OTHER, now=now)
    assert not HeldField.objects.exists()
    with pytest.raises(Erased):
        holds.propose(ada, ["email"], basis="file 8", until=now + timedelta(days=9), by=ONE, now=now)


def test_an_erasure_beside_the_end_of_a_hold_leaves_no_key_and_no_copy(ada, now, monkeypatch):
    """It bites: if `_keep` does not ask once more whether the hold stands, it keeps under a key that has just died."""
    hold, real = hold_on(ada, now), holds_moving.find

    def ended_just_before(number, **how):
        monkeypatch.undo()
        release(hold, now)
        return real(number, **how)

    subject = holds.find(hold).subject
    monkeypatch.setattr(holds_keeping.holds_moving, "find", ended_just_before)
    holds.keep(ada, now=now)
    assert persons.standing(subject).erased_at and not HeldField.objects.exists()


def test_the_officer_whom_a_hold_is_about_has_no_part_in_it(ada, now):
    with pytest.raises(Refused, match="other officers"):
        holds.propose(ada, ["email"], basis="file 7", until=now + timedelta(days=9), by=ada, now=now)
    hold = holds.propose(ada, ["email"], basis="file 7", until=now + timedelta(days=9), by=ONE, now=now, gagged=True)
    with pytest.raises(NotFound):
        holds.confirm(hold, by=ada, now=now)


def test_a_gagged_hold_shows_to_its_person_nowhere(ada, now):
    open_one, secret = hold_on(ada, now), hold_on(ada, now, ["nickname"], gagged=True)
    assert [row.pk for row in holds.tellable(ada, now=now)] == [open_one]
    erase(ada, now)
    assert [row.pk for row in holds.kept(ada)] == [open_one] and opened(secret, now, "nickname") == "the nickname"


def test_the_check_is_shown_to_fail(ada, now, shown_to_fail, monkeypatch):
    assert catalogue.FIELDS
    with shown_to_fail("holds-end", how="the end of a hold leaves its key", now=lambda: now) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(holds_ending.erasure, "erase", _only_people(erasure.erase))
            assert "still opens" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(holds_moving, "stands", lambda row, now: row.state == "standing")
            assert "after its day" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(
                holds_keeping, "FIELDS", holds_keeping.FIELDS.replace("coalesce(%(since)s", "least(%(since)s")
            )
            assert "outside its dates" in trial.fails()
        trial.holds()
    assert not Hold.objects.filter(state="standing").exists()


def _only_people(erase):
    """An erasure that leaves a hold's own key alone."""

    def broken(person, *, request, asked_by, now):
        return (
            None
            if Hold.objects.filter(subject=person).exists()
            else erase(person, request=request, asked_by=asked_by, now=now)
        )

    return broken
