"""
What is known of a person as such: whose key it is, since when, and whether it still lives.

Holds:    the answer to "is there a key" is one of three: there is, it was erased, or nobody here has that
          number. A key that is missing for no reason we know is neither: the key store is older than the data.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from avow.errors import AvowError, Erased, KeyringLost, NotFound
from avow.vault import crypto, statements
from avow.vault.keys import slots
from avow.vault.keys.models import Puncture
from avow.vault.models import Person, PersonKind

LOCK = """
    SELECT erasing_since, erased_at, signed_up_under, governed_by, agreed_to FROM vault_person
     WHERE person = %(person)s FOR NO KEY UPDATE
"""

LOCK_EACH = """
    SELECT uuid_send(person) FROM vault_person
     WHERE person = ANY(%s) AND erasing_since IS NULL AND erased_at IS NULL ORDER BY person FOR NO KEY UPDATE
"""


class Locked(NamedTuple):
    """A person whose row is locked, as far as who locks it must know."""

    erasing_since: datetime | None
    erased_at: datetime | None
    signed_up_under: str
    governed_by: str
    agreed_to: str


@dataclass(frozen=True)
class Standing:
    """A person as other rooms may see them."""

    person: UUID
    kind: PersonKind
    enrolled_at: datetime
    erasing_since: datetime | None
    erased_at: datetime | None
    signed_up_under: str  # sha256 of a policy; empty when it did not matter
    governed_by: str
    agreed_to: str  # empty: none


def standing(person: UUID) -> Standing:
    """Return how a person stands, or NotFound."""
    row = Person.objects.filter(person=person).first()
    if row is None:
        raise NotFound("Nobody here has this number; take it from the desk's list of requests or from an export.")
    governed = row.governed_by or row.signed_up_under
    return Standing(
        person, PersonKind(row.kind), row.enrolled_at, row.erasing_since, row.erased_at, row.signed_up_under, governed,
        row.agreed_to,
    )  # fmt: skip


def is_nobodys(person: UUID) -> bool:
    """Say whether a key is nobody's (`subjects`): a request's, a hold's, an unknown sender's."""
    return Person.objects.filter(person=person, kind=PersonKind.SUBJECT).exists()


def living_under(
    policies: Collection[str],
    *,
    after: UUID | None = None,
    enrolled_since: datetime | None = None,
    at_most: int = 10_000,
) -> list[UUID]:
    """Return people with an account who are governed by one of these texts, in the order of their numbers."""
    rows = _under(policies).order_by("person")
    if after is not None:
        rows = rows.filter(person__gt=after)
    if enrolled_since is not None:
        rows = rows.filter(enrolled_at__gte=enrolled_since)
    return list(rows.values_list("person", flat=True)[:at_most])


def who_stands_by(texts: Iterable[tuple[str, str]]) -> list[UUID]:
    """Return everybody, also who has only a browser, who accepted the one and agreed to the other of a pair."""
    together: dict[str, list[str]] = {}  # accepted ones by what was agreed to
    for accepted, agreed in texts:
        together.setdefault(agreed, []).append(accepted)
    if not together:
        return []
    pairs = (_governed(accepted) & Q(agreed_to=agreed) for agreed, accepted in together.items())
    rows = Person.objects.filter(reduce(or_, pairs), erased_at=None)
    return list(rows.values_list("person", flat=True))


def how_many_under(policies: Collection[str]) -> int:
    """Count the people with an account who are governed by one of these texts."""
    return _under(policies).count()


def ever_leaving() -> int:
    """Count the erasures that ever began; it grows with each."""
    return Person.objects.exclude(erasing_since=None).count()


def living() -> int:
    """Count the people with an account."""
    return _living().count()


def by_kind(people: QuerySet[Any, Any]) -> dict[str, int]:
    """Count people, given as a condition that the database can ask, by the kind that they are."""
    rows = Person.objects.filter(person__in=people).values("kind").annotate(people=Count("person"))
    return dict(rows.values_list("kind", "people"))


def _living() -> QuerySet[Person]:
    return Person.objects.filter(kind=PersonKind.ACCOUNT, erased_at=None, erasing_since=None)


def _under(policies: Collection[str]) -> QuerySet[Person]:
    return _living().filter(_governed(policies))


def _governed(policies: Collection[str]) -> Q:
    return Q(governed_by__in=policies) | Q(governed_by="", signed_up_under__in=policies)


def lock(person: UUID) -> Locked:
    """Lock a living person's row until the transaction ends, so that nothing is sealed beside an erasure."""
    assert connection.in_atomic_block, "a lock outside a transaction ends at once"
    found = statements.write(statements.AVOW, LOCK, {"person": person})
    row = Locked(*found) if found else None
    if row is None or row.erased_at is not None:
        raise without_key(person)
    return row


def lock_each(people: Iterable[UUID]) -> set[UUID]:
    """Lock many until the transaction ends, in one order for everybody; return whom nobody erased or is erasing."""
    assert connection.in_atomic_block, "a lock outside a transaction ends at once"
    named = {person.bytes: person for person in people}
    found = statements.rows(statements.AVOW, LOCK_EACH, [statements.Whom.of(named)], prepared=False)
    return {named[person] for (person,) in found}


def living_among(people: Iterable[UUID]) -> set[UUID]:
    """Return whom of these nobody erased or is erasing."""
    rows = Person.objects.filter(person__in=list(people), erasing_since=None, erased_at=None)
    return set(rows.values_list("person", flat=True))


def key_of(person: UUID) -> bytes:
    """Return the key of one person; raises Erased when it was destroyed."""
    leaf = slots.leaf_of(person)
    if leaf is None:
        raise without_key(person)
    return key_from(person, leaf)


def keys_of(persons: Iterable[UUID]) -> dict[UUID, bytes]:
    """Return the keys of many, each tree walked once; who has none is left out."""
    named = {person.bytes: person for person in persons}
    return {named[person]: key for person, key in keys_of_these(named).items()}


def keys_of_these(persons: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return the keys of many, all by their UUIDs' bytes."""
    return {person: key_from(person, leaf) for person, leaf in slots.leaves_of(persons).items()}


def without_key(person: UUID) -> AvowError:
    """Return why there is no key."""
    row = Person.objects.filter(person=person).first()
    if row is None:
        return NotFound("Nobody here has this number; take it from the desk's list of requests or from an export.")
    if row.slot is None or Puncture.objects.filter(slot=row.slot).exists():
        return Erased(
            "This person was erased: the key that opened their data is destroyed, and nothing can bring it back."
        )
    return KeyringLost(
        "The key database is older than the data: a person in avow has no slot; restore its newest backup."
    )


def key_from(person: UUID | bytes, leaf: bytes) -> bytes:
    """Derive a person's key; with the person in it, a slot that a restored database gave twice is still two keys."""
    whose = person if isinstance(person, bytes) else person.bytes
    return crypto.derive(leaf, "avow/person/v1", whose)
