"""
What happened to somebody's account, line by line: for the person, and for the copy that they take along.

Holds:    every entry of the log that is about the person, the newest first. An act that was rolled back left an index
          row and no entry, and is not here; one that the log has not taken up yet is, without its number.
          Each line can be shown to be in the log (`evidence.receipts`) and to be about this person (its opening).
Does not: say more than the log: what a value was stands with the field, and which case it was with the case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from avow.errors import NotFound
from avow.evidence import finding
from avow.evidence.acts import Act
from avow.requests import words
from avow.vault import attesting

ACTORS: Mapping[str, str] = {
    "person": "you, or somebody signed in as you",
    "staff": "somebody of the company",
    "service": "the service",
}


@dataclass(frozen=True)
class Happened:
    """One act: `index` and `at` are None while the log has not taken it up."""

    entry_id: UUID
    act: Act
    at: datetime | None
    index: int | None
    actor: str
    clause: str | None
    opening: Mapping[str, str]

    @property
    def said(self) -> str:
        """What it was, in words."""
        return words.of_act(self.act)

    @property
    def by(self) -> str:
        """Who did it."""
        return ACTORS.get(self.actor, self.actor)


def of(person: UUID) -> list[Happened]:
    """Return everything that the log says of a person, the newest first."""
    acts = attesting.acts_of(person)
    waiting = finding.waiting(act.entry_id for act in acts)  # first, so that what the log takes up meanwhile is found
    found = finding.find(act.entry_id for act in acts)
    lines = []
    for act in reversed(acts):
        known = found.get(act.entry_id)
        if known is None and act.entry_id not in waiting:
            continue
        entry = known.entry if known else None
        lines.append(
            Happened(
                act.entry_id,
                act.act,
                entry.at if entry else None,
                known.index if known else None,
                str(entry.actor) if entry else "",
                str(entry.clause) if entry and entry.clause else None,
                dict(act.opening),
            )
        )
    return lines


def one(person: UUID, entry_id: UUID) -> Happened:
    """Return one act about this person; NotFound for what is about somebody else."""
    found = next((line for line in of(person) if line.entry_id == entry_id), None)
    if found is None:
        raise NotFound("There is no such act about you; look through the list of what happened.")
    return found
