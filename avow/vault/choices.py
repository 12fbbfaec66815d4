"""
What a person chose: grants beyond the policy, objections within it, the freeze, and the text they accepted.

Why in the vault: the gate reads them at every opening. The pages and links through which people
choose are rooms above.

Holds:    one standing choice of a kind for each purpose (of grants, also for each field that asks for one); choosing
          twice changes nothing; what was withdrawn stays as history until the person is erased. A grant ends by itself,
          after two years if nobody said when. A freeze, the person's or the company's, and an erasure that is under
          way count as an objection to everything that can be objected to. Each lifts its own freeze alone.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from django.db import connection

from avow.policy.purposes import Purpose
from avow.vault import statements
from avow.vault.actor import ActorKind
from avow.vault.models import Freeze, Grant, Objection

ALL = frozenset(Purpose)
GRANT_LASTS = timedelta(days=730)  # who allowed something once is asked again, not bound for ever
STANDING = """
    SELECT kind, what, string_agg(uuid_send(person), ''::bytea) FROM (
      SELECT person, 'granted' AS kind, field || '/' || purpose AS what FROM vault_grant
       WHERE person = ANY(%(persons)s) AND withdrawn_at IS NULL AND (until IS NULL OR until > %(now)s)
      UNION ALL SELECT person, 'objected', purpose FROM vault_objection
       WHERE person = ANY(%(persons)s) AND withdrawn_at IS NULL
      UNION ALL SELECT person, 'frozen', '' FROM vault_freeze WHERE person = ANY(%(persons)s) AND lifted_at IS NULL
      UNION ALL SELECT person, CASE WHEN erasing_since IS NULL THEN 'governed' ELSE 'erasing' END,
                       COALESCE(NULLIF(governed_by, ''), signed_up_under) || '/' || agreed_to FROM vault_person
       WHERE person = ANY(%(persons)s)
    ) AS said GROUP BY kind, what
"""
FORGET = """
    WITH a AS (DELETE FROM vault_grant WHERE person = %(person)s RETURNING 1),
         b AS (DELETE FROM vault_objection WHERE person = %(person)s RETURNING 1),
         c AS (DELETE FROM vault_freeze WHERE person = %(person)s RETURNING 1)
    SELECT (SELECT count(*) FROM a) + (SELECT count(*) FROM b) + (SELECT count(*) FROM c)
"""

AGAINST = """
    SELECT person FROM vault_objection WHERE purpose = ANY(%(purposes)s) AND withdrawn_at IS NULL
    UNION SELECT person FROM vault_freeze WHERE lifted_at IS NULL
    UNION SELECT person FROM vault_person WHERE erasing_since IS NOT NULL AND erased_at IS NULL
"""


@dataclass(frozen=True)
class Choices:
    """What one person granted and objected to, as it stands, and the text that governs them."""

    granted: frozenset[Purpose] = frozenset()
    objected: frozenset[Purpose] = frozenset()
    frozen: bool = False
    governed: str = ""  # sha256 of the newest text that this person accepted; empty: none (a check's own key)
    agreed: str = ""  # sha256 of the newest text whose terms they agreed to for what they gave before it; empty: none
    granted_for: frozenset[tuple[str, Purpose]] = frozenset()  # of one field each, for what it asks


NONE = Choices()


def of(person: UUID, *, now: datetime) -> Choices:
    """Return one person's choices."""
    return of_many([person], now=now).get(person, NONE)


def of_many(persons: Iterable[UUID], *, now: datetime) -> dict[UUID, Choices]:
    """Return the choices of many; who is not known is left out."""
    named = {person.bytes: person for person in persons}
    return {named[person]: said for person, said in of_these(named, now=now).items()}


def of_these(persons: Collection[bytes], *, now: datetime) -> dict[bytes, Choices]:
    """Return the choices of many, all by their UUIDs' bytes; people who said the same share one answer."""
    values = {"persons": statements.Whom.of(persons), "now": now}
    rows = statements.rows(statements.AVOW, STANDING, values, prepared=len(persons) == 1)
    alike = cache(_choices)
    found: dict[bytes, Choices] = {}
    texts: dict[bytes, str] = {}
    said: dict[bytes, set[tuple[str, str]]] = {}
    for kind, what, people in rows:
        if kind == "governed":
            texts |= dict.fromkeys(statements.each(people), what)
            found |= dict.fromkeys(statements.each(people), alike(frozenset(), what))
            continue
        for person in statements.each(people):
            said.setdefault(person, set()).add((kind, what))
    for person, kinds in said.items():
        found[person] = alike(frozenset(kinds), texts.get(person, ""))
    return found


