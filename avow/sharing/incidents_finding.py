"""
Find the people whom an incident touched, and write one row for each: in batches, under the worker, from where it was.

    openings    whose data an officer, or anybody of the company, opened under a case in that time
    recipient   whose data an agent or an authority had been given by then
    fields      who had a value of one of these fields in that time
    everybody   who was here in that time
    named       the addresses on a list

Why batches that each commit: a look at everybody takes a while, and a worker may be killed in it. What was found
stays, the cursor stands beside it, and whoever comes next goes on there.

Holds:    one row a person and incident, whatever finds them how often. Nobody who is being erased, or was, gets a row:
          they are counted. A list of addresses is looked up at once and kept nowhere.
Assumes:  a recipient may still hold what it was given before the incident; so all that was given counts.
Does not: name anybody to whom a partner's files could lead: by what a release is, they name nobody.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import QuerySet

from avow.errors import BadInput, NotFound, Refused
from avow.evidence.acts import Act
from avow.people import queries
from avow.policy.promises import Promise, keeps
from avow.sharing import incidents, incidents_jobs, incidents_received
from avow.sharing.incidents_models import Affected, Incident, IncidentScope
from avow.sharing.incidents_states import Stage
from avow.vault import catalogue, persons, touched
from avow.vault.in_turn import in_turn
from avow.vault.models import Recipient
from avow.vault.touched import Span

AT_ONCE = 5000
MOST_NAMED = 1000
LATEST = timedelta(hours=1)  # a look that takes longer is worth a warning
WRITE = """
    INSERT INTO sharing_affected (incident_id, person, scope, found_at)
    SELECT %s, person, %s, %s FROM unnest(%s::uuid[]) AS t (person)
    ON CONFLICT (incident_id, person) DO {otherwise}
