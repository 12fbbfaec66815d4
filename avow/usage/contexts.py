"""
What was sent along with events, sealed: one context for a person, a day and the same circumstances.

Why beside the events and not in them: events are read by analyses, circumstances by the person alone.

Holds:    of address, device, cookie and user agent only what the policy in force names is sealed; the rest is
          dropped. A context's number is the same when a killed compaction is done again, so none comes twice.
"""

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from avow.errors import Erased, NotFound
from avow.policy.categories import Category
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.usage import declared
from avow.usage.models import Context
from avow.usage.rows import NOBODYS, signed
from avow.vault import crypto, governing, sealing

LABEL = "usage-context"
Opened = tuple[date, dict[str, str]]
NAMED = {
    "ip": Category.IP_ADDRESS,
    "device": Category.DEVICE_ID,
    "cookie": Category.COOKIE,
    "agent": Category.USER_AGENT,
}


@dataclass(frozen=True, order=True)
class Circumstances:
    """Under what an event was sent; empty where nothing was."""

    person: UUID
    day: date
    ip: str = ""
    device: str = ""
    cookie: str = ""  # its fingerprint: the value itself would let a reader act as the browser
    agent: str = ""


def named(now: datetime) -> frozenset[str]:
    """Return which circumstances the policy in force says are recorded."""
    categories = _categories(now)
    return frozenset(name for name, category in NAMED.items() if category in categories)


def named_properties(now: datetime) -> frozenset[str]:
    """Return which declared properties are of a category that the policy in force says is recorded."""
    categories = _categories(now)
    return frozenset(one.name for one in declared.here().properties if one.category in categories)


def _categories(now: datetime) -> frozenset[Category]:
    clauses = governing.in_force(now).bound.by_promise(Promise.COLLECTED_DATA)
    return frozenset(category for clause in clauses for category in clause.categories)


@keeps(Promise.COLLECTED_DATA)
def keep(wanted: Iterable[Circumstances], *, under: bytes, now: datetime) -> dict[Circumstances, int]:
    """Seal these and return their numbers; who is gone, or being erased, is left out."""
    allowed, kept = named(now), dict[Circumstances, int]()
    for one in sorted(wanted):  # persons are locked in the same order by everybody
        plain = {name: getattr(one, name) for name in sorted(allowed) if getattr(one, name)}
        try:
            sealed = sealing.seal_blob(one.person, LABEL, json.dumps(plain).encode(), now=now)
        except (Erased, NotFound):
            continue
        kept[one] = _number(one, under)
        row = Context(id=kept[one], person=one.person, day=one.day, sealed=sealed)
        Context.objects.bulk_create([row], ignore_conflicts=True)
    return kept


def opened(person: UUID, purpose: Purpose, *, now: datetime, since: date = date.min) -> dict[int, Opened]:
    """Return a person's contexts by their numbers, opened for a purpose; one refusal refuses all."""
    rows = list(Context.objects.filter(person=person, day__gte=since).order_by("day", "id"))
    plain = sealing.open_blobs(person, LABEL, [bytes(row.sealed) for row in rows], purpose=purpose, now=now)
    return {row.id: (row.day, json.loads(text)) for row, text in zip(rows, plain, strict=True)}


def days_of(person: UUID) -> set[date]:
    """Return the days on which something of a person was recorded."""
    return set(Context.objects.filter(person=person).values_list("day", flat=True))


@transaction.atomic
def forget(person: UUID, days: Iterable[date]) -> int:
    """Remove a person's contexts of these days."""
    return Context.objects.filter(person=person, day__in=list(days)).delete()[0]


def _number(one: Circumstances, under: bytes) -> int:
    """Return the context's number: random to everybody without the segment's key, the same when done again."""
    parts = (one.person.bytes, one.day.isoformat(), one.ip, one.device, one.cookie, one.agent)
    bound = crypto.bind("avow.context/1", *(part if isinstance(part, bytes) else part.encode() for part in parts))
    return signed(hmac.digest(under, bound, "sha256")) or NOBODYS + 1