@dataclass(frozen=True)
class Rests:
    """At whose word a person's data rests."""

    wished: bool  # their own
    looked_into: bool  # the company's, until it has decided something


def grant(person: UUID, purpose: Purpose, *, now: datetime, until: datetime | None = None, field: str = "") -> None:
    """Keep that the person allows this purpose, also where the policy does not; for two years unless told otherwise.

    field: the one field that it is for; empty for all. A field that asks for its own is opened by neither alone: the
    policy must name the purpose, and the person allow it (`gate`).
    """
    withdraw_grant(person, purpose, now=now, field=field)
    Grant.objects.create(person=person, purpose=purpose, field=field, since=now, until=until or now + GRANT_LASTS)


def grants_of(person: UUID) -> list[Grant]:
    """Return what a person ever allowed, the newest first, also what was withdrawn or has ended."""
    return list(Grant.objects.filter(person=person).order_by("-since", "-pk"))


def has_ended(grant: Grant, *, now: datetime) -> bool:
    """Say whether a grant counts no more: it was withdrawn, or its day has come."""
    return grant.withdrawn_at is not None or (grant.until is not None and grant.until <= now)


def withdraw_grant(person: UUID, purpose: Purpose, *, now: datetime, field: str = "") -> bool:
    """End a grant and say whether there was one."""
    standing = Grant.objects.filter(person=person, purpose=purpose, field=field, withdrawn_at=None)
    return standing.update(withdrawn_at=now) > 0


def object_to(person: UUID, purpose: Purpose, *, now: datetime) -> None:
    """Keep that the person does not want this purpose."""
    Objection.objects.bulk_create([Objection(person=person, purpose=purpose, since=now)], ignore_conflicts=True)


def withdraw_objection(person: UUID, purpose: Purpose, *, now: datetime) -> None:
    """End an objection; without one nothing happens."""
    Objection.objects.filter(person=person, purpose=purpose, withdrawn_at=None).update(withdrawn_at=now)


def freeze(person: UUID, *, now: datetime, by: ActorKind = ActorKind.PERSON) -> None:
    """Let the person's data rest, at their own word or at the company's."""
    Freeze.objects.bulk_create([Freeze(person=person, by=by, since=now)], ignore_conflicts=True)


def lift_freeze(person: UUID, *, now: datetime, by: ActorKind = ActorKind.PERSON) -> None:
    """Take that word back; once none stands, the data is used again as the policy and their other choices say."""
    Freeze.objects.filter(person=person, by=by, lifted_at=None).update(lifted_at=now)


def rests(person: UUID) -> Rests:
    """Return at whose word the person's data rests."""
    said = set(Freeze.objects.filter(person=person, lifted_at=None).values_list("by", flat=True))
    return Rests(ActorKind.PERSON in said, ActorKind.STAFF in said)


def who_said_no(*purposes: Purpose) -> set[UUID]:
    """Return everybody who stands against one of these: by an objection, a freeze, or an erasure under way."""
    with connection.cursor() as cursor:
        cursor.execute(AGAINST, {"purposes": [purpose.value for purpose in purposes]})
        return {person for (person,) in cursor.fetchall()}


def forget(person: UUID) -> int:
    """Remove every choice of an erased person; return how many rows went."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"person": person})
        return int(cursor.fetchone()[0])


def _choices(said: frozenset[tuple[str, str]], governed: str) -> Choices:
    """Return what follows from all that one person said; whose erasure is under way says their text that way."""
    kinds: dict[str, set[str]] = {}
    for kind, what in said:
        kinds.setdefault(kind, set()).add(what)
    frozen = "frozen" in kinds or "erasing" in kinds
    objected = ALL if frozen else frozenset(Purpose(purpose) for purpose in kinds.get("objected", ()))
    grants = [what.rpartition("/") for what in kinds.get("granted", ())]
    granted = frozenset(Purpose(purpose) for field, _, purpose in grants if not field)
    granted_for = frozenset((field, Purpose(purpose)) for field, _, purpose in grants if field)
    accepted, _, agreed = next(iter(kinds.get("erasing", ())), governed).partition("/")
    return Choices(granted, objected, frozen, accepted, agreed, granted_for)
