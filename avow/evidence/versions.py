"""
Published texts of the policy: frozen by their hash, in one chain, all of them readable for ever.

Why text and table apart: the text is what people were shown and never changes. What its sentences
are bound to is ours to mend, so a new table for the same text is a new row and an entry in
the log, and never a new version.

Holds:    freezing the same bytes again changes nothing and records nothing. A new text names the
          hash of the one before it, and the log holds the hash of each. Rows are written once:
          a trigger refuses a change, and the check `published-texts-are-unchanged` finds one
          made behind its back.
          In force is the newest text that has taken effect, from 00:00 UTC of its date on. Before
          any has, the first one governs: it is the only one that people were shown.
Does not: announce. Notices are sent by `avow.communications`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from hashlib import sha256

from django.db import connections, transaction

from avow.errors import NotFound, PolicyUnreadable
from avow.evidence.acts import Act
from avow.evidence.entries import Entry, canonical
from avow.evidence.models import PolicyBinding, PolicyVersion
from avow.evidence.outbox import record
from avow.policy.binding import BoundPolicy, bind
from avow.policy.parsing import parse
from avow.policy.promises import Promise, keeps
from avow.policy.reading_clauses import parse_clauses

ONE_AT_A_TIME = 0x61766F77_706F6C  # "avowpol": the advisory lock of whoever freezes

NEWEST = "SELECT id, sha256, bound_at FROM evidence_policybinding ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True)
class Version:
    """One published text with the table that it is bound to."""

    number: int
    sha256: str
    parent: str  # sha256 of the version before; empty for the first
    raw: bytes
    clauses: bytes
    effective_date: date
    published_at: datetime
    published_by: str

    @cached_property
    def bound(self) -> BoundPolicy:
        """The text with each sentence's clause."""
        return bind(parse(self.raw, name=f"version {self.number}"), parse_clauses(self.clauses))


_known: dict[
    tuple[int, str, datetime], tuple[Version, ...]
] = {}  # one key at a time: what was newest, and all versions
_once: ContextVar[tuple[Version, ...] | None] = ContextVar("the texts as one act sees them", default=None)


@keeps(Promise.VERSIONS_FROZEN)
@transaction.atomic
def freeze(raw: bytes, clauses: bytes, *, now: datetime, published_by: str) -> Version:
    """Publish a text for good, or return the version that it is already; a new table for it is bound and logged."""
    effective = bind(parse(raw), parse_clauses(clauses)).document.effective_date
    if effective is None:
        raise PolicyUnreadable("The policy names no effective date; write one near its top, then publish it.")
    one_at_a_time()
    digest = sha256(raw).hexdigest()
    version = PolicyVersion.objects.filter(sha256=digest).first()
    if version is None:
        version = _publish(raw, digest, effective, now, published_by)
    _bind(version, clauses, now)
    return read(digest)


def one_at_a_time() -> None:
    """Let nobody else publish until the caller's transaction ends."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])


def in_force(now: datetime) -> Version:
    """Return the text that governs now."""
    versions = all_versions()
    if not versions:
        raise NotFound("No policy has been published yet; start with `avow up --policy FILE`.")
    effective = [version for version in versions if version.effective_date <= now.astimezone(UTC).date()]
    return effective[-1] if effective else versions[0]


@keeps(Promise.VERSIONS_PUBLIC)
def all_versions() -> tuple[Version, ...]:
    """Return every text ever published, the oldest first; one small query unless something was published meanwhile."""
    if (once := _once.get()) is not None:
        return once
    with connections["default"].cursor() as cursor:
        cursor.execute(NEWEST)
        newest = cursor.fetchone()
    if newest is None:
        return ()
    versions = _known.get(newest)
    if versions is None:
        versions = _load()
        _known.clear()  # by another thread too, at any moment: what is returned is never looked up again
        _known[newest] = versions
    return versions


@contextmanager
def read_once() -> Iterator[None]:
    """Let one act that asks for the texts many times see them as they stand now, and ask the database once."""
    before = _once.set(all_versions())
    try:
        yield
    finally:
        _once.reset(before)


@keeps(Promise.VERSIONS_PUBLIC)
def read(digest: str) -> Version:
    """Return the version whose text has this sha256."""
    for version in all_versions():
        if version.sha256 == digest:
            return version
    raise NotFound("No version of the policy has this hash; /policy/versions lists them all.")


def _load() -> tuple[Version, ...]:
    tables = {binding.version_id: bytes(binding.clauses) for binding in PolicyBinding.objects.order_by("id")}
    return tuple(
        Version(
            row.number, row.sha256, row.parent, bytes(row.raw), tables[row.number],
            row.effective_date, row.published_at, row.published_by,
        )
        for row in PolicyVersion.objects.order_by("number")
    )  # fmt: skip


def _publish(raw: bytes, digest: str, effective: date, now: datetime, published_by: str) -> PolicyVersion:
    """Add the next link of the chain and tell the log."""
    before = PolicyVersion.objects.order_by("-number").first()
    row = PolicyVersion(
        sha256=digest, parent=before.sha256 if before else "", raw=raw,
        effective_date=effective, published_at=now, published_by=published_by,
    )  # fmt: skip
    promise = Promise.VERSIONS_FROZEN
    row.entry_id = record(
        Entry(act=Act.POLICY_FROZEN, at=now, promise=promise, policy=digest, evidence=commitment(row))
    )
    row.save(force_insert=True)
    return row


def commitment(row: PolicyVersion) -> bytes:
    """Return what the log keeps of a version besides its text: the date it takes effect and the text before it."""
    said = {"effective": row.effective_date.isoformat(), "parent": row.parent, "policy": row.sha256}
    return sha256(canonical(said)).digest()


def _bind(version: PolicyVersion, clauses: bytes, now: datetime) -> None:
    """Bind the text to this table unless it is bound to it already."""
    table = sha256(clauses)
    newest = version.bindings.order_by("-id").first()
    if newest is not None and newest.sha256 == table.hexdigest():
        return
    version.bindings.create(sha256=table.hexdigest(), clauses=clauses, bound_at=now)
    promise = Promise.VERSIONS_FROZEN
    record(Entry(act=Act.POLICY_BOUND, at=now, promise=promise, policy=version.sha256, evidence=table.digest()))
