"""
What officers write about an incident, sealed under a key that is the incident's own and nobody's.

Why sealed, where the company writes about itself: in haste somebody writes a name all the same. And why beneath one
another and never over one another: the authority may ask what was known on which day (GDPR Art. 33(5)).

Holds:    words have a topic, an author and a time, and none are rewritten. The newest of a topic counts. Words that are
          empty or longer than MOST are refused before anything is written.
Does not: find names in them; the page asks for none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from avow.errors import BadInput
from avow.policy.purposes import Purpose
from avow.sharing.incidents_models import Incident, IncidentNote
from avow.vault import sealing

LABEL = "incident-words"
MOST = 8000  # characters of one text: a few pages
LOST = "These words cannot be read any more: their key was lost in a restore."


class Topic(StrEnum):
    """What words are about."""

    HAPPENED = "happened"
    FOUND = "found"
    CONSEQUENCES = "consequences"
    MEASURES = "measures"
    DELAY = "delay"
    ADDITION = "addition"
    AUTHORITY_NOT_OWED = "authority-not-owed"
    PEOPLE_NOT_OWED = "people-not-owed"
    CLOSE = "close"
    REOPEN = "reopen"


TOPICS = {
    Topic.HAPPENED: "What happened",
    Topic.FOUND: "How it was found",
    Topic.CONSEQUENCES: "What may follow for people",
    Topic.MEASURES: "What was done about it, and what people can do",
    Topic.DELAY: "Why the authority is told after 72 hours",
    Topic.ADDITION: "What became known later",
    Topic.AUTHORITY_NOT_OWED: "Why the authority need not be told",
    Topic.PEOPLE_NOT_OWED: "Why the people need not be told",
    Topic.CLOSE: "What was learnt from it",
    Topic.REOPEN: "Why it is open again",
}


@dataclass(frozen=True)
class Words:
    """One text, as the desk reads it."""

    topic: Topic
    text: str
    by: UUID
    at: datetime

    @property
    def title(self) -> str:
        """What it is about."""
        return TOPICS[self.topic]


def in_bounds(text: str, topic: Topic) -> str:
    """Return a text without white space around it, or BadInput."""
    said = text.strip()
    if not said:
        raise BadInput(f"“{TOPICS[topic]}” is empty; write it in a sentence, without names.")
    if len(said) > MOST:
        raise BadInput(
            f"“{TOPICS[topic]}” is longer than {MOST} characters; say it shorter, and keep the rest by hand."
        )
    if "\0" in said:
        raise BadInput(f"“{TOPICS[topic]}” holds a character that no text has; write it anew.")
    return said


def write(row: Incident, topic: Topic, text: str, *, by: UUID, now: datetime) -> IncidentNote:
    """Keep words about an incident; the caller is in a transaction."""
    sealed = sealing.seal_blob(row.key, LABEL, in_bounds(text, topic).encode(), now=now)
    return IncidentNote.objects.create(incident=row, topic=topic, sealed=sealed, by=by, at=now)


def of(row: Incident, *, now: datetime) -> list[Words]:
    """Return everything that was written about an incident, the oldest first."""
    return _opened(row, IncidentNote.objects.filter(incident=row).order_by("at", "pk"), now)


def newest(row: Incident, topics: Iterable[Topic], *, now: datetime) -> Mapping[Topic, str]:
    """Return the newest words of each of these topics, of those that there are."""
    notes = IncidentNote.objects.filter(incident=row, topic__in=list(topics)).order_by("at", "pk")
    return {words.topic: words.text for words in _opened(row, notes, now)}


def text_of(row: Incident, note: IncidentNote, *, now: datetime) -> str:
    """Return what one note says."""
    return _opened(row, [note], now)[0].text


def has(row: Incident, topic: Topic) -> bool:
    """Say whether anything was written on a topic."""
    return IncidentNote.objects.filter(incident=row, topic=topic).exists()


def _opened(row: Incident, notes: Iterable[IncidentNote], now: datetime) -> list[Words]:
    found = list(notes)
    there = [bytes(note.sealed) for note in found if note.sealed is not None]
    opened = iter(sealing.open_blobs(row.key, LABEL, there, purpose=Purpose.RIGHTS, now=now))
    return [
        Words(Topic(note.topic), LOST if note.sealed is None else next(opened).decode(), note.by, note.at)
        for note in found
    ]
