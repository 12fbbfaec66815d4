"""Somebody of the company opens data only under a case of their own for that person, and its person reads of it.

It bites (each was tried): `ask` that returns None for staff; `standing` without officer, person, purpose or end in its
question; `used` that counts without asking whether the case stands; `forget` that leaves rows or drops the day's counts;
a limit that is counted per case; a comparison that is not counted.
"""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avow.errors import BadInput, Erased, NoCase, NotFound, PurposeRefused, Refused
from avow.policy.categories import Category
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import (
    addresses,
    attesting,
    catalogue,
    choices,
    comparing,
    erasure,
    holds,
    holds_moving,
    opening,
    opening_cases,
    opening_counts,
    sealing,
    stores,
)
from avow.vault.actor import SERVICE, THE_PERSON, staff
from avow.vault.enrolment import enrol
from avow.vault.forms import Form
from avow.vault.keys.models import Refusal
from avow.vault.models import OpeningCase, OpeningCount, OpeningReason
from tests.vault.holding import hold_on

pytestmark = [pytest.mark.proves(Promise.PURPOSE_LIMIT)]
HOUR = timedelta(hours=1)
NUMBER = "+442079460958"
OFFICER, OTHER = uuid4(), uuid4()


@pytest.fixture
def vera(person, monkeypatch, now):
    """A person with an address and a number, each of its own kind."""
    for name, category in {"email": Category.EMAIL, "phone": Category.PHONE}.items():
        declared = catalogue.FIELDS[name]
        monkeypatch.setitem(catalogue.FIELDS, name, type(declared)(**{**vars(declared), "category": category}))
    for name, value in {"nickname": "Vera", "email": "vera@example.com", "phone": NUMBER}.items():
        sealing.put(person, name, value, source="a test", now=now)
    return person


def case_for(person, now, reason=OpeningReason.QUESTION, officer=OFFICER, **more):
    return opening_cases.open_case(person, officer=officer, reason=reason, now=now, **more)


def look(person, now, officer=OFFICER, field="email", purpose=Purpose.RIGHTS):
    return opening.open_field(person, field, purpose, by=staff(officer), now=now)


def matches(person, given, now, officer=OFFICER, field="phone"):
    return comparing.compare(person, field, given, Purpose.RIGHTS, by=staff(officer), now=now)


def ways(person, now):
    """Every way in, as an officer would take it."""
    sealed = sealing.seal_blob(person, "letter", b"Dear Vera", now=now)
    token = addresses.token_for("email", "vera@example.com", person, now)
    by, rights = staff(OFFICER), Purpose.RIGHTS
    return [
        lambda: opening.open_field(person, "email", rights, by=by, now=now),
        lambda: opening.open_fields(person, ["email"], rights, by=by, now=now),
        lambda: opening.history(person, "email", rights, by=by, now=now),
        lambda: sealing.open_blob(person, "letter", sealed, purpose=rights, by=by, now=now),
        lambda: sealing.open_blobs(person, "letter", [sealed], purpose=rights, by=by, now=now),
        lambda: addresses.open_address(token, person, rights, by=by, now=now),
        lambda: comparing.compare(person, "phone", NUMBER, rights, by=by, now=now),
    ]


def test_no_way_opens_for_staff_without_a_case_and_each_does_with_one(vera, now):
    for way in ways(vera, now):
        with pytest.raises(NoCase, match="Open a case for this person first"):
            way()
    assert attesting.acts_of(vera) == []
    assert sum(Refusal.objects.values_list("refused", flat=True)) == 7
    case = case_for(vera, now)
    assert all(way() for way in ways(vera, now))
    assert opening_cases.find(case).opened == 7 == len(attesting.acts_of(vera))


def test_an_absent_field_needs_a_case_too(vera, now):
    with pytest.raises(NoCase):
        look(vera, now, field="diary")


def test_a_case_is_of_one_officer_for_one_person(vera, now):
    stranger = enrol(now=now)
    sealing.put(stranger, "email", "eve@example.com", source="a test", now=now)
    case_for(vera, now)
    assert look(vera, now)
    for person, officer in ((stranger, OFFICER), (vera, OTHER)):
        with pytest.raises(NoCase):
            look(person, now, officer)


