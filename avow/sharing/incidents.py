"""
Keep the register of incidents: what went wrong, since when somebody knows, what was decided and by whom.

Why a register and no folder of papers: the 72 hours of GDPR Art. 33 begin when somebody becomes aware, and a clock that
nobody sees is missed. What is decided here is decided before everybody's eyes, step by step, in the log.

    incidents           register, add words, assess, open again
    incidents_finding   whom it touched
    incidents_signing   what two officers decide: nothing is owed, or it is over
    incidents_filing    the authority's notice
    incidents_telling   the people's notice

Holds:    each step is a move of `incidents_states` under the incident's lock, and an entry in the log that names
          nobody. Nothing lies in the future, nothing ends before it begins. The same form sent twice registers once.
          To an officer whose own openings an incident is about there is no such incident.
Assumes:  an officer says truly when somebody became aware; the log says when they said it.
Does not: notice an incident. `docs/howto/when-something-went-wrong.md` says where signs of one show.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID, uuid4

from django.db import transaction

from avow.errors import BadInput, NotFound, Refused
from avow.evidence.acts import Act
from avow.evidence.entries import Actor, Entry
from avow.evidence.outbox import record
from avow.policy.promises import Promise, keeps
from avow.sharing import incidents_words as words
from avow.sharing.incidents_models import Incident, IncidentDecision, IncidentScope
from avow.sharing.incidents_states import OWED_WITHIN, STAGE_WORDS, Kind, Place, Risk, Step, after
from avow.sharing.incidents_words import Topic
from avow.vault import catalogue, enrolment, governing
from avow.vault.enrolment import PersonKind

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
MOST_RECORDS = 2_000_000_000


@dataclass(frozen=True)
class Report:
    """What an officer says when something went wrong."""

    kind: Kind
    happened: str
    found: str
    since: datetime
    until: datetime | None  # None: it goes on, or nobody knows yet
    aware_at: datetime
    estimated: bool = False


@dataclass(frozen=True)
class Assessment:
    """What it means for people, as far as that is known now."""

    risk: Risk
    consequences: str
    measures: str
    fields: Collection[str] = ()
    records: int | None = None


@keeps(Promise.BREACH_REGISTER)
@transaction.atomic
def register(report: Report, *, number: UUID, by: UUID, now: datetime) -> UUID:
    """Enter an incident under a number that the form drew; a second time returns the first entry."""
    if Incident.objects.filter(pk=number).exists():
        return number
    _in_time(report, now)
    said = {topic: words.in_bounds(text, topic) for topic, text in
            ((Topic.HAPPENED, report.happened), (Topic.FOUND, report.found))}  # fmt: skip
    row, is_new = Incident.objects.get_or_create(
        pk=number,
        defaults={
            "key": uuid4(), "kind": Kind(report.kind), "happened_from": report.since,
            "happened_until": report.until, "estimated": report.estimated, "aware_at": report.aware_at,
            "due_at": report.aware_at + OWED_WITHIN, "registered_by": by, "registered_at": now, "moved_at": now,
        },
    )  # fmt: skip
    if is_new:
        enrolment.enrol(kind=PersonKind.SUBJECT, person=row.key, now=now)  # a key of its own, which is nobody's
        for topic, text in said.items():
            words.write(row, topic, text, by=by, now=now)
        log(row, Act.INCIDENT_REGISTERED, now)
    return number


@transaction.atomic
def add_words(incident: UUID, topic: Topic, text: str, *, by: UUID, now: datetime) -> None:
    """Write down what became known later; a closed incident is opened again first."""
    row = find(incident, lock=True, by=by)
    if row.closed_at is not None:
        raise Refused("This incident is closed; open it again to add to it.")
    words.write(row, topic, text, by=by, now=now)
    log(row, Act.INCIDENT_ADDED_TO, now)


@transaction.atomic
def assess(incident: UUID, said: Assessment, *, by: UUID, now: datetime) -> None:
    """Write down what it means for people; a later assessment takes the place of the one before."""
    row = find(incident, lock=True, by=by)
    must(row, Step.ASSESS)
    for name in said.fields:
        catalogue.field(name)
    if said.records is not None and not 0 <= said.records <= MOST_RECORDS:
        raise BadInput("The number of records is a count; leave it empty when nobody knows.")
    words.write(row, Topic.CONSEQUENCES, said.consequences, by=by, now=now)
    words.write(row, Topic.MEASURES, said.measures, by=by, now=now)
    move(row, Step.ASSESS, now=now, risk=Risk(said.risk), fields=sorted(set(said.fields)), records=said.records)
    log(row, Act.INCIDENT_ASSESSED, now)


@transaction.atomic
def reopen(incident: UUID, why: str, *, by: UUID, now: datetime) -> None:
    """Open a closed incident again: what was not owed is to be decided anew, within 72 hours from now."""
    row = find(incident, lock=True, by=by)
    must(row, Step.REOPEN)
    words.write(row, Topic.REOPEN, why, by=by, now=now)
    move(row, Step.REOPEN, now=now, closed_at=None, due_at=now + OWED_WITHIN)
    log(row, Act.INCIDENT_REOPENED, now)


def find(incident: UUID, *, lock: bool = False, by: UUID | None = None) -> Incident:
    """Return an incident, or NotFound; to the officer whose openings it is about there is none."""
    rows = Incident.objects.select_for_update() if lock else Incident.objects.all()
    row = rows.filter(pk=incident).first()
    if row is None or (by is not None and is_about(row, by)):
        raise NotFound("There is no incident by this number; the desk lists those that there are.")
    return row


def is_about(row: Incident, officer: UUID) -> bool:
    """Say whether an officer's own openings are what an incident is about."""
    return IncidentScope.objects.filter(incident=row, officer=officer).exists()


