"""What is sealed opens as it was, keeps its history, and opens nowhere else.

Bites: a seal that is not bound to person, field, version or place in the history fails `test_a_moved_value_does_not_open`;
a `put` that forgets to supersede is stopped by the database; one that overwrites fails the history.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avow.errors import BadInput, DoesNotOpen, NotFound
from avow.policy.purposes import Purpose
from avow.vault import choices, crypto, erasure, opening, sealing
from avow.vault.actor import SERVICE, THE_PERSON
from avow.vault.enrolment import enrol
from avow.vault.models import SealedField
from avow.vault.visibility import visible


def put(person, value, now, field="nickname"):
    sealing.put(person, field, value, source="a test", now=now)


def current(person, now, field="nickname"):
    return opening.open_field(person, field, Purpose.RIGHTS, by=THE_PERSON, now=now)


def test_what_is_sealed_opens_and_the_row_does_not_show_it(person, now, superuser):
    put(person, "Ada Lovelace", now)
    assert current(person, now) == "Ada Lovelace"
    with superuser() as thief:
        rows = thief.execute("SELECT * FROM vault_sealedfield").fetchall()
    assert len(rows) == 1
    assert str(person) in repr(rows)  # the search can find what is there
    assert "Ada" not in repr(rows)
    assert b"Ada" not in bytes(rows[0][-1])


def test_history_keeps_each_value_with_its_times(person, house, now):
    later, latest = now + timedelta(hours=1), now + timedelta(hours=2)
    put(person, "Ada", now), put(person, "Countess", later)
    assert sealing.remove(person, "nickname", now=latest)
    assert not sealing.remove(person, "nickname", now=latest)
    assert current(person, latest) is None
    put(person, "Ada again", latest + timedelta(hours=1))
    past = opening.history(person, "nickname", Purpose.RIGHTS, by=THE_PERSON, now=latest)
    assert [(p.value, p.since, p.until) for p in past] == [
        ("Ada again", latest + timedelta(hours=1), None), ("Countess", later, latest), ("Ada", now, later),
    ]  # fmt: skip
    assert {p.version for p in past} == {house.version.sha256}
    assert {p.source for p in past} == {"a test"}


def test_several_fields_at_once_leave_out_what_is_empty(person, now):
    put(person, "Ada", now), put(person, "+441632960001", now, field="phone")
    opened = opening.open_fields(person, ["nickname", "phone", "email"], Purpose.ACCOUNT, by=SERVICE, now=now)
    assert opened == {"nickname": "Ada", "phone": "+441632960001"}


def test_only_declared_fields_are_kept_and_only_text(person, now):
    with pytest.raises(BadInput, match="shoe"):
        put(person, "42", now, field="shoe")
    with pytest.raises(BadInput, match="seal_blob"):
        put(person, b"\xff\xfe", now)
    with pytest.raises(NotFound):
        put(uuid4(), "Ada", now)


@pytest.mark.parametrize("moved", ["person", "field", "policy", "ordinal"])
def test_a_moved_value_does_not_open(person, now, superuser, moved, publish):
    other = enrol(now=now)
    put(person, "Ada", now)
    newer = publish(Purpose.ACCOUNT, Purpose.IMPROVEMENT)
    places = {"person": other, "field": "email", "policy": newer.sha256, "ordinal": 7}
    with superuser() as dba:
        dba.execute(f"UPDATE vault_sealedfield SET {moved} = %s", [places[moved]])
    reader = other if moved == "person" else person
    with pytest.raises(DoesNotOpen, match="restore that row"):
        current(reader, now, field="email" if moved == "field" else "nickname")


def test_a_damaged_value_is_refused(person, now, superuser):
    put(person, "Ada", now)
    for damage in (
        "substr(ciphertext, 1, 20)",
        "''::bytea",
        "set_byte(ciphertext, 15, 255 - get_byte(ciphertext, 15))",
    ):
        with superuser() as dba:
            whole = dba.execute("SELECT ciphertext FROM vault_sealedfield").fetchone()[0]
            dba.execute(f"UPDATE vault_sealedfield SET ciphertext = {damage}")
        with pytest.raises(DoesNotOpen):
            current(person, now)
        with superuser() as dba:
            dba.execute("UPDATE vault_sealedfield SET ciphertext = %s", [whole])
    assert current(person, now) == "Ada"


def test_a_blob_of_another_room_opens_under_its_label_for_its_person_alone(person, now):
    other = enrol(now=now)
    sealed = sealing.seal_blob(person, "letter-1", b"\x00\xffDear Ada", now=now)
    assert b"Dear" not in sealed
    assert sealing.open_blob(person, "letter-1", sealed, purpose=Purpose.COMMUNICATION, now=now) == b"\x00\xffDear Ada"
    for reader, label in ((other, "letter-1"), (person, "letter-2")):
        with pytest.raises(DoesNotOpen):
            sealing.open_blob(reader, label, sealed, purpose=Purpose.RIGHTS, now=now)
    for cut in (b"", sealed[:10], sealed[:40], sealed[:-1]):
        with pytest.raises(DoesNotOpen):
            sealing.open_blob(person, "letter-1", cut, purpose=Purpose.RIGHTS, now=now)


def test_the_database_itself_refuses_two_current_values(person, now):
    from django.db import IntegrityError, transaction

    put(person, "Ada", now)
    with pytest.raises(IntegrityError), transaction.atomic(), visible(person):
        SealedField.objects.create(
            person=person, field="nickname", ordinal=2, policy="x", source="x", collected_at=now, ciphertext=b"x"
        )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_any_text_comes_back_as_it_was(person, now, text):
    put(person, text, now)
    assert current(person, now) == text


@given(st.lists(st.binary(max_size=6), max_size=4), st.lists(st.binary(max_size=6), max_size=4))
def test_two_lists_of_parts_never_bind_alike(one, other):
    assert (crypto.bind("l", *one) == crypto.bind("l", *other)) == (one == other)


@given(st.binary(min_size=32, max_size=32), st.text(max_size=9), st.lists(st.binary(max_size=9), max_size=3))
def test_keys_are_derived_as_the_standard_says(key, label, parts):
    """Another implementation of RFC 5869 gives the same; it bites: without the last byte, or with the label unframed."""
    expanded = HKDFExpand(SHA256(), 32, crypto.bind(label, *parts)).derive(key)
    assert crypto.derive(key, label, *parts) == expanded != crypto.commitment(key, label, *parts)
    assert crypto.derive(crypto.extract(key, label.encode()), "l") == HKDF(SHA256(), 32, key, crypto.bind("l")).derive(
        label.encode()
    )


def test_nothing_is_derived_from_what_is_no_key():
    with pytest.raises(AssertionError, match="extract"):
        crypto.derive(b"a cookie, or a password", "avow.session/1")


def test_a_seal_is_bound_to_every_part_of_its_place(now):
    """Also to the person, whose key differs already: two walls, and this shows the second."""
    from avow.vault import fields

    place = {"person": uuid4(), "field": "nickname", "policy": "a", "ordinal": 1}
    here = fields.bound(SealedField(**place))
    for part, other in {"person": uuid4(), "field": "email", "policy": "b", "ordinal": 2}.items():
        assert fields.bound(SealedField(**{**place, part: other})) != here


def test_blobs_of_many_open_at_once_without_those_who_may_not_be_asked(house, now):
    """It bites: with a gate that permits all, who objects is opened; without `person in keys` it breaks at the erased."""
    people = [enrol(now=now) for _ in range(5)]
    rows = [(one, "letter", sealing.seal_blob(one, "letter", bytes([n]), now=now)) for n, one in enumerate(people)]
    choices.object_to(people[1], Purpose.ANALYSIS, now=now)
    erasure.erase(people[2], request=uuid4(), asked_by=THE_PERSON, now=now)
    opened = sealing.open_each_blob(iter([*rows, rows[0]]), purpose=Purpose.ANALYSIS, now=now, at_once=2)
    assert opened == [b"\0", None, None, b"\3", b"\4", b"\0"]
    refused = sealing.open_each_blob(rows, purpose=Purpose.IMPROVEMENT, now=now)  # no text of this house names that
    assert refused == [None] * 5
    assert sealing.open_each_blob([], purpose=Purpose.ANALYSIS, now=now) == []


@pytest.mark.parametrize("moved", ["person", "label"])
def test_among_many_a_moved_blob_stops_all(house, now, moved):
    one, other = enrol(now=now), enrol(now=now)
    sealed = sealing.seal_blob(one, "letter", b"Dear", now=now)
    row = (other, "letter", sealed) if moved == "person" else (one, "another", sealed)
    with pytest.raises(DoesNotOpen):
        sealing.open_each_blob([(one, "letter", sealed), row], purpose=Purpose.ACCOUNT, now=now)
