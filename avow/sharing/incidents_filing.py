"""
Write what the authority must be told (GDPR Art. 33(3)), and keep what it was told, when.

Why a document and no message: authorities take notices in forms of their own, each in another. So the service writes
down everything that they ask, and an officer carries it there and says when.

Holds:    what is not known yet says so, and comes as a later phase (Art. 33(4)). What was told is kept as it was, and
          its digest stands in the log. Later than 72 hours after the first awareness goes only with the reason for it.
          Numbers and kinds alone: the document names nobody.
Does not: reach the authority.
"""

import textwrap
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from avow.errors import BadInput
from avow.evidence.acts import Act
from avow.people import company
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.sharing import incidents, incidents_counting
from avow.sharing import incidents_words as words
from avow.sharing.incidents_models import Incident, IncidentFiling
from avow.sharing.incidents_states import KINDS, OWED_WITHIN, PEOPLE_WORDS, RISKS, Kind, Risk, Step
from avow.sharing.incidents_words import Topic
from avow.vault import catalogue, sealing

LABEL = "incident-filing"
WIDTH = 78
NOT_YET = "Not known yet; it follows in a later phase."
LATE = "The authority is told later than 72 hours after the first awareness; write why, that belongs to the notice."
A_WHILE = timedelta(minutes=1)


@keeps(Promise.BREACH_REGISTER)
@transaction.atomic
def file(incident: UUID, *, told_at: datetime, by: UUID, now: datetime, delay: str = "") -> UUID:
    """Write down that the authority was told of all that is known now; a second time is an addition."""
    row = incidents.find(incident, lock=True, by=by)
    incidents.must(row, Step.FILE)
    if not row.aware_at - A_WHILE <= told_at <= now:  # a form knows minutes, no seconds
        raise BadInput("The authority was told between the moment of awareness and now; look at the time again.")
    late = told_at > row.aware_at + OWED_WITHIN
    if delay.strip():
        words.write(row, Topic.DELAY, delay, by=by, now=now)
    elif late and not words.has(row, Topic.DELAY):
        raise BadInput(LATE)
    phase = IncidentFiling.objects.filter(incident=row).count() + 1
    content = document(row, phase=phase, now=now).encode()
    digest = incidents.log(row, Act.INCIDENT_FILED, now, content=content)
    made = IncidentFiling.objects.create(
        id=uuid4(), incident=row, phase=phase, digest=digest, told_at=told_at, late=late, by=by, at=now,
        sealed=sealing.seal_blob(row.key, LABEL, content, now=now),
    )  # fmt: skip
    incidents.move(row, Step.FILE, now=now)
    return made.pk


def as_told(row: Incident, phase: int, *, now: datetime) -> str | None:
    """Return what the authority was told in a phase, or None when there is none, or its key was lost."""
    one = IncidentFiling.objects.filter(incident=row, phase=phase).first()
    if one is None or one.sealed is None:
        return None
    return sealing.open_blob(row.key, LABEL, bytes(one.sealed), purpose=Purpose.RIGHTS, now=now).decode()


def next_document(row: Incident, *, now: datetime) -> str:
    """Return the notice as it would be told now."""
    return document(row, phase=IncidentFiling.objects.filter(incident=row).count() + 1, now=now)


def document(row: Incident, *, phase: int, now: datetime) -> str:
    """Write the notice, or the addition, of a phase: everything that is known, in the order of Art. 33(3)."""
    said = words.of(row, now=now)
    last = {one.topic: one.text for one in said}
    parts = [
        ("Who tells", _who(now)),
        (
            "Nature of the breach",
            f"Kind: {KINDS[Kind(row.kind)]}.\n{_times(row)}\n\n{last.get(Topic.HAPPENED, NOT_YET)}",
        ),
        ("How it was found", last.get(Topic.FOUND, NOT_YET)),
        ("People concerned", _people(row)),
        ("Data concerned", _data(row)),
        ("Likely consequences", _consequences(row, last)),
        ("Measures taken or proposed", last.get(Topic.MEASURES, NOT_YET)),
        ("Notice to the people", f"{PEOPLE_WORDS[row.place.people].capitalize()}."),
    ]
    if Topic.DELAY in last:
        parts.append(("Reasons for the delay", last[Topic.DELAY]))
    later = [one for one in said if one.topic in (Topic.ADDITION, Topic.REOPEN)]
    if later:
        parts.append(("What became known later", "\n\n".join(f"{_moment(one.at)}: {one.text}" for one in later)))
    head = (
        "Notice of a personal data breach" if phase == 1 else f"Addition to a notice of a personal data breach, {phase}"
    )
    body = [f"{place}. {title}\n\n{_wrapped(text)}" for place, (title, text) in enumerate(parts, 1)]
    about = f"GDPR Art. 33. Incident {row.pk}, phase {phase}, as of {_moment(now)}."
    return "\n\n".join([head, about, *body]) + "\n"


def _who(now: datetime) -> str:
    contact = company.contact(now)
    return f"{company.name(now)}\nContact point for more: {contact or NOT_YET}"


def _times(row: Incident) -> str:
    until = _moment(row.happened_until) if row.happened_until else "it goes on, or its end is not known yet"
    how = "estimated" if row.estimated else "known"
    return (
        f"It happened from {_moment(row.happened_from)} until: {until} ({how}).\nAware since: {_moment(row.aware_at)}."
    )


def _people(row: Incident) -> str:
    counts = incidents_counting.counts(row)
    if not counts.looks:
        return NOT_YET
    so_far = "" if counts.done else "; the count goes on"
    lines = [f"About {counts.all} {'person' if counts.all == 1 else 'people'}{so_far}."]
    if counts.kinds:
        lines.append("Categories: " + ", ".join(f"{number} {kind}" for kind, number in counts.kinds) + ".")
    if counts.beyond:
        lines.append(f"Up to {counts.beyond} more whom nobody can name any more: erased since, or anonymous.")
    return "\n".join(lines)


def _data(row: Incident) -> str:
    if not row.fields and row.records is None:
        return NOT_YET
    names = ", ".join(catalogue.FIELDS[name].label if name in catalogue.FIELDS else name for name in row.fields)
    about = f"About {row.records} records." if row.records is not None else "The number of records is not known yet."
    return f"Categories: {names or 'not known yet'}.\n{about}"


def _consequences(row: Incident, last: dict[Topic, str]) -> str:
    risk = f"Judged {RISKS[Risk(row.risk)]}.\n\n" if row.risk else ""
    return risk + last.get(Topic.CONSEQUENCES, NOT_YET)


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.fill(line, WIDTH, break_long_words=False) for line in text.splitlines())


def _moment(at: datetime) -> str:
    return f"{at:%-d %B %Y, %H:%M} UTC"