def must(row: Incident, step: Step) -> Place:
    """Return where a step leads; Refused where it cannot be taken: a second click, or a step too early."""
    place = after(row.place, step)
    if place is None:
        raise Refused(
            f"This cannot be done now: the incident is {STAGE_WORDS[row.place.stage]}; the authority: {row.authority}; "
            f"people: {row.people}. Reload its page, it shows what can be done."
        )
    return place


def move(row: Incident, step: Step, *, now: datetime, **also: object) -> None:
    """Take a step with an incident that the caller has locked; what two were asked to sign before it counts no more."""
    place, before = must(row, step), row.stage
    stand = {"stage": place.stage, "authority": place.authority, "people": place.people}
    Incident.objects.filter(pk=row.pk).update(**stand, moved_at=now, **also)
    for name, value in {**stand, **also}.items():
        setattr(row, name, value)
    if place.stage != before or step is Step.ASSESS:
        drop_proposals(row, now=now)


def drop_proposals(row: Incident, *, now: datetime) -> None:
    """End what waits for a second officer: what the first one wrote was about something else."""
    IncidentDecision.objects.filter(incident=row, second=None, dropped_at=None).update(dropped_at=now)


def log(row: Incident, act: Act, now: datetime, *, content: bytes = b"", actor: Actor = "staff") -> bytes:
    """Tell the log; return the digest that it holds, over the incident's number and what the step was about."""
    digest = sha256(row.pk.bytes + content).digest()
    version = governing.in_force(now)
    clause = governing.clause_for(Promise.BREACH_REGISTER, version)
    entry = Entry(
        act=act, at=now, promise=Promise.BREACH_REGISTER, clause=clause, policy=version.sha256, evidence=digest,
        actor=actor,
    )  # fmt: skip
    record(entry)
    return digest


def _in_time(report: Report, now: datetime) -> None:
    """Raise BadInput for times that cannot be."""
    if any(at is not None and at > now for at in (report.since, report.until, report.aware_at)):
        raise BadInput("An incident lies in the past: none of its times can be later than now.")
    if report.since < EARLIEST:
        raise BadInput("It cannot have begun before the year 2000; write the day on which it began, or estimate it.")
    if report.until is not None and report.until < report.since:
        raise BadInput("It cannot have ended before it began; look at the two times again.")
    if report.aware_at < report.since:
        raise BadInput("Nobody can have become aware before it began; estimate the beginning earlier.")
