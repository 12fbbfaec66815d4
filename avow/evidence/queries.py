"""
What pages ask of the evidence; every answer names nobody.

Holds:    the newest entries are looked for among the last WINDOW of the log, so the question
          costs the same however long the log is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import BinaryField, F, Func, IntegerField, Q, Value
from django.db.models.lookups import GreaterThan

from avow.evidence.entries import decode
from avow.evidence.models import CheckDay, Leaf, PolicyVersion
from avow.evidence.tiles import newest as newest_checkpoint
from avow.policy.promises import Promise

WINDOW = 10_000  # entries


@dataclass(frozen=True)
class CheckedDay:
    """How often a live check passed and failed on one day."""

    day: date
    held: int
    failed: int
    why: str


@dataclass(frozen=True)
class Logged:
    """One entry of the log, as a page names it."""

    index: int
    act: str
    at: datetime


def days(checks: Collection[str], *, most: int) -> Mapping[str, list[CheckedDay]]:
    """Return the last days of these checks, the oldest first."""
    found: dict[str, list[CheckedDay]] = defaultdict(list)
    for row in CheckDay.objects.filter(check_name__in=checks).order_by("day"):
        found[row.check_name].append(CheckedDay(row.day, row.held, row.failed, row.why))
    return {name: rows[-most:] for name, rows in found.items()}


def newest(promises: Iterable[Promise], *, most: int) -> list[Logged]:
    """Return the newest entries about these promises that a signed checkpoint covers, the newest first."""
    signed = newest_checkpoint()
    wanted = Q()
    for promise in promises:
        wanted |= Q(_names(promise))
    if signed is None or not wanted:
        return []
    rows = Leaf.objects.filter(wanted, index__lt=signed.size, index__gte=signed.size - WINDOW).order_by("-index")[:most]
    entries = [(row.index, decode(bytes(row.entry))) for row in rows]
    return [Logged(index, entry.act.value, entry.at) for index, entry in entries]


def frozen() -> Mapping[str, int]:
    """Return the place in the log of each published text that has one, by the text's sha256."""
    texts = dict(PolicyVersion.objects.values_list("entry_id", "sha256"))
    return {
        texts[entry_id]: index
        for entry_id, index in Leaf.objects.filter(entry_id__in=texts).values_list("entry_id", "index")
    }


def _names(promise: Promise) -> GreaterThan:
    """Say in SQL that an entry's bytes name this promise; its encoding is canonical, so there is one way to."""
    named = Value(f'"promise":"{promise.value}"'.encode(), output_field=BinaryField())
    return GreaterThan(Func(named, F("entry"), function="position", arg_joiner=" IN ", output_field=IntegerField()), 0)
