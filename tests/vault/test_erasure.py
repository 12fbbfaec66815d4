"""Erasing: everything under the key goes, nothing beside it changes, and a kill at any line ends the same way.

Bites: leaving out the puncture fails `test_de_identify.py`; committing the two databases in the other order, or forgetting the
early return for a request that is done, fails `test_killed_at_any_line_it_resumes_to_the_same_end`.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections

from avow.errors import Erased, NotFound
from avow.evidence.entries import decode
from avow.policy.purposes import Purpose
from avow.vault import addresses, attesting, choices, erasure, opening, persons, pseudonyms, sealing, subjects, tree
from avow.vault.actor import SERVICE, THE_PERSON
from avow.vault.enrolment import enrol
from avow.vault.keys import buckets
from avow.vault.keys.models import AddressToken, AttestedAct, Bucket, Epoch, PersonSlot, Puncture
from avow.vault.limits import LIMITS
from avow.vault.models import AddressSealed, Destroyed, Objection, Person, SealedField
from avow.vault.visibility import visible
from tests.killing import EVERYWHERE, killed_before_line

STRIDE = 1 if EVERYWHERE else 2  # lines


def fill(person, now, address="ada@x.example"):
    sealing.put(person, "nickname", "Ada", source="a test", now=now)
    sealing.put(person, "nickname", "Countess", source="a test", now=now)
    addresses.token_for("email", address, person, now)
    choices.object_to(person, Purpose.ANALYSIS, now=now)
    attesting.attest(person, attesting.Act.SIGNED_UP, now=now)
    return sealing.seal_blob(person, "letter", b"Dear Ada", now=now)


def erase(person, request, now):
    return erasure.erase(person, request=request, asked_by=THE_PERSON, now=now)


def left_of(person):
    with visible(person):
        fields = SealedField.objects.filter(person=person).count()
    tables = (AddressSealed, Objection, AttestedAct, PersonSlot)
    return fields + sum(model.objects.filter(person=person).count() for model in tables)


def destroyed_entries(superuser):
    with superuser("avow_keys") as dba:
        found = [decode(bytes(row[0])) for row in dba.execute("SELECT entry FROM evidence_outbox").fetchall()]
    return [entry for entry in found if entry.act == "key.destroyed"]


def refuses(person, blob, now):
    ways = [
        lambda: opening.open_field(person, "nickname", Purpose.RIGHTS, by=SERVICE, now=now),
        lambda: opening.history(person, "nickname", Purpose.RIGHTS, by=SERVICE, now=now),
        lambda: sealing.open_blob(person, "letter", blob, purpose=Purpose.RIGHTS, now=now),
        lambda: sealing.put(person, "nickname", "Ada", source="a test", now=now),
        lambda: addresses.token_for("email", "ada@x.example", person, now),
        lambda: addresses.open_address("x", person, Purpose.RIGHTS, now=now),
        lambda: attesting.attest(person, attesting.Act.SIGNED_IN, now=now),
        lambda: attesting.acts_of(person),
        lambda: pseudonyms.pseudonym(person, now.date()),
    ]
    for way in ways:
        with pytest.raises(Erased):
            way()
    return True


def test_everything_under_the_key_goes_and_the_neighbour_keeps_all(person, now, superuser):
    neighbour = enrol(now=now)
    blob, other = fill(person, now), fill(neighbour, now)
    key = persons.key_of(neighbour)
    assert left_of(person) == 6
    erase(person, uuid4(), now)
    assert left_of(person) == 0
    assert refuses(person, blob, now)
    assert persons.key_of(neighbour) == key
    assert left_of(neighbour) == 6
    assert sealing.open_blob(neighbour, "letter", other, purpose=Purpose.RIGHTS, now=now) == b"Dear Ada"
    assert addresses.find("email", "ada@x.example")  # the neighbour has that address too
    stone = Person.objects.get(person=person)
    assert (stone.slot, stone.erased_at) == (None, now)


def test_the_result_opens_the_logs_commitment_and_says_what_was_not_reached(person, now, superuser):
    slot = PersonSlot.objects.get(person=person).slot
    done = erase(person, uuid4(), now)
    (entry,) = destroyed_entries(superuser)
    assert entry.subject == done.slot_commitment
    assert erasure.slot_commitment(int(done.opening["slot"]), bytes.fromhex(done.opening["nonce"])) == entry.subject
    assert (entry.actor, entry.evidence, int(done.opening["slot"])) == ("person", None, slot)
    assert str(person).encode() not in entry.encode()
    assert done.limits == LIMITS
    assert any("copy of the key database" in limit for limit in done.limits)
    assert done.copies_open_until == Epoch.objects.get().dies_at == now + timedelta(days=7)
    kept = Destroyed.objects.get()
    assert (kept.slot, kept.entry_id) == (slot, done.entry_id)


def test_the_same_request_returns_the_first_result_and_another_is_told(person, now, superuser):
    request = uuid4()
    first = erase(person, request, now)
    assert erase(person, request, now + timedelta(days=3)) == first
    assert len(destroyed_entries(superuser)) == 1
    with pytest.raises(Erased):
        erase(person, uuid4(), now)
    with pytest.raises(Erased, match="somebody else"):
        erase(enrol(now=now), request, now)
    with pytest.raises(NotFound):
        erase(uuid4(), uuid4(), now)


def test_an_erasure_that_is_under_way_takes_nothing_new(person, now):
    erasure.begin(person, now=now)
    erasure.begin(person, now=now + timedelta(days=1))
    assert persons.standing(person).erasing_since == now
    with pytest.raises(Erased, match="being erased"):
        sealing.put(person, "nickname", "Ada", source="a test", now=now)


def test_a_requests_own_key_is_erased_like_a_persons(house, now):
    subject = subjects.new_subject(now)
    sealed = sealing.seal_blob(subject, "plan", b"what a certificate will say", now=now)
    assert sealing.open_blob(subject, "plan", sealed, purpose=Purpose.RIGHTS, now=now)
    erase(subject, subject, now)
    with pytest.raises(Erased):
        sealing.open_blob(subject, "plan", sealed, purpose=Purpose.RIGHTS, now=now)


def test_many_erasures_beside_sign_ups_leave_everybody_else_readable(house, now):
    """Four who erase and two who enrol, in one bucket, with real connections: no deadlock, nobody harmed."""
    import threading

    people = [enrol(now=now) for _ in range(32)]
    keys = persons.keys_of(people)
    fresh, failed = [], []

    def run(act):
        try:
            act()
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    def erase_some(part):
        for one in part:
            erase(one, uuid4(), now)

    acts = [lambda part=people[n:24:4]: erase_some(part) for n in range(4)]
    acts += [lambda: fresh.extend(enrol(now=now) for _ in range(15))] * 2
    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    [thread.start() for thread in threads], [thread.join(120) for thread in threads]
    assert failed == []
    assert persons.keys_of(people) == {one: keys[one] for one in people[24:]}
    assert len(persons.keys_of(fresh)) == 30


def test_a_cover_grows_and_shrinks_as_the_study_says(house, now):
    people = [enrol(now=now) for _ in range(12)]
    bucket = Bucket.objects.get(bucket_id=0)
    for count, one in enumerate(people, 1):
        erase(one, uuid4(), now)
        bucket.refresh_from_db()
        assert bucket.generation == count
    cover = buckets.cover_of(0, bucket.epoch_id, bucket.generation, bytes(bucket.cover))
    assert len(dict(tree.leaves(cover))) == 256 - 12


def test_killed_at_any_line_it_resumes_to_the_same_end(house, now, superuser):
    states, killed, number, times = set(), True, 0, 0
    neighbour = enrol(now=now)
    key = persons.key_of(neighbour)
    while killed:
        number += STRIDE
        times += 1
        person, request = enrol(now=now), uuid4()
        blob = fill(person, now, f"ada{number}@x.example")
        killed = killed_before_line(number, lambda: erase(person, request, now), erasure)  # noqa: B023 - run at once
        states.add((Puncture.objects.filter(request=request).exists(), Person.objects.get(person=person).slot is None))
        if Puncture.objects.filter(request=request).exists():
            assert refuses(person, blob, now)  # also between the two databases
        done = erase(person, request, now)
        assert erase(person, request, now) == done
        assert left_of(person) == 0
        assert refuses(person, blob, now)
        assert Destroyed.objects.filter(entry_id=done.entry_id).count() == 1
        assert addresses.find("email", f"ada{number}@x.example") is None
        assert number < 200
    assert times > 20  # it was killed at many lines
    assert states == {(False, False), (True, False), (True, True)}  # before, between the databases, after
    assert len(destroyed_entries(superuser)) == times == Destroyed.objects.count()
    assert persons.key_of(neighbour) == key
    assert AddressToken.objects.count() == 0


def test_nothing_erases_inside_a_callers_transaction_among_the_keys(person, now):
    """It would be undone when the caller rolls back, after the person was told."""
    from django.db import transaction

    with pytest.raises(AssertionError), transaction.atomic(using="avow_keys"):
        erase(person, uuid4(), now)
    assert persons.key_of(person)