def test_a_case_ends_by_itself_and_by_hand_and_is_not_there_before_it_began(vera, now):
    case = case_for(vera, now)
    assert look(vera, now + 8 * HOUR - timedelta(seconds=1))
    for at in (now + 8 * HOUR, now - timedelta(seconds=1)):
        assert opening_cases.standing(vera, OFFICER, Purpose.RIGHTS, now=at) is None
        with pytest.raises(NoCase):
            look(vera, at)
    opening_cases.end(case, now=now + HOUR)
    opening_cases.end(case, now=now + 2 * HOUR)
    assert opening_cases.find(case).ends == now + HOUR
    with pytest.raises(NoCase):
        look(vera, now + HOUR)
    with pytest.raises(NotFound):
        opening_cases.end(uuid4(), now=now)


@pytest.mark.parametrize("lasts", [timedelta(), -HOUR, timedelta(hours=24, seconds=1)])
def test_a_case_lasts_a_day_at_most(vera, now, lasts):
    with pytest.raises(BadInput, match="24 at most"):
        case_for(vera, now, lasts=lasts)
    with pytest.raises(IntegrityError), transaction.atomic():
        OpeningCase.objects.create(
            id=uuid4(), person=vera, officer=OFFICER, reason="question", since=now, until=now + lasts
        )


def test_nobody_opens_a_case_on_themselves(vera, now):
    with pytest.raises(Refused, match="another officer"):
        case_for(vera, now, officer=vera)
    with pytest.raises(IntegrityError), transaction.atomic():
        OpeningCase.objects.create(
            id=uuid4(), person=vera, officer=vera, reason="question", since=now, until=now + HOUR
        )
    with pytest.raises(NoCase):
        look(vera, now, officer=vera)


@pytest.mark.parametrize("reference", ["vera@example.com", "Vera", "2026/113 Véra'", "x" * 39 + "12", "1\n2"])
def test_a_reference_is_a_file_number(vera, now, reference):
    with pytest.raises(BadInput, match="file number"):
        case_for(vera, now, reference=reference)


def test_the_reasons_are_a_closed_list(vera, now):
    with pytest.raises(IntegrityError), transaction.atomic():
        case_for(vera, now, "curiosity")
    allowed = {reason: opening_cases.PURPOSES[reason] for reason in OpeningReason}  # each says what it allows
    assert allowed[OpeningReason.LAW] == {Purpose.LEGAL}
    assert not [reason for reason, purposes in allowed.items() if Purpose.LEGAL in purposes and reason != "law"]


def test_the_same_wish_twice_is_one_case(vera, now):
    first = case_for(vera, now)
    assert case_for(vera, now + HOUR) == first
    assert case_for(vera, now, OpeningReason.SECURITY) != first
    assert case_for(vera, now + 9 * HOUR) != first


def test_a_reason_allows_its_own_purposes_alone(vera, now):
    case_for(vera, now, OpeningReason.SECURITY)
    assert look(vera, now, purpose=Purpose.ACCOUNT)
    for purpose in (Purpose.RIGHTS, Purpose.COMMUNICATION, Purpose.LEGAL):
        with pytest.raises(NoCase):
            look(vera, now, purpose=purpose)


def test_a_case_does_not_widen_what_the_policy_names(vera, now):
    case_for(vera, now, OpeningReason.LAW)
    with pytest.raises(PurposeRefused):
        look(vera, now, purpose=Purpose.LEGAL)


def test_staff_see_a_mask_and_the_whole_where_the_reason_needs_it(vera, now):
    case = case_for(vera, now)
    assert opening.open_fields(vera, ["nickname", "email", "phone"], Purpose.RIGHTS, by=staff(OFFICER), now=now) == {
        "nickname": "V…", "email": "v…@e….com", "phone": "…58",
    }  # fmt: skip
    assert [past.value for past in opening.history(vera, "email", Purpose.RIGHTS, by=staff(OFFICER), now=now)] == [
        "v…@e….com"
    ]
    row = opening_cases.find(case)
    assert (row.whole, row.masked, row.compared) == (0, 2, 0)
    whole = case_for(vera, now, OpeningReason.CORRECTION)
    assert look(vera, now) == "v…@e….com"  # of two that stand, the one that gives least, unless one is named
    by = staff(OFFICER, case=whole)
    assert opening.open_field(vera, "email", Purpose.RIGHTS, by=by, now=now) == "vera@example.com"
    assert (opening_cases.find(whole).whole, opening_cases.find(case).masked) == (1, 3)
    with pytest.raises(NoCase):  # a named one must be the officer's own, and stand
        opening.open_field(vera, "email", Purpose.RIGHTS, by=staff(OTHER, case=whole), now=now)
    assert opening.open_field(vera, "email", Purpose.ACCOUNT, by=SERVICE, now=now) == "vera@example.com"
    assert opening.open_field(vera, "email", Purpose.RIGHTS, by=THE_PERSON, now=now) == "vera@example.com"


