"""
§2.5 over any history: what a text adds reaches what a person gives once they accepted it, and what they gave before once they
agreed; what it drops ends at once.

The oracle says the rule in other words: walk the texts from the one that the person accepted, or the one of collection if it is
older, or the one that they agreed to if that is newer than both, to the one in force; a purpose is allowed if no step of the walk,
nor the text of collection when that is newer, lacks it. Where no law asks for agreement the walk begins at the accepted one.

Bites (each was tried): the text in force alone; the text of collection and the one in force alone (the rule of before, which
lets what was dropped and taken up again pass); an acceptance that also goes backwards; `accepted` not read in bulk; a walk that
begins at the accepted text whoever agreed; agreement to a text that was never accepted; an agreement that stays when taken back.
"""

from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avow.errors import Refused
from avow.evidence import versions
from avow.policy.promises import Promise
from avow.policy.purposes import ALWAYS, BEYOND_OBJECTION, Purpose
from avow.vault import accepting, agreeing, choices, gate, opening, persons, sealing
from avow.vault.actor import SERVICE
from avow.vault.enrolment import enrol
from tests.vault.house import NOW

pytestmark = [pytest.mark.proves(Promise.USE_UNDER_VERSION, Promise.PURPOSE_LIMIT)]
NAMED = [Purpose.ACCOUNT, Purpose.ANALYSIS, Purpose.COMMUNICATION, Purpose.IMPROVEMENT, Purpose.PERSONALISATION]
TEXTS = st.lists(st.frozensets(st.sampled_from(NAMED), min_size=1), min_size=3, max_size=5)
OFTEN = ["publish", "publish", "accept", "accept", "collect", "grant", "object", "back", "agree", "agree", "unsay"]
STEPS = st.lists(st.sampled_from(OFTEN), min_size=6, max_size=14)
DAY = timedelta(days=1)


class Oracle:
    """What must be true, kept beside the house."""

    def __init__(self, first, asks):
        self.texts, self.accepted, self.agreed, self.asks = [first], 0, 0, asks
        self.granted, self.objected = set(), set()

    def allows(self, purpose, collected):
        if purpose in ALWAYS:
            return True
        if purpose in self.objected and purpose not in BEYOND_OBJECTION:
            return False
        begin = max(self.agreed, min(self.accepted, collected)) if self.asks else self.accepted
        walk = self.texts[begin:] + [self.texts[collected]] * (collected > begin)
        return purpose in self.granted or all(purpose in text for text in walk)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXTS, steps=STEPS, chosen=st.data())
def test_over_any_history_the_gate_says_what_the_walk_says(house, publish, texts, steps, chosen):
    asks = chosen.draw(st.sampled_from([True, True, False]))
    with override_settings(OLD_DATA_ASKS=asks):
        walk(publish, texts, steps, asks, chosen)


def walk(publish, texts, steps, asks, chosen):
    start = len(versions.all_versions())
    at = NOW + start * DAY
    base = publish(*texts[0], on=at)
    oracle, shas = Oracle(texts[0], asks), [base.sha256]
    if len(versions.all_versions()) == start:
        return  # the same text on the same day was published by an example before
    person = enrol(now=at)
    rows = [(collect(person, at), 0)]
    waiting = list(texts[1:])
    for step in steps:
        if step == "publish" and waiting:
            at += DAY
            oracle.texts.append(waiting.pop(0))
            shas.append(publish(*oracle.texts[-1], on=at).sha256)
        elif step == "collect":
            rows.append((collect(person, at), len(oracle.texts) - 1))
        elif step == "accept":
            accepting.accept(person, shas[-1], now=at)
            oracle.accepted = len(oracle.texts) - 1
        elif step == "agree":
            agree(person, shas, oracle, at)
        elif step == "unsay":
            agreeing.take_back(person, now=at)
            oracle.agreed = 0
        elif step == "back":
            accepting.accept(person, shas[0], now=at)  # nobody goes back
        elif step in ("grant", "object"):
            purpose = chosen.draw(st.sampled_from(NAMED))
            if step == "grant":
                choices.grant(person, purpose, now=at)
                oracle.granted.add(purpose)
            else:
                choices.object_to(person, purpose, now=at)
                oracle.objected.add(purpose)
    rules, stands = gate.Rules(at), choices.of(person, now=at)
    for policy, collected in rows:
        for purpose in Purpose:
            expected = oracle.allows(purpose, collected)
            assert rules.permit("letter", policy, purpose, stands) == expected, (purpose, collected, oracle.__dict__)
            assert opens(person, policy, purpose, at) == expected


def agree(person, shas, oracle, at):
    with pytest.raises(Refused) if oracle.accepted < len(shas) - 1 else nullcontext():
        agreeing.agree(person, shas[-1], now=at)
    if oracle.accepted == len(shas) - 1:
        oracle.agreed = oracle.accepted


def collect(person, at):
    return sealing.seal_blob(person, "letter", b"x", now=at)[:32].hex()


def opens(person, policy, purpose, at):
    from avow.errors import PurposeRefused

    try:
        gate.permit(person, [("letter", policy)], purpose, now=at)
    except PurposeRefused:
        return False
    return True


def test_in_bulk_each_person_stands_by_the_text_they_accepted(house, publish):
    people = [enrol(now=NOW) for _ in range(3)]
    for one in people:
        sealing.put(one, "nickname", "Ada", source="a test", now=NOW)
    wider = publish(*NAMED, on=NOW + DAY)
    at = NOW + 2 * DAY
    accepting.accept(people[1], wider.sha256, now=at)
    assert set(opening.open_each(people, "nickname", Purpose.IMPROVEMENT, now=at)) == set()
    agreeing.agree(people[1], wider.sha256, now=at)
    assert set(opening.open_each(people, "nickname", Purpose.IMPROVEMENT, now=at)) == {people[1]}
    assert set(opening.open_each(people, "nickname", Purpose.ACCOUNT, now=at)) == set(people)
    assert opening.open_field(people[1], "nickname", Purpose.IMPROVEMENT, by=SERVICE, now=at) == "Ada"


def test_accepting_twice_is_once_and_nobody_accepts_while_being_erased(house, publish):
    from avow.vault import attesting, erasure

    person, other = enrol(now=NOW), enrol(now=NOW)
    wider = publish(*NAMED, on=NOW + DAY)
    assert [accepting.accept(person, wider.sha256, now=NOW + DAY) for _ in range(2)] == [True, False]
    assert not accepting.accept(person, house.version.sha256, now=NOW + DAY)
    assert persons.standing(person).governed_by == wider.sha256
    assert [one.act for one in attesting.acts_of(person)].count("version.accepted") == 1
    erasure.begin(other, now=NOW)
    assert not accepting.accept(other, wider.sha256, now=NOW + DAY)