"""
FOUND = WRITE.format(otherwise="NOTHING")
NAMED = WRITE.format(otherwise="UPDATE SET scope = EXCLUDED.scope")  # dropping another look must not lose them


class Scope(StrEnum):
    """Where to look."""

    OPENINGS = "openings"
    RECIPIENT = "recipient"
    FIELDS = "fields"
    EVERYBODY = "everybody"
    NAMED = "named"


SCOPES = {
    Scope.OPENINGS: "whose data staff opened",
    Scope.RECIPIENT: "whose data somebody outside had been given",
    Scope.FIELDS: "who had one of these fields",
    Scope.EVERYBODY: "everybody who was here",
    Scope.NAMED: "accounts named on a list",
}


@dataclass(frozen=True)
class Where:
    """Where an officer wants to look."""

    kind: Scope
    officer: UUID | None = None
    recipient: UUID | None = None
    fields: Collection[str] = ()


@transaction.atomic
def look(incident: UUID, where: Where, *, by: UUID, now: datetime) -> UUID:
    """Put a look in line; the worker takes it up."""
    row = _open(incident, by, now)
    _sensible(where)
    made = IncidentScope.objects.create(
        id=uuid4(), incident=row, kind=where.kind, officer=where.officer, recipient=where.recipient,
        fields=sorted(set(where.fields)), added_by=by, added_at=now, begun_at=now,
    )  # fmt: skip
    incidents.log(row, Act.INCIDENT_ADDED_TO, now, content=made.pk.bytes)
    incidents_jobs.go_on_soon()
    return made.pk


@transaction.atomic
def name(incident: UUID, addresses: Iterable[str], *, by: UUID, now: datetime) -> IncidentScope:
    """Add the accounts of these addresses; how many have none here is counted, and no address is kept."""
    row = _open(incident, by, now)
    asked = {address.strip().lower() for address in addresses if address.strip()}
    if not asked:
        raise BadInput("No address stands on the list; write one a line.")
    if len(asked) > MOST_NAMED:
        raise BadInput(f"A list names {MOST_NAMED} addresses at most; split it, or look by fields.")
    found = {person for address in asked if (person := queries.person_at(address))}
    made = IncidentScope.objects.create(
        id=uuid4(), incident=row, kind=Scope.NAMED, added_by=by, added_at=now, begun_at=now, done_at=now,
    )  # fmt: skip
    made.looked_at = len(found) - _write(row, made, found, now, NAMED)
    made.beyond = len(asked) - made.looked_at
    made.save(update_fields=["looked_at", "beyond"])
    incidents.log(row, Act.INCIDENT_ADDED_TO, now, content=made.pk.bytes)
    return made


@keeps(Promise.BREACH_REGISTER)
@transaction.atomic
def find_some(scope: UUID, *, now: datetime, at_once: int = AT_ONCE) -> bool:
    """Look at the next batch; False when there is nothing left to look at, or the look was taken back."""
    about = IncidentScope.objects.filter(pk=scope).values("incident")
    row = Incident.objects.select_for_update().filter(pk__in=about).first()  # before the look, as every act does
    one = IncidentScope.objects.select_for_update().filter(pk=scope, done_at=None).first()
    if row is None or one is None:
        return False
    span = Span(row.happened_from, row.happened_until or max(now, row.happened_from))
    seen, found = LOOKS[Scope(one.kind)](one, span, at_once)
    left_out = _write(row, one, found, now, FOUND)
    one.looked_at, one.beyond = one.looked_at + len(found) - left_out, one.beyond + left_out
    if len(seen) < at_once:
        one.done_at, one.beyond = now, one.beyond + _beyond(one, span)
        incidents.log(row, Act.INCIDENT_COUNTED, now, content=one.pk.bytes, actor="service")
    one.reached = None if one.done_at else seen[-1]  # a cursor that is done would keep somebody's number
    one.save(update_fields=["looked_at", "beyond", "done_at", "reached"])
    return one.done_at is None


def find_all(*, clock: Callable[[], datetime], at_once: int = AT_ONCE) -> int:
    """Bring every look that waits to its end; return how many there were."""
    waiting = IncidentScope.objects.filter(done_at=None).order_by("begun_at").values_list("pk", flat=True)
    return len(in_turn(waiting, lambda scope: _find(scope, clock, at_once)))


def _find(scope: UUID, clock: Callable[[], datetime], at_once: int) -> None:
    while find_some(scope, now=clock(), at_once=at_once):
        pass


@transaction.atomic
def again(incident: UUID, scope: UUID, *, by: UUID, now: datetime) -> None:
    """Look once more, since the incident went on; what was found stays."""
    row = _open(incident, by, now)
    looked = _computed(row).filter(pk=scope, done_at__isnull=False)
    if not looked.update(reached=None, looked_at=0, beyond=0, begun_at=now, done_at=None):
        raise Refused("This look is not over yet, or was a list that is kept nowhere; give the list again.")
    incidents_jobs.go_on_soon()


@transaction.atomic
def drop(incident: UUID, scope: UUID, *, by: UUID, now: datetime) -> None:
    """Take a look back, with whom it found and nobody told; the others look again, for they may have found the same."""
    row = _open(incident, by, now)
    rows = Affected.objects.filter(incident=row, scope=scope)
    if rows.filter(told_at__isnull=False).exists():
        raise Refused("People of this look were told already; it stays in the register.")
    if not IncidentScope.objects.filter(incident=row, pk=scope).delete()[0]:
        raise NotFound("There is no such look at this incident any more; reload its page.")
    rows.delete()
    _computed(row).update(reached=None, looked_at=0, beyond=0, begun_at=now, done_at=None)
    incidents.log(row, Act.INCIDENT_ADDED_TO, now, content=b"drop" + scope.bytes)
    incidents_jobs.go_on_soon()


def runs(row: Incident) -> bool:
    """Say whether a look is not over yet."""
    return IncidentScope.objects.filter(incident=row, done_at=None).exists()


def _computed(row: Incident) -> QuerySet[IncidentScope]:
    return IncidentScope.objects.filter(incident=row).exclude(kind=Scope.NAMED)


def _open(incident: UUID, by: UUID, now: datetime) -> Incident:
    """Return an incident that is being worked on, locked; what waits for a second officer ends."""
    row = incidents.find(incident, lock=True, by=by)
    if row.stage == Stage.CLOSED:
        raise Refused("This incident is closed; open it again to look for people.")
    incidents.drop_proposals(row, now=now)  # whoever signed "not owed" knew of other people
    return row


def _sensible(where: Where) -> None:
    """Raise for a look that has nothing to go by."""
    if where.kind is Scope.FIELDS and not where.fields:
        raise BadInput("Name a field at least; for all of them look for everybody.")
    for one in where.fields:
        catalogue.field(one)
    if where.kind is Scope.RECIPIENT and not _is_recipient(where.recipient):
        raise NotFound("There is no recipient by this number; choose one of the list.")
    if where.kind is Scope.NAMED:
        raise BadInput("A list of addresses is looked up at once; give it to the list.")


def _is_recipient(number: UUID | None) -> bool:
    return number is not None and Recipient.objects.filter(pk=number).exists()


def _write(row: Incident, scope: IncidentScope, found: Collection[UUID], now: datetime, statement: str) -> int:
    """Write a row for each, all of them locked, so that none comes beside an erasure; return how many were left out."""
    living = sorted(persons.lock_each(found))
    with connection.cursor() as cursor:
        cursor.execute(statement, [row.pk, scope.pk, now, living])
    return len(found) - len(living)


Found = tuple[list[UUID], list[UUID]]  # whom a batch looked at, and whom of them it touched


def _everybody(one: IncidentScope, span: Span, at_once: int) -> Found:
    seen = touched.everybody(span, after=one.reached, at_most=at_once)
    return seen, seen


def _fields(one: IncidentScope, span: Span, at_once: int) -> Found:
    seen = touched.everybody(span, after=one.reached, at_most=at_once)
    return seen, touched.who_had(one.fields, span, among=seen)


def _openings(one: IncidentScope, span: Span, at_once: int) -> Found:
    seen = touched.whose_were_opened(span, one.officer, after=one.reached, at_most=at_once)
    return seen, seen


def _recipient(one: IncidentScope, span: Span, at_once: int) -> Found:
    assert one.recipient is not None, "a look at a recipient names one"
    seen = incidents_received.by(one.recipient, span, after=one.reached, at_most=at_once)
    return seen, seen


LOOKS: dict[Scope, Callable[[IncidentScope, Span, int], Found]] = {
    Scope.EVERYBODY: _everybody, Scope.FIELDS: _fields, Scope.OPENINGS: _openings, Scope.RECIPIENT: _recipient,
}  # fmt: skip


def _beyond(one: IncidentScope, span: Span) -> int:
    """Count whom this look would have found, had they not been erased since."""
    if one.kind == Scope.RECIPIENT:
        assert one.recipient is not None, "a look at a recipient names one"
        return incidents_received.beyond(one.recipient, span)
    return touched.opened_of_erased(span) if one.kind == Scope.OPENINGS else touched.erased_since(span)
