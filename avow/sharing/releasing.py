"""
The one flow by which anything goes to a partner: checked, approved by two, made, and let out by the egress gate.

    propose → check → approve, approve → publish        (`release_models.MOVES`)

Why made at publishing and not kept from the check: whoever objects or leaves in between is then in nothing. A result
that nobody has seen is thrown away when somebody left while it was made, and costs nothing again.

Holds:    nothing leaves without a standing grant of that partner, two approvals by different officers of this very
          specification, days that are over, and budget, or rows that measured anonymous. Of the lake it reads
          what the texts then and now permit, for who accepted them.
          Budget is reserved in a transaction of its own before anything is counted: a crash leaves it spent.
          A second click finds what the first one made.
Assumes:  the row's lock is the order of two clicks; an attempt that is silent for STALE was killed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from avow.errors import AvowError, BadInput, NotYet, Refused
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.evidence.outbox import record
from avow.people import desk
from avow.policy.purposes import Purpose
from avow.sharing import leaving_out, making, spending
from avow.sharing.generalising import NotAnonymous
from avow.sharing.making import Made, Source
from avow.sharing.proposing import find, locked, move, spec_of
from avow.sharing.release_models import Approval, Release
from avow.sharing.spec import Kind, Spec
from avow.usage import analyses, lake
from avow.usage.analyses import Span
from avow.vault import egress, governing

OFFICERS, TRIES, STALE = 2, 5, timedelta(minutes=5)


class SomebodyLeft(NotYet):
    """Somebody objected or began to leave while the release was made; it is made again."""

    code = "somebody-left"


class NotApproved(Refused):
    """Two officers have not approved this very specification."""

    code = "not-approved"


def check(release: UUID, *, now: datetime, events: Source | None = None) -> Release:
    """Say what a release costs or how it would be made, and every reason against it, in sentences."""
    row = find(release)
    spec, sha = spec_of(row), row.spec_sha
    reasons = _against(spec, now, row.pk)
    figures = (
        making.announced(spec) if spec.kind is Kind.FIGURES else _tried(spec, events or _may_be_read(now), reasons, now)
    )
    return _note(release, sha, reasons, figures, now)


@transaction.atomic
def approve(release: UUID, officer: UUID, *, now: datetime) -> Release:
    """Note an officer's approval; with the second, of another officer, the release may be published."""
    row = locked(release)
    if not desk.is_officer(officer):
        raise NotApproved("Only an officer of the desk approves a release; ask for the desk first.")
    if row.state not in {"checked", "approved"}:
        raise NotApproved(f"This release is {row.state}; one is approved after its check found nothing against it.")
    if row.approvals.filter(officer=officer).exists():
        raise NotApproved("You have approved this release; the second approval is another officer's.")
    Approval.objects.create(release=row, officer=officer, spec_sha=row.spec_sha, at=now)
    _record(row, now)
    if row.state == "checked" and _approvals(row) >= OFFICERS:
        move(row, "approved")
    return row


def publish(release: UUID, *, now: datetime, events: Source | None = None) -> Release:
    """Make the release and let it out; a second call finds the first one's. Raises the reason where it may not be."""
    if find(release).state == "published":
        return find(release)
    spec = spec_of(find(release))
    source = events or _may_be_read(now)
    source(spec.since, spec.until)  # before anything is spent: the lake may be away
    attempt = _begin(release, now)
    for _ in range(TRIES):
        mark = leaving_out.mark(now)
        made = _make(release, spec, source, now)
        try:
            return _finish(release, attempt, made, mark, now)
        except SomebodyLeft:
            continue
    raise SomebodyLeft("People kept changing their choices while it was made; publish again in a few minutes.")


@transaction.atomic
def _begin(release: UUID, now: datetime) -> UUID:
    """Ask everything once more and reserve the budget; from here on it is spent."""
    row = locked(release)
    spec = spec_of(row)
    if row.state == "publishing" and row.attempt_at and now - row.attempt_at < STALE:
        raise NotYet("This release is being published at this moment; look again shortly.")
    if spec.sha256 != row.spec_sha or _approvals(row) < OFFICERS:
        raise NotApproved("Two different officers must approve this very specification first; it may have changed.")
    spending.lock(spec.since.year)  # two releases of rows on the same days must see each other
    if reasons := _against(spec, now, row.pk, budget=False):
        raise Refused(" ".join(reasons))
    attempt = uuid4()
    if spec.kind is Kind.FIGURES:
        attempt = spending.reserve(
            spec.partner, spec.since.year, spec.rho, release=row.pk, spec_sha=row.spec_sha, now=now
        )
    move(row, "publishing", attempt=attempt, attempt_at=now)
    return attempt


