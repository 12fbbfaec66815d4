"""§1.3 in words: personal data opens for the purposes that the policy names, then and now, and for nothing else.

Bites (each was tried): a gate that always permits; one that looks only at the text in force (old data then opens for what a newer
text added); one that looks only at the text of collection (a narrowed policy then has no effect on old data); an objection that is
not asked; an opening by staff that is not attested.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avow.errors import BadInput, PurposeRefused
from avow.evidence.entries import decode
from avow.policy.promises import Promise
from avow.policy.purposes import ALWAYS, BEYOND_OBJECTION, Purpose
from avow.vault import (
    accepting,
    addresses,
    attesting,
    catalogue,
    choices,
    erasure,
    governing,
    opening,
    opening_cases,
    sealing,
)
from avow.vault.actor import SERVICE, THE_PERSON, Actor, ActorKind, staff
from avow.vault.choices import Choices
from avow.vault.enrolment import enrol
from avow.vault.gate import Rules
from avow.vault.keys.models import Refusal
from avow.vault.models import OpeningReason

pytestmark = [pytest.mark.proves(Promise.PURPOSE_LIMIT)]


def put(person, now, value="Ada", field="nickname"):
    sealing.put(person, field, value, source="a test", now=now)


def opens(person, purpose, now, field="nickname"):
    try:
        return opening.open_field(person, field, purpose, by=SERVICE, now=now) is not None
    except PurposeRefused:
        return False


def outbox(superuser, database):
    with superuser(database) as dba:
        return [decode(bytes(row[0])) for row in dba.execute("SELECT entry FROM evidence_outbox").fetchall()]


def test_what_the_policy_names_opens_and_nothing_else(person, now):
    put(person, now)
    opened = {purpose for purpose in Purpose if opens(person, purpose, now)}
    assert opened == {Purpose.ACCOUNT, Purpose.COMMUNICATION, Purpose.ANALYSIS, Purpose.RIGHTS}


def test_a_field_can_be_narrower_than_the_policy_and_never_wider(person, now):
    put(person, now, field="diary")
    assert {purpose for purpose in Purpose if opens(person, purpose, now, "diary")} == {Purpose.ACCOUNT, Purpose.RIGHTS}


def test_narrowing_acts_at_once_on_old_data_and_widening_waits_for_acceptance(person, publish, now):
    put(person, now)
    newer = publish(Purpose.ACCOUNT, Purpose.IMPROVEMENT)  # drops communication and analysis, adds improvement
    assert {purpose for purpose in Purpose if opens(person, purpose, now)} == {Purpose.ACCOUNT, Purpose.RIGHTS}
    put(person, now, "Ada, under the new text, which she has not accepted")
    assert {purpose for purpose in Purpose if opens(person, purpose, now)} == {Purpose.ACCOUNT, Purpose.RIGHTS}
    accepting.accept(person, newer.sha256, now=now)
    assert {purpose for purpose in Purpose if opens(person, purpose, now)} == {
        Purpose.ACCOUNT, Purpose.IMPROVEMENT, Purpose.RIGHTS,
    }  # fmt: skip


def test_the_person_can_widen_and_take_it_back(person, now):
    put(person, now)
    choices.grant(person, Purpose.IMPROVEMENT, now=now, until=now + timedelta(days=7))
    assert opens(person, Purpose.IMPROVEMENT, now)
    assert not opens(person, Purpose.IMPROVEMENT, now + timedelta(days=8))  # a grant can end by itself
    choices.grant(person, Purpose.IMPROVEMENT, now=now)
    choices.withdraw_grant(person, Purpose.IMPROVEMENT, now=now)
    assert not opens(person, Purpose.IMPROVEMENT, now)


def test_the_person_can_say_no_and_change_their_mind(person, now):
    other = enrol(now=now)
    put(person, now), put(other, now)
    choices.object_to(person, Purpose.ANALYSIS, now=now)
    choices.object_to(person, Purpose.ANALYSIS, now=now)
    choices.object_to(person, Purpose.ACCOUNT, now=now)  # without this there is no account
    assert [opens(p, Purpose.ANALYSIS, now) for p in (person, other)] == [False, True]
    assert opens(person, Purpose.ACCOUNT, now)
    choices.withdraw_objection(person, Purpose.ANALYSIS, now=now)
    assert opens(person, Purpose.ANALYSIS, now)


def test_frozen_data_rests_and_so_does_a_persons_under_erasure(person, now):
    put(person, now)
    choices.freeze(person, now=now)
    assert {purpose for purpose in Purpose if opens(person, purpose, now)} == {Purpose.ACCOUNT, Purpose.RIGHTS}
    choices.lift_freeze(person, now=now)
    assert opens(person, Purpose.COMMUNICATION, now)
    erasure.begin(person, now=now)
    assert not opens(person, Purpose.COMMUNICATION, now)
    assert opens(person, Purpose.RIGHTS, now)


def test_every_way_in_asks_the_same_gate(person, now):
    put(person, now)
    sealed = sealing.seal_blob(person, "letter", b"Dear Ada", now=now)
    token = addresses.token_for("email", "ada@x.example", person, now)
    ways = [
        lambda purpose: opening.open_field(person, "nickname", purpose, by=SERVICE, now=now),
        lambda purpose: opening.open_fields(person, ["nickname"], purpose, by=SERVICE, now=now),
        lambda purpose: opening.history(person, "nickname", purpose, by=SERVICE, now=now),
        lambda purpose: sealing.open_blob(person, "letter", sealed, purpose=purpose, now=now),
        lambda purpose: addresses.open_address(token, person, purpose, now=now),
    ]
    for way in ways:
        assert way(Purpose.ACCOUNT)
        with pytest.raises(PurposeRefused, match="agent-delivery"):
            way(Purpose.AGENT_DELIVERY)
    assert opening.open_each([person], "nickname", Purpose.ACCOUNT, now=now) == {person: "Ada"}
    assert opening.open_each([person], "nickname", Purpose.AGENT_DELIVERY, now=now) == {}


def test_many_at_once_leave_out_who_said_no_and_who_is_gone(house, now):
    people = [enrol(now=now) for _ in range(6)]
    for number, one in enumerate(people):
        put(one, now, f"Person {number}")
    choices.object_to(people[0], Purpose.COMMUNICATION, now=now)
    erasure.erase(people[1], request=uuid4(), asked_by=THE_PERSON, now=now)
    opened = opening.open_each([*people, uuid4()], "nickname", Purpose.COMMUNICATION, now=now, at_once=3)
    assert opened == {one: f"Person {number}" for number, one in enumerate(people) if number > 1}


def test_a_field_that_nobody_declared_does_not_open(person, now):
    with pytest.raises(BadInput, match="shoe"):
        opening.open_field(person, "shoe", Purpose.RIGHTS, by=SERVICE, now=now)


def test_a_refusal_is_counted_though_the_act_is_rolled_back(person, superuser, now):
    put(person, now)
    for _ in range(12):
        with pytest.raises(PurposeRefused), transaction.atomic():
            opening.open_field(person, "nickname", Purpose.LEGAL, by=SERVICE, now=now)
    counted = Refusal.objects.get()
    assert (counted.field, counted.purpose, counted.refused, counted.clause) == ("nickname", "legal", 12, "uses")
    entries = [e for e in outbox(superuser, "avow_keys") if e.act == "purpose.refused"]
    assert len(entries) == 2  # the 1st and the 10th: a loop gone wrong cannot fill the log
    assert {(e.promise, e.clause, e.subject) for e in entries} == {(Promise.PURPOSE_LIMIT, "uses", None)}


def test_staff_leave_an_entry_that_the_person_can_see_and_others_do_not(person, superuser, now):
    officer = staff(uuid4())
    opening_cases.open_case(person, officer=officer.id, reason=OpeningReason.QUESTION, now=now)
    put(person, now)
    sealed = sealing.seal_blob(person, "letter", b"Dear Ada", now=now)
    for by in (THE_PERSON, SERVICE):
        opening.open_field(person, "nickname", Purpose.ACCOUNT, by=by, now=now)
    assert attesting.acts_of(person) == []
    opening.open_field(person, "nickname", Purpose.ACCOUNT, by=officer, now=now)
    sealing.open_blob(person, "letter", sealed, purpose=Purpose.ACCOUNT, by=officer, now=now)
    seen = attesting.acts_of(person)
    assert [act.act for act in seen] == ["opened.by-staff"] * 2
    public = {e.subject: e for e in outbox(superuser, "avow")}
    assert {public[act.subject].actor for act in seen} == {"staff"}
    with pytest.raises(ValueError, match="own id"):
        Actor(ActorKind.STAFF)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_decision_over_any_two_texts_field_and_choices(publish, monkeypatch, now, data):
    """The rule, said again in other words, against the gate: what was named then and now, plus grants, minus objections."""
    sets = st.frozensets(st.sampled_from(sorted(set(Purpose) - ALWAYS)), min_size=1)
    then, today, declared, granted, objected = (data.draw(sets) for _ in range(5))
    purpose = data.draw(st.sampled_from(sorted(Purpose)))
    field = next(iter(catalogue.FIELDS))
    monkeypatch.setattr(governing, "purposes_under", lambda _: then)
    monkeypatch.setattr(
        governing,
        "in_force",
        lambda _: type("V", (), {"sha256": "this text", "bound": type("B", (), {"purposes": today})}),
    )
    spec = catalogue.FIELDS[field]
    monkeypatch.setitem(catalogue.FIELDS, field, type(spec)(**{**vars(spec), "purposes": declared}))
    decided = Rules(now).permit(field, "another text", purpose, Choices(granted, objected))
    named = purpose in then and purpose in today and purpose in declared
    refused = purpose in objected and purpose not in BEYOND_OBJECTION
    assert decided == (purpose is Purpose.RIGHTS or (not refused and (named or purpose in granted)))
