"""
An account that seems to be a child's, or of somebody who died: its data rests, an officer decides, the worker carries it out.

It bites: each was tried. Without the freeze the data is used on; with a freeze that is the person's, they lift it; without
`is_open` in `_erase` an unused account goes while heirs are asked; without the row's lock two officers decide both ways.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections

from avow.errors import BadInput, Erased, NotFound, Refused
from avow.evidence.acts import Act
from avow.people import desk, resting
from avow.people.desk_roles import Role
from avow.people.models import Account
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.requests import erasing, flags, unused
from avow.requests.flag_models import Decision, Flag, FlagKind
from avow.requests.models import Request
from avow.requests.states import Kind
from avow.requests.stores import RequestsStore
from avow.vault import attesting, choices

pytestmark = [pytest.mark.proves(Promise.ACCESS_AND_ERASE)]
OFFICER = uuid4()


def now():
    return datetime.now(UTC)


def rests(person):
    return choices.of(person, now=now()).objected >= {Purpose.PERSONALISATION, Purpose.COMMUNICATION}


@pytest.fixture
def child(somebody):
    ada = somebody("ada@example.com").join()
    ada.flag = flags.put(ada.person, FlagKind.MINOR, by=OFFICER, now=now(), reference="2026/7")
    return ada


def test_the_data_rests_its_person_reads_why_and_cannot_wake_it(child):
    assert rests(child.person)
    assert "is a child’s" in child.get("/data").content.decode()
    page = child.get("/recorded").content.decode()
    assert "The company put it to rest" in page and "Let it be used again" not in page
    child.post("/recorded/choose", what="rest", on="no")
    assert rests(child.person)
    assert Act.FLAGGED in [one.act for one in attesting.acts_of(child.person)]
    exported = {part.name: part.rows for part in RequestsStore().export(child.person, now=now())}["flags"]
    assert exported[0]["because"] == "it seems to be a child’s" and RequestsStore().count(child.person) == 1


@pytest.mark.parametrize("decision", [Decision.WRONG, Decision.AGREED])
def test_it_wakes_when_it_was_not_so_or_is_agreed_and_what_its_person_put_to_rest_goes_on(child, decision):
    resting.rest(child.person, on=True, now=now())
    flags.decide(child.flag.pk, decision, by=OFFICER, now=now())
    assert rests(child.person), "their own wish stands"
    resting.rest(child.person, on=False, now=now())
    assert not rests(child.person) and not flags.is_open(child.person)
    with pytest.raises(Refused):
        flags.decide(child.flag.pk, Decision.ERASE, by=OFFICER, now=now())
    assert flags.carry_out(now=now()) == 0 and not Request.objects.exists()


def test_two_flags_keep_it_at_rest_until_both_are_decided(child):
    same = flags.put(child.person, FlagKind.MINOR, by=OFFICER, now=now())
    assert same.pk == child.flag.pk
    other = flags.put(child.person, FlagKind.DECEASED, by=OFFICER, now=now())
    flags.decide(child.flag.pk, Decision.WRONG, by=OFFICER, now=now())
    assert rests(child.person) and "has died" in child.get("/data").content.decode()
    flags.decide(other.pk, Decision.WRONG, by=OFFICER, now=now())
    assert not rests(child.person)
    again = flags.put(child.person, FlagKind.MINOR, by=OFFICER, now=now())
    assert again.pk != child.flag.pk and rests(child.person), "a later letter opens another"


def test_a_decision_to_erase_is_carried_out_by_the_worker_and_nothing_is_left(child):
    person = child.person
    with desk.bound(Role.OFFICER):
        flags.decide(child.flag.pk, Decision.ERASE, by=OFFICER, now=now())
    assert not Request.objects.exists() and rests(person)
    assert flags.carry_out(now=now()) == flags.carry_out(now=now()) == 1
    request = Request.objects.get(kind=Kind.ERASURE)
    assert (request.person, request.channel, request.asked_by) == (person, "desk", "staff")
    for _ in range(20):
        erasing.push(request.pk, now=now())
    assert not Flag.objects.exists() and not Account.objects.filter(person=person).exists()
    assert flags.carry_out(now=now()) == 0
    with pytest.raises(Erased):
        flags.put(person, FlagKind.MINOR, by=OFFICER, now=now())


def test_the_worker_is_told_at_once(child):
    from django.db import connection

    flags.decide(child.flag.pk, Decision.ERASE, by=OFFICER, now=now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'requests.carry_out_flags'")
        assert cursor.fetchone()[0] == 1


def test_nobody_decides_about_themselves_and_the_database_refuses_it_too(child):
    with pytest.raises(Refused):
        flags.decide(child.flag.pk, Decision.WRONG, by=child.person, now=now())
    with pytest.raises(NotFound):
        flags.find(child.flag.pk, by=child.person)
    assert flags.listed(apart_from=child.person) == []
    with pytest.raises(IntegrityError):
        Flag.objects.update(decision="wrong", decided_at=now(), decided_by=child.person)


def test_an_unused_account_is_left_while_it_is_looked_at(child, monkeypatch):
    monkeypatch.setattr(unused, "days", lambda _now: 400)
    Account.objects.update(last_login=now() - timedelta(days=999), opened_at=now() - timedelta(days=999))
    assert unused.look(now=now()) == 0 and unused.late(now=now()) == (0, 0)
    flags.decide(child.flag.pk, Decision.WRONG, by=OFFICER, now=now())
    assert unused.look(now=now()) == 1
    flags.put(child.person, FlagKind.DECEASED, by=OFFICER, now=now())
    assert unused.erase(now=now() + timedelta(days=31), limit=timedelta(days=400)) == 0


def test_two_officers_at_a_time_are_one_decision(child):
    def decide(decision):
        try:
            flags.decide(child.flag.pk, decision, by=OFFICER, now=now())
        except Refused:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, [Decision.WRONG, Decision.ERASE])) == [False, True]


@pytest.mark.parametrize("reference", ["Ada Lovelace", "ada@example.com", "x" * 41])
def test_a_name_is_no_file_number(child, reference):
    with pytest.raises(BadInput):
        flags.put(child.person, FlagKind.DECEASED, by=OFFICER, now=now(), reference=reference)
    assert Flag.objects.count() == 1


def test_two_flags_decided_at_once_leave_nothing_at_rest(child):
    """Without the person's lock each decision sees the other flag still open, and the data rests for ever."""
    other = flags.put(child.person, FlagKind.DECEASED, by=OFFICER, now=now())

    def decide(flag):
        try:
            flags.decide(flag, Decision.WRONG, by=OFFICER, now=now())
        finally:
            connections.close_all()

    for _ in range(6):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(decide, [child.flag.pk, other.pk]))
        assert not rests(child.person) and not choices.rests(child.person).looked_into
        child.flag = flags.put(child.person, FlagKind.MINOR, by=OFFICER, now=now())
        other = flags.put(child.person, FlagKind.DECEASED, by=OFFICER, now=now())


def test_one_that_cannot_be_erased_holds_up_no_other(child, somebody, monkeypatch):
    eve = somebody("eve@example.com").join()
    second = flags.put(eve.person, FlagKind.DECEASED, by=OFFICER, now=now())
    for flag in (child.flag, second):
        flags.decide(flag.pk, Decision.ERASE, by=OFFICER, now=now())
    real = flags.erasing.ask
    monkeypatch.setattr(flags.erasing, "ask", lambda who, **how: 1 / (who != child.person) and real(who, **how))
    with pytest.raises(ZeroDivisionError):
        flags.carry_out(now=now())
    assert Request.objects.get().person == eve.person


def test_what_heirs_want_kept_does_not_go_as_unused(child, monkeypatch):
    monkeypatch.setattr(unused, "days", lambda _now: 400)
    Account.objects.update(last_login=now() - timedelta(days=999), opened_at=now() - timedelta(days=999))
    flags.decide(child.flag.pk, Decision.WRONG, by=OFFICER, now=now())
    dead = flags.put(child.person, FlagKind.DECEASED, by=OFFICER, now=now())
    flags.decide(dead.pk, Decision.AGREED, by=OFFICER, now=now())
    assert unused.look(now=now()) == 0
