"""
Switch messages off and on again: a topic, all four, or mail of legal notices.

Why here, under the door: a link in a letter, a button in the account, a mail to the company and the desk all come
to these functions, so that an opt-out is the same whichever way it took.

Holds:    from the commit on nothing of the kind is queued, and what waited is stopped, in the same transaction; what
          a worker holds at that moment is asked once more before the relay gets it (`delivering`). A second
          time changes nothing and records nothing. Opting in lifts what an earlier account of the address had asked.
          Whoever is erased, or being erased, gets nothing anyway: for them all of it answers and does nothing.
Does not: touch codes, receipts and answers; they follow acts of one's own.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from avow.communications import delivering, suppression
from avow.communications.classes import Kind, MessageClass, Topic
from avow.communications.deciding import Reason
from avow.communications.models import Outgoing, Switch
from avow.errors import BadInput, Erased, NotFound
from avow.evidence.acts import Act
from avow.people import queries
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.vault import persons
from avow.vault.attesting import attest

WAY = re.compile(r"[a-z][a-z-]{1,19}")
BY_LINK = ("link", "one-click")
UNDO = timedelta(days=30)
EVERYTHING: tuple[Kind, ...] = (*Topic, MessageClass.NOTICE)


@dataclass(frozen=True)
class Off:
    """One switch that stands off."""

    since: datetime | None  # None: asked by an earlier account of the same address
    way: str


@keeps(Promise.OPT_OUT)
@transaction.atomic
def opt_out(person: UUID, topics: Collection[Topic] | None, *, way: str, now: datetime) -> int:
    """End letters of these topics, or of all four; return how many that waited were stopped."""
    return _switch_off(person, _kinds(topics), way, now)


@transaction.atomic
def opt_in(person: UUID, topics: Collection[Topic] | None, *, way: str, now: datetime) -> int:
    """Have letters of these topics again; return how many switches were turned."""
    return _switch_on(person, _kinds(topics), way, now)


@keeps(Promise.OPT_OUT)
@transaction.atomic
def legal_mail_off(person: UUID, *, way: str, now: datetime) -> int:
    """End mail of legal notices; they still reach the account."""
    return _switch_off(person, (MessageClass.NOTICE,), way, now)


@transaction.atomic
def legal_mail_on(person: UUID, *, way: str, now: datetime) -> int:
    """Have legal notices by mail again."""
    return _switch_on(person, (MessageClass.NOTICE,), way, now)


@keeps(Promise.OPT_OUT)
@transaction.atomic
def choose(person: UUID, on: Collection[Kind], *, way: str, now: datetime) -> int:
    """Turn all switches as one form says them, those that stand so already untouched; return how many mails stopped."""
    off = standing_off(person, now)
    _switch_on(person, [kind for kind in EVERYTHING if kind in on and kind in off], way, now)
    return _switch_off(person, [kind for kind in EVERYTHING if kind not in on and kind not in off], way, now)


@transaction.atomic
def undo(person: UUID, kinds: Collection[Kind], *, now: datetime) -> int:
    """Turn on again what a letter's link turned off in the last 30 days, and nothing that was chosen elsewhere."""
    by_link = Switch.objects.filter(
        person=person, kind__in=list(kinds), on_again_at=None, way__in=BY_LINK, off_since__gt=now - UNDO
    )
    found = set(by_link.values_list("kind", flat=True))
    return _switch_on(person, [kind for kind in kinds if kind in found], "link", now)


def standing(person: UUID, now: datetime | None = None) -> Mapping[Topic, bool]:
    """Return for each topic whether letters of it may come."""
    off = standing_off(person, now or timezone.now())
    return {topic: topic not in off for topic in Topic}


def legal_mail(person: UUID, now: datetime | None = None) -> bool:
    """Say whether legal notices come by mail."""
    return MessageClass.NOTICE not in standing_off(person, now or timezone.now())


def standing_off(person: UUID, now: datetime) -> dict[Kind, Off]:
    """Return every kind that is off, since when and how."""
    rows = {row.kind: Off(row.off_since, row.way) for row in Switch.objects.filter(person=person, on_again_at=None)}
    earlier = _asked_earlier(person, now)
    off: dict[Kind, Off] = {kind: rows[kind] for kind in EVERYTHING if kind in rows}
    return {**{kind: Off(None, "earlier") for kind in EVERYTHING if kind in earlier}, **off}


def is_gone(person: UUID) -> bool:
    """Say whether nothing is sent to this number any more: erased, being erased, or never here."""
    try:
        return queries.reachable(person) is None
    except NotFound:
        return True


def _switch_off(person: UUID, kinds: Collection[Kind], way: str, now: datetime) -> int:
    _must_be_a_way(way)
    if not kinds or not _is_here(person):
        return 0
    standing_now = set(Switch.objects.filter(person=person, on_again_at=None).values_list("kind", flat=True))
    new = [Switch(person=person, kind=kind, way=way, off_since=now) for kind in kinds if kind not in standing_now]
    Switch.objects.bulk_create(new)
    if new:
        attest(person, Act.OPTED_OUT, promise=Promise.OPT_OUT, now=now)
    return _stop_waiting(person, kinds, now)


def _switch_on(person: UUID, kinds: Collection[Kind], way: str, now: datetime) -> int:
    _must_be_a_way(way)
    if not kinds or not _is_here(person):
        return 0
    standing_off_now = Switch.objects.filter(person=person, kind__in=list(kinds), on_again_at=None)
    turned = standing_off_now.update(on_again_at=now)
    address = queries.confirmed_address_of(person, Purpose.RIGHTS, now=now)
    turned += suppression.lift(address, kinds) if address else 0
    if turned:
        attest(person, Act.OPTED_IN, promise=Promise.OPT_OUT, now=now)
    return turned


def _stop_waiting(person: UUID, kinds: Collection[Kind], now: datetime) -> int:
    """Stop what waits; a row that a worker holds is left to it, and it asks again."""
    waiting = Outgoing.objects.select_for_update(skip_locked=True).filter(
        person=person, kind__in=list(kinds), ends_at__gt=now, run=None
    )
    return sum(delivering.stop(row, Reason.SWITCHED_OFF, now) for row in waiting)


def _asked_earlier(person: UUID, now: datetime) -> frozenset[Kind]:
    if is_gone(person):
        return frozenset()
    address = queries.confirmed_address_of(person, Purpose.RIGHTS, now=now)
    return suppression.among(address, EVERYTHING) if address else frozenset()


def _is_here(person: UUID) -> bool:
    """Lock a person who can still choose; who is erased, being erased or unknown gets nothing as it is."""
    try:
        return persons.lock(person).erasing_since is None
    except (Erased, NotFound):
        return False


def _kinds(topics: Collection[Topic] | None) -> tuple[Topic, ...]:
    return tuple(Topic) if topics is None else tuple(Topic(topic) for topic in topics)


def _must_be_a_way(way: str) -> None:
    if not WAY.fullmatch(way):
        raise BadInput(
            "An opt-out names the way it came by a short word in small letters; write account, link or mail."
        )
