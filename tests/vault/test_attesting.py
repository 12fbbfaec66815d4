"""Acts about people in the log: committed with the act, naming nobody, opened by the person alone.

Bites: one nonce for all entries, or the person's id in the commitment's place, fails `test_entries_cannot_be_linked`.
"""

import hmac

import pytest
from django.db import transaction

from avow.errors import NotFound
from avow.evidence.acts import Act
from avow.evidence.entries import decode
from avow.policy.promises import Promise
from avow.vault.attesting import acts_of, attest
from avow.vault.enrolment import enrol
from avow.vault.pseudonyms import pseudonym


def entries(superuser, database="avow"):
    with superuser(database) as dba:
        rows = dba.execute("SELECT entry_id, entry FROM evidence_outbox").fetchall()
    return {entry_id: decode(bytes(entry)) for entry_id, entry in rows}


def test_an_entry_names_nobody_and_its_opening_shows_whom(person, house, now, superuser):
    told = attest(person, Act.FIELD_CHANGED, promise=Promise.PURPOSE_LIMIT, now=now)
    entry = entries(superuser)[told.entry_id]
    assert (entry.act, entry.clause, entry.policy, entry.actor) == (
        Act.FIELD_CHANGED,
        "uses",
        house.version.sha256,
        "person",
    )
    assert entry.subject == told.subject
    nonce, log_key = (bytes.fromhex(told.opening[part]) for part in ("nonce", "log_key"))
    assert hmac.digest(log_key, b"avow/subject" + nonce, "sha256") == told.subject  # said again, without our code
    for form in (str(person), person.hex):
        assert form.encode() not in entry.encode()


def test_entries_cannot_be_linked(person, now, superuser):
    told = [attest(person, Act.SIGNED_IN, now=now) for _ in range(8)]
    assert len({one.subject for one in told}) == 8
    other = attest(enrol(now=now), Act.SIGNED_IN, now=now)
    assert other.subject not in {one.subject for one in told}


def test_the_persons_own_index_lists_their_acts_in_order(person, now, superuser):
    acts = [Act.SIGNED_UP, Act.FIELD_CHANGED, Act.SIGNED_OUT]
    told = [attest(person, act, now=now) for act in acts]
    attest(enrol(now=now), Act.SIGNED_IN, now=now)
    assert acts_of(person) == told
    with superuser("avow_keys") as thief:
        stolen = b"".join(
            bytes(row[0]) for row in thief.execute("SELECT sealed FROM vault_keys_attestedact").fetchall()
        )
    assert not any(str(one.entry_id).encode() in stolen for one in told)


def test_an_act_that_is_rolled_back_leaves_no_entry(person, now, superuser):
    with pytest.raises(RuntimeError), transaction.atomic():
        attest(person, Act.FIELD_CHANGED, now=now)
        raise RuntimeError
    assert not [entry for entry in entries(superuser).values() if entry.act == Act.FIELD_CHANGED]


def test_an_act_among_the_keys_goes_to_that_outbox(person, now, superuser):
    told = attest(person, Act.SIGNED_IN, now=now, using="avow_keys", actor="service")
    assert entries(superuser, "avow_keys")[told.entry_id].actor == "service"


def test_nobody_has_no_entries(house, now):
    from uuid import uuid4

    with pytest.raises(NotFound):
        attest(uuid4(), Act.SIGNED_IN, now=now)


def test_pseudonyms_of_two_days_or_two_people_have_nothing_in_common(person, now):
    from datetime import timedelta

    other = enrol(now=now)
    days = [now.date() + timedelta(days=n) for n in range(5)]
    names = {pseudonym(who, day) for who in (person, other) for day in days}
    assert len(names) == 10
    assert pseudonym(person, days[0]) in names
    assert all(len(name) == 32 for name in names)
