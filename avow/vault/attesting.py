"""
Tell the log that something happened to a person, without telling it to whom.

    subject = HMAC(HKDF(K_p, "log"), "avow/subject" ‖ nonce)        32 bytes in the entry
    opening = nonce and log key                                     the person carries it away

Why a nonce for each entry: entries about one person cannot be linked with each other; why under the person's key:
once it is gone, nobody at the company can say whom an entry names. Only who carries the opening can.

Holds:    the entry commits with the caller's act. The person's index of entries is sealed under their key and goes
          with it.
Assumes:  two databases do not commit together: the index is written when the entry is, and an act that is rolled
          back leaves an index row to an entry that never came; `acts_of` tells, since it has no receipt.
"""

import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from django.db import connections

from avow.evidence import outbox
from avow.evidence.acts import Act
from avow.evidence.entries import Entry, canonical
from avow.policy.promises import Promise
from avow.vault import crypto, governing, persons, statements
from avow.vault.keys import epochs
from avow.vault.keys.models import AttestedAct

NONCE = 16  # bytes
SUBJECT = b"avow/subject"
NOTE_EACH = "INSERT INTO vault_keys_attestedact (person, sealed) SELECT * FROM unnest(%s::uuid[], %s::bytea[])"
NOTE = "INSERT INTO vault_keys_attestedact (person, sealed) VALUES (%(person)s, %(sealed)s) RETURNING id"


@dataclass(frozen=True)
class Attested:
    """One entry about a person, with what opens its commitment."""

    entry_id: UUID
    nonce: bytes
    subject: bytes
    opening: Mapping[str, str]
    act: Act


def attest(
    person: UUID,
    act: Act,
    *,
    promise: Promise | None = None,
    clause: str | None = None,
    evidence: bytes | None = None,
    actor: Literal["person", "staff", "service"] = "person",
    now: datetime,
    using: str = "default",
    random: crypto.Random = secrets.token_bytes,
) -> Attested:
    """Record an act about a person in the caller's transaction and return what opens it."""
    key = persons.key_of(person)
    version = governing.in_force(now)
    nonce = random(NONCE)
    if clause is None and promise is not None:
        clause = governing.clause_for(promise, version)
    entry = Entry(
        act=act, at=now, promise=promise, clause=clause, policy=version.sha256,
        subject=subject(_log_key(key), nonce), evidence=evidence, actor=actor,
    )  # fmt: skip
    attested = _attested(key, act, outbox.record(entry, using=using), nonce)
    statements.write(
        epochs.KEYS,
        NOTE,
        {"person": person, "sealed": _seal(key, person, _plain(act, attested.entry_id, nonce), random)},
    )
    return attested


def attest_each(
    people: Iterable[UUID],
    act: Act,
    *,
    promise: Promise,
    actor: Literal["person", "staff", "service"] = "service",
    now: datetime,
    random: crypto.Random = secrets.token_bytes,
) -> int:
    """Record the same act about each of many, in an entry each; who has no key is left out. Return how many.

    With the keys derived together and one statement a table, since a message to everybody is an act about everybody.
    """
    whose = list(people)
    if not whose:
        return 0
    keys, version = persons.keys_of(set(whose)), governing.in_force(now)
    clause = governing.clause_for(promise, version)
    about = [(person, keys[person], random(NONCE)) for person in whose if person in keys]
    entries = (
        Entry(
            act=act, at=now, promise=promise, clause=clause, policy=version.sha256,
            subject=subject(_log_key(key), nonce), actor=actor,
        )
        for _, key, nonce in about
    )  # fmt: skip
    sealed = [
        _seal(key, person, _plain(act, entry, nonce), random)
        for (person, key, nonce), entry in zip(about, outbox.record_each(entries), strict=True)
    ]
    with connections[epochs.KEYS].cursor() as cursor:
        cursor.execute(NOTE_EACH, [[person for person, *_ in about], sealed])
    return len(about)


def acts_of(person: UUID) -> list[Attested]:
    """Return what the log holds about a person, the oldest first; for the person alone."""
    key = persons.key_of(person)
    rows = AttestedAct.objects.filter(person=person).order_by("id").values_list("sealed", flat=True)
    return [_open(key, person, bytes(sealed)) for sealed in rows]


def subject(log_key: bytes, nonce: bytes) -> bytes:
    """Return the commitment that stands in the log."""
    return hmac.digest(log_key, SUBJECT + nonce, "sha256")


def _attested(key: bytes, act: Act, entry_id: UUID, nonce: bytes) -> Attested:
    log_key = _log_key(key)
    opening = MappingProxyType({"nonce": nonce.hex(), "log_key": log_key.hex()})
    return Attested(entry_id, nonce, subject(log_key, nonce), opening, act)


def _log_key(key: bytes) -> bytes:
    return crypto.derive(key, "log")


def _plain(act: Act, entry: UUID, nonce: bytes) -> bytes:
    return canonical({"act": act, "entry": str(entry), "nonce": nonce.hex()})


def _seal(key: bytes, person: UUID, plain: bytes, random: crypto.Random) -> bytes:
    bound = crypto.bind("avow/act/v1", person.bytes)
    return crypto.seal(crypto.derive(key, "avow/act/v1"), plain, bound, random=random)


def _open(key: bytes, person: UUID, sealed: bytes) -> Attested:
    bound = crypto.bind("avow/act/v1", person.bytes)
    kept = json.loads(crypto.unseal(crypto.derive(key, "avow/act/v1"), sealed, bound))
    return _attested(key, Act(kept["act"]), UUID(kept["entry"]), bytes.fromhex(kept["nonce"]))
