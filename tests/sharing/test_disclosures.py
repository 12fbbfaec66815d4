"""
What the law asks for: scoped, signed by two, minimal, written down, told; and nothing half done.

Tried: opening all fields in `_write`, comparing officers only on the page, leaving out the ban in `tell_or_wait`, and
keeping the package after the hand-over each fail one of these.
"""

import json
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given as drawn
from hypothesis import strategies as st

from avow.communications.models import Ledger
from avow.errors import BadInput, Erased, NoGrant, NotFound, Refused
from avow.evidence.acts import Act
from avow.people import settings_change
from avow.policy.promises import Promise
from avow.requests import erasing
from avow.sharing import disclosures, disclosures_packing, disclosures_queries, disclosures_telling
from avow.sharing.disclosures import Wish
from avow.sharing.disclosures_models import Disclosure
from avow.sharing.disclosures_states import BEFORE, LEFT, MEANING, MOVES, Class, State, may
from avow.vault import attesting, egress, erasure, recipients, stores
from avow.vault.actor import THE_PERSON
from avow.vault.models import Egress
from tests.requests.asking import make_someone

pytestmark = [pytest.mark.proves(Promise.LEGAL_DISCLOSURE)]
ONE, OTHER = uuid4(), uuid4()


@pytest.fixture
def wish(ada, now):
    def made(**other):
        plain = {
            "authority": "District Court", "kind": Class.LEGAL_PROCESS, "basis": "file 2026/113", "person": ada.person,
            "fields": ["name"], "since": now - timedelta(days=30), "until": now + timedelta(days=1),
            "necessity": "The court's order names this account and asks who holds it.",
        }  # fmt: skip
        return Wish(**{**plain, **other})

    return made


def packed(wish, now):
    case = disclosures.draft(wish, by=ONE, now=now)
    disclosures.approve(case, by=OTHER, now=now)
    disclosures_packing.pack(case, by=ONE, now=now)
    return case


def acts(person):
    return [act.act for act in attesting.acts_of(person)]


def test_the_package_holds_the_fields_in_scope_and_no_others(wish, ada, now):
    case = packed(wish(), now)
    content = disclosures_packing.hand_over(case, now=now)
    package, row, line = json.loads(content), disclosures.find(case), Egress.objects.get()
    assert [value["value"] for value in package["fields"].pop("name")] == ["Ada Lovelace"]
    assert package["fields"] == {} and b"ada@example.com" not in content and str(ada.person).encode() not in content
    assert bytes(row.digest) == sha256(content).digest() and row.sealed_package is None
    assert (line.what, line.clause) == (["name"], "legal-disclosure") and row.state == State.NOTIFIED
    assert not recipients.standing(row.recipient, now=now + timedelta(seconds=1))


def test_only_values_that_held_within_the_span_are_in_it(wish, ada, now):
    settings_change.change(ada.person, "name", "Ada King", now=now + timedelta(days=3))
    content = disclosures_packing.hand_over(packed(wish(), now), now=now)
    assert "Ada King" not in content.decode() and "Ada Lovelace" in content.decode()


def test_its_person_is_told_and_sees_it(wish, ada, now):
    disclosures_packing.hand_over(packed(wish(), now), now=now)
    assert Ledger.objects.filter(letter="disclosed").count() == 1
    assert {Act.DISCLOSED_BY_LAW, Act.OPENED_BY_STAFF} <= set(acts(ada.person))
    [listed] = next(store for store in stores.stores() if store.name == "disclosures").export(ada.person, now=now)
    assert [row["to"] for row in listed.rows] == ["District Court"]


def test_where_telling_is_forbidden_nothing_shows_until_the_day_and_then_it_does(wish, ada, now):
    until = now + timedelta(days=10)
    before = acts(ada.person)
    case = packed(wish(withheld_until=until), now)
    disclosures_packing.hand_over(case, now=now)
    store = next(store for store in stores.stores() if store.name == "disclosures")
    assert disclosures.find(case).state == State.WITHHELD
    assert acts(ada.person) == before and store.count(ada.person) == 0 and not Ledger.objects.exists()
    assert disclosures_telling.tell_due(until - timedelta(seconds=1)) == 0
    assert [disclosures_telling.tell_due(until), disclosures_telling.tell_due(until)] == [1, 0]
    assert acts(ada.person) == [*before, Act.DISCLOSED_BY_LAW, Act.MESSAGE_SENT] and store.count(ada.person) == 1


def test_two_must_sign_and_they_must_be_two(wish, now):
    case = disclosures.draft(wish(), by=ONE, now=now)
    for act in (
        lambda: disclosures_packing.pack(case, by=OTHER, now=now),
        lambda: disclosures_packing.hand_over(case, now=now),
    ):
        with pytest.raises(Refused):
            act()
    with pytest.raises(Refused, match="another officer"):
        disclosures.approve(case, by=ONE, now=now)
    disclosures.approve(case, by=OTHER, now=now)
    with pytest.raises(Refused, match="Reload"):
        disclosures.approve(case, by=uuid4(), now=now)  # the second click
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.filter(pk=case).update(approved_by=ONE)


