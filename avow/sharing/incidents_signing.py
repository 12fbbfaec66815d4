"""
What two officers decide about an incident: that the authority, or the people, need not be told; that it is over.

Why two: "nobody need know" is what whoever made the mistake would like to decide alone.

Holds:    the two are different, by the database's own rule. What the second signs is what the first wrote: when the
          incident is assessed anew meanwhile, or it is looked for more people, the proposal ends. Nothing is closed
          while a look runs, or while somebody who was found and must be told has not been.
Does not: judge the reason; both officers' numbers stay beside it.
"""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from avow.errors import NotFound, Refused
from avow.evidence.acts import Act
from avow.sharing import incidents, incidents_finding
from avow.sharing import incidents_words as words
from avow.sharing.incidents_models import Affected, Incident, IncidentDecision
from avow.sharing.incidents_states import TWO, People, Step
from avow.sharing.incidents_words import Topic

ANOTHER = "Whoever proposed this cannot agree to it; ask another officer."


@transaction.atomic
def propose(incident: UUID, step: Step, reason: str, *, by: UUID, now: datetime) -> UUID:
    """Write the reason for a step that two must take, and have it wait for another officer."""
    row = incidents.find(incident, lock=True, by=by)
    if step not in TWO:
        raise Refused("One officer takes this step alone; the incident’s page has a button for it.")
    incidents.must(row, step)
    _ready(row, step)
    if IncidentDecision.objects.filter(incident=row, step=step, second=None, dropped_at=None).exists():
        raise Refused("The same is proposed already, and waits for a second officer; reload the page.")
    note = words.write(row, Topic(step.value), reason, by=by, now=now)
    made = IncidentDecision.objects.create(id=uuid4(), incident=row, step=step, reason=note, first=by, proposed_at=now)
    incidents.log(row, Act.INCIDENT_PROPOSED, now, content=made.pk.bytes)
    return made.pk


@transaction.atomic
def agree(decision: UUID, *, by: UUID, now: datetime) -> None:
    """Sign as the second officer, and take the step."""
    row, one = _waiting(decision, by)
    if one.first == by:
        raise Refused(ANOTHER)
    step = Step(one.step)
    _ready(row, step)
    IncidentDecision.objects.filter(pk=one.pk).update(second=by, agreed_at=now)
    incidents.move(row, step, now=now, **({"closed_at": now} if step is Step.CLOSE else {}))
    act = Act.INCIDENT_CLOSED if step is Step.CLOSE else Act.INCIDENT_NOT_OWED
    incidents.log(row, act, now, content=one.pk.bytes)


@transaction.atomic
def take_back(decision: UUID, *, by: UUID, now: datetime) -> None:
    """End a proposal that nobody agreed to: its author takes it back, or another officer says no."""
    row, one = _waiting(decision, by)
    IncidentDecision.objects.filter(pk=one.pk).update(dropped_at=now)
    incidents.log(row, Act.INCIDENT_ADDED_TO, now, content=b"no" + one.pk.bytes)


def _waiting(decision: UUID, by: UUID) -> tuple[Incident, IncidentDecision]:
    """Return a proposal that waits, with its incident locked."""
    about = IncidentDecision.objects.filter(pk=decision).values_list("incident", flat=True).first()
    if about is None:
        raise NotFound("There is no such proposal; the incident’s page lists those that there are.")
    row = incidents.find(about, lock=True, by=by)
    one = IncidentDecision.objects.get(pk=decision)
    if one.second is not None or one.dropped_at is not None:
        raise Refused("This proposal waits no more: it was decided, taken back, or it is about something else by now.")
    return row, one


def _ready(row: Incident, step: Step) -> None:
    """Raise while the facts on which a step rests are not all there."""
    if step in (Step.CLOSE, Step.PEOPLE_NOT_OWED) and incidents_finding.runs(row):
        raise Refused("It is still being looked for the people whom it touched; wait until that is done.")
    untold = Affected.objects.filter(incident=row, told_at=None)
    if step is Step.CLOSE and row.people == People.TOLD and untold.exists():
        raise Refused("More people were found since the notice went; tell them, then close it.")