def test_a_use_that_needs_less_is_given_less_whoever_asks(vera, now, monkeypatch):
    declared = catalogue.FIELDS["email"]
    narrow = ((Purpose.ANALYSIS, Form.MASKED), (Purpose.COMMUNICATION, Form.COMPARED))
    monkeypatch.setitem(catalogue.FIELDS, "email", type(declared)(**{**vars(declared), "forms": narrow}))
    assert opening.open_field(vera, "email", Purpose.ANALYSIS, by=SERVICE, now=now) == "v…@e….com"
    assert opening.open_each([vera], "email", Purpose.ANALYSIS, now=now) == {vera: "v…@e….com"}
    assert opening.open_field(vera, "email", Purpose.ACCOUNT, by=SERVICE, now=now) == "vera@example.com"
    for way in (
        lambda: opening.open_field(vera, "email", Purpose.COMMUNICATION, by=SERVICE, now=now),
        lambda: opening.open_each([vera], "email", Purpose.COMMUNICATION, now=now),
    ):
        with pytest.raises(PurposeRefused, match="compare it"):
            way()
    assert comparing.compare(vera, "email", "VERA@example.com", Purpose.COMMUNICATION, by=SERVICE, now=now)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(OpeningReason), st.sampled_from(Purpose), st.tuples(*2 * [st.sampled_from(Form)]))
def test_the_form_over_any_declaration(house, monkeypatch, reason, purpose, two):
    """Said again in other words: never more than the use needs, and at the desk never more than the field shows there."""
    from avow.vault import staff_openings

    declared, (at_the_desk, needed) = catalogue.FIELDS["email"], two
    told = {**vars(declared), "forms": ((purpose, needed),), "at_the_desk": at_the_desk}
    monkeypatch.setitem(catalogue.FIELDS, "email", type(declared)(**told))
    given = staff_openings.form_of("email", purpose, OpeningCase(reason=reason))
    order = list(Form)
    assert order.index(given) >= order.index(needed)
    if reason not in {"law", "correction"}:
        assert order.index(given) >= order.index(at_the_desk)
    assert given in {needed, at_the_desk}
    assert staff_openings.form_of("email", purpose, None) == needed


def test_a_case_that_ends_meanwhile_gives_nothing_out(vera, now, monkeypatch):
    """Between asking and giving out, somebody ends the case: what was unsealed is not returned, nor attested."""
    case = case_for(vera, now)
    unseal = opening.fields.unseal

    def ends_it(*given):
        opening_cases.end(case, now=now)
        return unseal(*given)

    monkeypatch.setattr(opening.fields, "unseal", ends_it)
    with pytest.raises(NoCase, match="has ended"):
        look(vera, now)
    assert attesting.acts_of(vera) == []


def test_comparing_answers_without_giving(vera, now):
    case = case_for(vera, now)
    assert matches(vera, "+44 20 7946 0958", now)
    assert not matches(vera, "+442079460959", now)
    assert matches(vera, "  VERA@example.com", now, field="email")
    assert not matches(vera, "", now, field="diary")  # empty is the same as nothing
    row = opening_cases.find(case)
    assert (row.whole, row.masked, row.compared) == (0, 0, 4) and row.tries == {"phone": 2, "email": 1, "diary": 1}
    assert len(attesting.acts_of(vera)) == 4


def test_what_is_no_number_is_no_comparison(vera, now):
    case = case_for(vera, now)
    with pytest.raises(BadInput):
        matches(vera, "58", now)
    assert opening_cases.find(case).tries == {}


def test_five_comparisons_of_a_field_and_no_more_also_in_another_case(vera, now):
    first = case_for(vera, now)
    for digit in range(5):
        assert not matches(vera, f"+44207946095{digit}", now)
    for at, again in ((now, first), (now + HOUR, None)):
        if again is None:
            opening_cases.end(first, now=at)
            case_for(vera, at)
        with pytest.raises(Refused, match="compared 5 times"):
            matches(vera, NUMBER, at)
    assert matches(vera, "vera@example.com", now + HOUR, field="email")  # each field for itself
    later = now + timedelta(hours=25)
    case_for(vera, later)
    assert matches(vera, NUMBER, later)