def test_the_officer_whom_a_case_is_about_has_no_part_in_it_and_does_not_see_it(wish, ada, now):
    with pytest.raises(Refused, match="other officers"):
        disclosures.draft(wish(), by=ada.person, now=now)
    case = disclosures.draft(wish(withheld_until=now + timedelta(days=9)), by=ONE, now=now)
    assert disclosures_queries.cases(ada.person, now, signs=True) == []
    (seen,) = disclosures_queries.cases(ONE, now, signs=True)
    assert seen.necessity  # what the second officer signs is not signed unread
    with pytest.raises(NotFound):
        disclosures.approve(case, by=ada.person, now=now)
    disclosures.approve(case, by=OTHER, now=now)
    with pytest.raises(NotFound):
        disclosures_packing.pack(case, by=ada.person, now=now)


def test_one_person_who_cannot_be_told_keeps_nobody_else_from_being_told(wish, ada, now):
    """Tried: in one transaction for all, whose erasure has begun holds up everybody."""
    until, eve = now + timedelta(days=10), make_someone("eve@example.com", password=None, now=now)
    for one in (wish(withheld_until=until), wish(withheld_until=until, person=eve)):
        disclosures_packing.hand_over(packed(one, now), now=now)
    erasure.begin(ada.person, now=now)
    assert disclosures_telling.tell_due(until) == 1
    assert {row.state for row in Disclosure.objects.filter(person=eve)} == {State.NOTIFIED}
    assert {row.state for row in Disclosure.objects.filter(person=ada.person)} == {State.WITHHELD}


def test_it_leaves_once(wish, now):
    case = packed(wish(), now)
    disclosures_packing.hand_over(case, now=now)
    with pytest.raises(Refused):
        disclosures_packing.hand_over(case, now=now)
    assert Egress.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [{"fields": ["email", "name", "phone"]}, {"fields": []}, {"fields": ["password"]}, {"until": None}, {"since": None}, {"basis": " "}, {"necessity": "because"}],
)  # fmt: skip
def test_a_scope_that_is_too_broad_or_has_no_end_is_refused(wish, now, other):
    with pytest.raises(BadInput):
        disclosures.draft(wish(**other), by=ONE, now=now)
    assert not Disclosure.objects.exists()


def test_unknown_fields_endless_bans_and_spans_of_years_are_refused(wish, now):
    years = timedelta(days=800)
    for other in (
        {"fields": ["shoe"]},
        {"withheld_until": now + years},
        {"since": now - years},
        {"withheld_until": now},
    ):
        with pytest.raises(BadInput):
            disclosures.draft(wish(**other), by=ONE, now=now)
    with pytest.raises(NotFound):
        disclosures.find(uuid4())


def test_an_approval_that_nobody_used_ends(wish, now):
    case = packed(wish(), now)
    with pytest.raises(NoGrant):
        disclosures_packing.hand_over(case, now=now + timedelta(days=31))
    assert disclosures.find(case).state == State.PACKED and not Egress.objects.exists()
    disclosures.withdraw(case, now=now)
    assert disclosures.find(case).sealed_package is None


def test_the_case_of_an_erased_person_ends_and_names_nobody(wish, ada, now):
    waiting, withheld = packed(wish(), now), packed(wish(withheld_until=now + timedelta(days=9)), now)
    disclosures_packing.hand_over(withheld, now=now)
    person = ada.person
    erasing.push(erasing.ask(person, by=THE_PERSON, now=now).pk, now=now)
    assert {disclosures.find(waiting).state, disclosures.find(withheld).state} == {State.WITHDRAWN, State.CLOSED}
    assert not Disclosure.objects.exclude(person=None, sealed_note=None, sealed_package=None).exists()
    with pytest.raises(Refused):
        disclosures_packing.hand_over(waiting, now=now)
    with pytest.raises(Erased):
        disclosures.draft(wish(), by=ONE, now=now)
    assert disclosures_telling.tell_due(now + timedelta(days=10)) == 0


@drawn(st.lists(st.sampled_from(State), max_size=8))
def test_no_way_leads_past_the_second_signature(wishes):
    state, been = State.DRAFTED, [State.DRAFTED]
    for wish in wishes:
        if may(state, wish):
            state = wish
            been.append(wish)
    if state in LEFT:
        assert been[:4] == [State.DRAFTED, State.APPROVED, State.PACKED, State.HANDED_OVER]
    assert set(MOVES) == set(State) == set(MEANING) == LEFT | BEFORE | {State.WITHDRAWN}


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    with shown_to_fail(
        "disclosures-are-signed-by-two", how="the moves lead from the draft straight to the package"
    ) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setitem(MOVES, State.DRAFTED, frozenset({State.APPROVED, State.PACKED, State.WITHDRAWN}))
            broken.setattr(egress, "leave", egress.leave)
            assert trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(disclosures, "_in_bounds", lambda wish, now: (now, now + timedelta(days=1)))
            assert "not refused" in trial.fails()
        trial.holds()
