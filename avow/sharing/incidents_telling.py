"""
Tell the people whom an incident touched (GDPR Art. 34): what happened, what may follow, what was done, whom to ask.

Why through the one door and as a class without a switch: it is the receipt of something that happened to a person, and
whoever switched everything off is told all the same. Who has no address, or one that works no more, has it in the
account; who has a browser alone reads it on the page of that browser.

Holds:    the words are kept as they went, sealed, and each batch commits with its marks: a worker that was killed
          goes on, and nobody is told twice by one notice. What was told is an entry of the person's own log.
          Who is being erased is told nothing, for nothing new is sealed under a key that is going; their row goes
          with them and is counted as untold.
Assumes:  whoever is found later is told by a later notice; the desk shows how many wait for one.
Does not: make a notice unread, or reach who never comes back and gave no address; the desk counts them.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from avow.communications import letters, reaching, sending
from avow.communications.classes import Message, MessageClass
from avow.errors import Refused
from avow.evidence.acts import Act
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.sharing import incidents, incidents_finding, incidents_jobs
from avow.sharing import incidents_words as words
from avow.sharing.incidents_models import Affected, Incident, IncidentLetter
from avow.sharing.incidents_states import People, Step
from avow.sharing.incidents_words import Topic
from avow.vault import catalogue, persons, sealing
from avow.vault.attesting import attest_each
from avow.vault.in_turn import in_turn

LABEL = "incident-letter"
LETTER = "incident"
AT_ONCE = 500
UNKNOWN = "not known exactly"


@dataclass(frozen=True)
class Said:
    """What the people are told, in plain words."""

    happened: str
    consequences: str
    measures: str


@transaction.atomic
def begin(incident: UUID, said: Said, *, by: UUID, now: datetime) -> UUID:
    """Have the worker tell everybody who was found and not told; their number must not be nought."""
    row = incidents.find(incident, lock=True, by=by)
    incidents.must(row, Step.TELL)
    if not _untold(row).exists():
        raise Refused("Nobody was found who is to be told; look for the people first, under Whom it touched.")
    sealed = sealing.seal_blob(row.key, LABEL, json.dumps(gaps(row, said)).encode(), now=now)
    made = IncidentLetter.objects.create(id=uuid4(), incident=row, sealed=sealed, by=by, begun_at=now)
    incidents.move(row, Step.TELL, now=now)
    incidents.log(row, Act.INCIDENT_TELLING, now, content=made.pk.bytes)
    incidents_jobs.go_on_soon()
    return made.pk


def gaps(row: Incident, said: Said) -> dict[str, str]:
    """Return what the letter says, gap by gap; BadInput for words that are none."""
    names = ", ".join(catalogue.FIELDS[name].label if name in catalogue.FIELDS else name for name in row.fields)
    until = f"{row.happened_until:%-d %B %Y}" if row.happened_until else "an end that is not known yet"
    about = "estimated" if row.estimated else "known"
    return {
        "happened": words.in_bounds(said.happened, Topic.HAPPENED),
        "consequences": words.in_bounds(said.consequences, Topic.CONSEQUENCES),
        "measures": words.in_bounds(said.measures, Topic.MEASURES),
        "fields": names or UNKNOWN,
        "span": f"{row.happened_from:%-d %B %Y} to {until} ({about})",
        "incidents": settings.BASE_URL + reverse("incidents"),
    }


def preview(row: Incident, said: Said, *, now: datetime) -> letters.Letter:
    """Return the letter as everybody will read it."""
    return sending.same_to_all(Message(MessageClass.BREACH, LETTER, gaps(row, said)), now)


def tell_all(*, clock: Callable[[], datetime], at_once: int = AT_ONCE) -> int:
    """Bring every notice that is under way to its end; return how many people were told."""
    waiting = IncidentLetter.objects.filter(done_at=None, sealed__isnull=False).order_by("begun_at")
    return sum(in_turn(waiting.values_list("pk", flat=True), lambda letter: _tell(letter, clock, at_once)))


def _tell(letter: UUID, clock: Callable[[], datetime], at_once: int) -> int:
    told, after = 0, None
    while batch := _next(letter, after, at_once):
        told, after = told + tell_some(letter, batch, now=clock()), batch[-1]
    finish(letter, now=clock())
    return told


def _next(letter: UUID, after: UUID | None, at_once: int) -> list[UUID]:
    row = IncidentLetter.objects.select_related("incident").get(pk=letter).incident
    rows = _untold(row).order_by("person")
    if after is not None:
        rows = rows.filter(person__gt=after)
    return list(rows.values_list("person", flat=True)[:at_once])


@keeps(Promise.BREACH_REGISTER)
@transaction.atomic
def tell_some(letter: UUID, people: list[UUID], *, now: datetime) -> int:
    """Tell these, as far as nobody did; return how many. Who is being erased is passed over."""
    one = IncidentLetter.objects.select_related("incident").get(pk=letter)
    persons.lock_each(people)  # people before rows, as everybody does who needs both
    rows = list(_untold(one.incident).filter(person__in=people).select_for_update())
    message = Message(MessageClass.BREACH, LETTER, opened(one, now=now), campaign=letter)
    sent = sending.send_each([row.person for row in rows], message, now=now)
    mailed = reaching.on_their_way(list(sent.values()))
    told = {row.pk: row.person for row in rows if row.person in sent}
    Affected.objects.filter(pk__in=list(told)).update(letter=letter, told_at=now)
    by_mail = [pk for pk, person in told.items() if sent[person] in mailed]
    Affected.objects.filter(pk__in=by_mail).update(mailed_at=now)
    attest_each(told.values(), Act.INCIDENT_TOLD, promise=Promise.BREACH_REGISTER, now=now)
    return len(told)


@transaction.atomic
def finish(letter: UUID, *, now: datetime) -> bool:
    """End a notice that has come to everybody whom it could; False when a look goes on, which may find more."""
    one = IncidentLetter.objects.get(pk=letter)
    row = incidents.find(one.incident_id, lock=True)
    one = IncidentLetter.objects.get(pk=letter)
    living = persons.living_among(_untold(row).values_list("person", flat=True))
    if one.done_at is not None or row.people != People.TELLING or incidents_finding.runs(row) or living:
        return False
    IncidentLetter.objects.filter(pk=letter).update(done_at=now)
    incidents.move(row, Step.ALL_TOLD, now=now)
    return True


def opened(letter: IncidentLetter, *, now: datetime) -> Mapping[str, str]:
    """Return what a notice says, gap by gap."""
    plain = sealing.open_blob(letter.incident.key, LABEL, bytes(letter.sealed or b""), purpose=Purpose.RIGHTS, now=now)
    found: dict[str, str] = json.loads(plain)
    return found


def came_back(person: UUID, kind: object, now: datetime, **_: object) -> None:
    """Mark that a notice's mail came back."""
    if kind is MessageClass.BREACH:
        rows = Affected.objects.filter(person=person, mailed_at__isnull=False, shown_at=None, bounced_at=None)
        rows.update(bounced_at=now)


def was_read(person: UUID, campaign: UUID, now: datetime, **_: object) -> None:
    """Mark that a person read a notice in their account."""
    Affected.objects.filter(person=person, letter=campaign, shown_at=None).update(shown_at=now)


def _untold(row: Incident) -> QuerySet[Affected]:
    return Affected.objects.filter(incident=row, told_at=None)