def test_eight_at_once_are_still_five(vera, now):
    """It bites: without `select_for_update` in the limit more than five are answered (tried)."""
    case_for(vera, now)
    answers, start = [], threading.Barrier(8)

    def ask():
        start.wait()
        try:
            answers.append(matches(vera, NUMBER, now))
        except Refused:
            answers.append(None)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers, key=str) == [None] * 3 + [True] * 5


def test_its_person_sees_who_looked_and_an_erasure_leaves_counts_alone(vera, now):
    case = case_for(vera, now, reference="2026/113")
    look(vera, now), matches(vera, NUMBER, now)
    other = enrol(now=now)
    case_for(other, now)
    vault = next(store for store in stores.stores() if store.name == "vault")
    [seen] = [row for part in vault.export(vera, now=now) if part.name == "vault-openings" for row in part.rows]
    assert seen["who"] == "somebody of the company" and seen["openings"] == 2 and seen["of_these_whole"] == 0
    assert seen["until"] == now + 8 * HOUR and "question" in seen["reason"]
    assert str(OFFICER) not in repr(seen) and "2026/113" not in repr(seen)  # the officer's own
    before, counted = vault.count(vera), opening_counts.by_form(now)
    assert counted == {(now.date(), "masked"): 1, (now.date(), "compared"): 1}
    erasure.erase(vera, request=uuid4(), asked_by=THE_PERSON, now=now)
    assert before > 0 == vault.count(vera)
    assert not OpeningCase.objects.filter(pk=case).exists() and OpeningCase.objects.count() == 1
    assert opening_counts.by_form(now) == counted
    assert {(row.form, row.opened) for row in OpeningCount.objects.all()} == {("masked", 1), ("compared", 1)}


def test_the_vaults_own_store_forgets_them_first_and_twice_is_once(vera, now):
    case_for(vera, now)
    look(vera, now)
    vault = next(store for store in stores.stores() if store.name == "vault")
    vault.forget(vera, request=uuid4(), now=now)
    assert vault.count(vera) == 0 == opening_cases.forget(vera)
    assert opening_counts.by_form(now) == {(now.date(), "masked"): 1}


def test_no_case_is_opened_on_who_is_being_erased(vera, now):
    erasure.begin(vera, now=now)
    with pytest.raises(Erased):
        case_for(vera, now)
    erasure.erase(vera, request=uuid4(), asked_by=THE_PERSON, now=now)
    with pytest.raises(Erased):
        case_for(vera, now)
    with pytest.raises(NotFound):
        case_for(uuid4(), now)


def test_a_grant_ends_after_two_years_and_then_counts_no_more(vera, now):
    """It bites: with `until=None` in `grant`, or without `until` in STANDING, the last opening is permitted."""
    choices.grant(vera, Purpose.IMPROVEMENT, now=now)
    later = now + choices.GRANT_LASTS
    opening.open_field(vera, "email", Purpose.IMPROVEMENT, by=SERVICE, now=later - timedelta(seconds=1))
    with pytest.raises(PurposeRefused):
        opening.open_field(vera, "email", Purpose.IMPROVEMENT, by=SERVICE, now=later)
    vault = next(store for store in stores.stores() if store.name == "vault")
    for at, ended in ((now, False), (later, True)):
        [row] = [row for part in vault.export(vera, now=at) if part.name == "vault-choices" for row in part.rows]
        assert (row["until"], row["ended"], row["withdrawn_at"]) == (later, ended, None)


def test_what_a_hold_keeps_opens_for_staff_under_a_case_for_its_own_key(publish, vera, now):
    """It bites: without `ask` in holds_opening the first opens; asked for the erased person, the second does not."""
    publish(Purpose.ACCOUNT, Purpose.LEGAL, on=now - timedelta(days=50))
    hold = hold_on(vera, now)
    erasure.erase(vera, request=uuid4(), asked_by=THE_PERSON, now=now)
    with pytest.raises(NoCase):
        holds.open_held(hold, "email", Purpose.LEGAL, by=staff(OFFICER), now=now)
    case = case_for(holds_moving.find(hold).subject, now, OpeningReason.LAW)
    assert holds.open_held(hold, "email", Purpose.LEGAL, by=staff(OFFICER), now=now) == "vera@example.com"
    assert opening_cases.find(case).whole == 1


def test_what_a_live_check_tries_is_not_counted_as_refused(house, now):
    from avow.vault import checks

    assert checks.undeclared_purpose_is_refused(now) is None and checks.staff_openings_have_a_case(now) is None
    assert not Refusal.objects.exists() and not OpeningCase.objects.exists()
    assert attesting.acts_of(checks.CANARY) == []