def _may_be_read(now: datetime) -> Source:
    """Return where events come from: days and people whose texts, then and now, name releases, and no others."""
    return lambda since, until: analyses.allowed_events(Span(since, until, Purpose.ANONYMISED_RELEASE, now))


def _make(release: UUID, spec: Spec, source: Source, now: datetime) -> Made:
    """Make the file; one that cannot be anonymous ends the attempt."""
    try:
        return lake.ask(lambda: making.make(spec, source(spec.since, spec.until), now=now))
    except (NotAnonymous, BadInput) as refused:
        with transaction.atomic():
            move(locked(release), "refused", reasons=[str(refused)], figures={}, counted_at=None)
        raise


@transaction.atomic
def _finish(release: UUID, attempt: UUID, made: Made, mark: object, now: datetime) -> Release:
    """Let it out, unless somebody left while it was made or another attempt took over."""
    row = locked(release)
    if row.state != "publishing" or row.attempt != attempt:
        raise NotYet("Another attempt took this release over; its page shows how far that is.")
    if leaving_out.mark(now) != mark:
        raise SomebodyLeft("Somebody left while it was made.")
    if row.kind == Kind.FIGURES:
        spending.commit(attempt, now=now)
    left = egress.leave(row.partner, [row.kind], Purpose.ANONYMISED_RELEASE, content=made.content, people=0, now=now)
    move(
        row, "published", table=made.table, descriptor=made.descriptor, figures=made.figures, egress=left,
        published_at=now, counted_at=now,
    )  # fmt: skip
    return row


def _against(spec: Spec, now: datetime, release: UUID, *, budget: bool = True) -> list[str]:
    """Return every reason against a release that can be told without its events."""
    reasons = list[str]()
    try:
        grant = egress.permit(spec.partner, [spec.kind], Purpose.ANONYMISED_RELEASE, now=now)
        if egress.promise_of(grant) is not making.PROMISE[spec.kind]:
            reasons.append(
                "The partner's grant rests on another sentence of the policy; grant this kind under its own."
            )
    except AvowError as refused:
        reasons.append(str(refused))
    if spec.until >= now.date():
        reasons.append("Its last day is not over, so that the same release would give something else tomorrow.")
    if spec.kind is Kind.ROWS and _overlaps(spec, release):
        reasons.append(
            "Rows of some of these days went to a partner before, and the two together could tell people apart: "
            "take other days, or give figures."
        )
    there = Release.objects.filter(spec_sha=spec.sha256, state__in=["publishing", "published"])
    if there.exclude(pk=release).exists():
        reasons.append("This very release was published already, from another proposal; hand that one over.")
    if spec.kind is Kind.FIGURES and budget:
        reasons += spending.why_not(spec.partner, spec.since.year, spec.rho, now=now)
    return reasons


def _overlaps(spec: Spec, release: UUID) -> bool:
    given = Release.objects.filter(kind=Kind.ROWS, state__in=["publishing", "published"]).exclude(pk=release)
    days = [(one["since"], one["until"]) for one in given.values_list("spec", flat=True)]
    return any(since <= spec.until.isoformat() and until >= spec.since.isoformat() for since, until in days)


def _tried(spec: Spec, events: Source, reasons: list[str], now: datetime) -> dict[str, Any]:
    """Look for the best way to make the rows and let them go; add the reason where there is none."""
    if reasons:
        return {}
    try:
        made = lake.ask(lambda: making.anonymous(spec, events(spec.since, spec.until), now=now))
        return making.found(made, spec)
    except (NotAnonymous, BadInput) as refused:
        reasons.append(str(refused))
        return {}


@transaction.atomic
def _note(release: UUID, sha: str, reasons: Sequence[str], figures: dict[str, Any], now: datetime) -> Release:
    row = locked(release)
    if row.spec_sha != sha:
        raise NotYet("The specification was changed while it was checked; check it again.")
    to = "refused" if reasons else "checked"
    if to == "refused" or row.state != "approved":
        move(row, to, reasons=list(reasons), figures=figures, counted_at=now)
    if row.state == "checked" and _approvals(row) >= OFFICERS:  # both were given before, for this very text
        move(row, "approved")
    return row


def _approvals(row: Release) -> int:
    return row.approvals.filter(spec_sha=row.spec_sha).count()


def _record(row: Release, now: datetime) -> None:
    version = governing.in_force(now)
    promise = making.PROMISE[Kind(row.kind)]
    clause = governing.clause_for(promise, version)
    written = bytes.fromhex(row.spec_sha)
    record(
        Entry(
            act=Act.RELEASE_APPROVED, at=now, promise=promise, clause=clause, policy=version.sha256,
            evidence=written, actor="staff",
        )
    )  # fmt: skip
