"""
A case from its first word to its end: opened with a clock, joined by what belongs to it, moved, closed.

Why one door for moves: each is checked against the table of moves under the row's lock and leaves its entry in the
log in the same transaction.

Holds:    whatever reached us has a case with a number and a day by which it is answered. One open case of a kind for
          a person: who writes twice about the same thing is in one conversation. No case is closed unanswered.
Does not: decide what a mail wants (`intents`, `ladder`), or who may have something done (`confirming`).
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction

from avow.errors import BadInput, NotFound
from avow.evidence import outbox, versions
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.policy.promises import Promise, keeps
from avow.requests import clocks, threads
from avow.requests.case_models import Case
from avow.requests.case_states import CONFIRMED_BY_MAIL, OPEN, CaseKind, CaseState, Outcome, may
from avow.requests.moving import MoveRefused
from avow.requests.threads import Words
from avow.vault import attesting, opening_cases, persons

LONGEST = 20_000  # characters of what is typed into a form


@dataclass(frozen=True)
class Whose:
    """Who a case is of: a person, or a sender who is unknown, with a key of its own and a blind index."""

    person: UUID | None = None
    subject: UUID | None = None
    sender: bytes | None = None


@keeps(Promise.QUESTIONS)
@transaction.atomic
def receive(kind: CaseKind, whose: Whose, *, state: CaseState, way: str, now: datetime) -> tuple[Case, bool]:
    """Return the open case of this kind that they have, or a new one with its clock; and whether it is new."""
    if whose.person:
        persons.lock(whose.person)  # so that two at the same moment find one case
    if standing := open_case(kind, whose):
        return standing, False
    version = versions.in_force(now)
    case = Case.objects.create(
        kind=kind, state=state, person=whose.person, subject=whose.subject, sender=whose.sender, received_at=now,
        moved_at=now, due_at=clocks.due(now, version), way=way, policy=version.sha256,
    )  # fmt: skip
    _record(case, Act.CASE_OPENED, actor="person", now=now)
    return case, True


def ask(person: UUID, text: str, *, now: datetime) -> Case:
    """Open a case with a question of somebody who is signed in, or add it to their open one."""
    with transaction.atomic():
        case, _ = receive(CaseKind.QUESTION, Whose(person=person), state=CaseState.DESK, way="web", now=now)
        hear(case, Words(typed(text)), now=now)
    return case


def hear(case: Case, words: Words, *, now: datetime) -> None:
    """Add what they said; an answered case comes back to the desk. MoveRefused where it was closed meanwhile."""
    row = Case.objects.select_for_update().get(pk=case.pk)
    if not row.is_open:
        raise MoveRefused("This case was closed meanwhile; what comes back opens a new one.")
    threads.add(row, "person", words, now=now)
    if CaseState(row.state) is CaseState.ANSWERED:
        move(case.pk, CaseState.DESK, now=now)


def reply(person: UUID, number: str, text: str, *, now: datetime) -> Case:
    """Add to one's own case from the account; a closed one is left as it is, and a new one opened."""
    case = of_person(person, number)
    try:
        with transaction.atomic():
            hear(case, Words(typed(text)), now=now)
    except MoveRefused:
        return ask(person, text, now=now)
    return case


@transaction.atomic
def move(case: UUID, to: CaseState, *, now: datetime, actor: str = "service", **also: Any) -> Case:
    """Move a case under its row's lock, setting `also` in the same update, and record it."""
    row = Case.objects.select_for_update().get(pk=case)
    if not may(CaseState(row.state), to):
        raise MoveRefused(f"A case that is {row.state} cannot become {to.value}; read its page for what is open.")
    row.state, row.moved_at = to.value, max(now, row.moved_at)
    for name, value in also.items():
        setattr(row, name, value)
    row.save(update_fields=["state", "moved_at", *also])
    _record(row, Act.CASE_CLOSED if to is CaseState.CLOSED else Act.CASE_MOVED, actor=actor, now=row.moved_at)
    return row


@transaction.atomic
def close(case: UUID, outcome: Outcome, *, now: datetime, actor: str = "service") -> Case:
    """Close a case that was answered; what the service itself did is an answer, given now."""
    row = Case.objects.select_for_update().get(pk=case)
    answered = row.answered_at
    if outcome in {Outcome.DONE, Outcome.TOLD, Outcome.UNCONFIRMED}:
        answered = answered or now
    if answered is None and outcome is not Outcome.WITHDRAWN:
        raise MoveRefused("A case is not closed before it was answered; write the answer first.")
    also = {"outcome": outcome.value, "closed_at": max(now, row.received_at), "answered_at": answered}
    opening_cases.end_of(row.number, now=now)
    return move(case, CaseState.CLOSED, now=now, actor=actor, **also)


def done(kind: CaseKind, person: UUID, *, now: datetime) -> None:
    """Close the person's open case of this kind, if there is one: it was done, by whichever way."""
    if (case := open_case(kind, Whose(person=person))) and kind in CONFIRMED_BY_MAIL:
        close(case.pk, Outcome.DONE, now=now, actor="person")


def open_case(kind: CaseKind, whose: Whose) -> Case | None:
    """Return the open case of this kind that they have."""
    mine = {"person": whose.person} if whose.person else {"sender": whose.sender, "person": None}
    if whose.person is None and whose.sender is None:
        return None
    return Case.objects.filter(kind=kind, state__in=OPEN, **mine).first()


def numbered(number: str, whose: Whose) -> Case | None:
    """Return the case of this number if it is theirs: a number alone opens nothing."""
    case = Case.objects.filter(number=number).first()
    if case is None:
        return None
    theirs = case.person == whose.person if whose.person else case.sender and bytes(case.sender) == whose.sender
    return case if theirs else None


def of_person(person: UUID, number: str) -> Case:
    """Return one's own case."""
    case = Case.objects.filter(person=person, number=number).first()
    if case is None:
        raise NotFound("You have no case by that number; your cases stand under My requests.")
    return case


def find(number: str) -> Case:
    """Return the case of this number, for the desk."""
    case = Case.objects.filter(number=number).first()
    if case is None:
        raise NotFound("There is no case by that number; take it from the desk's list.")
    return case


def typed(text: str) -> str:
    """Return what was typed into a form, or refuse it."""
    text = text.strip()
    if not text:
        raise BadInput("Nothing was written; write your question in a sentence or two, then send it.")
    if len(text) > LONGEST:
        raise BadInput(f"This is longer than {LONGEST:,} characters; shorten it, then send it again.")
    return text


def _record(case: Case, act: Act, *, actor: str, now: datetime) -> None:
    """Tell the log: under the person's key when there is a person, else by the hash of what names nobody."""
    promise = Promise.QUESTIONS_ANSWERED if CaseKind(case.kind) is CaseKind.QUESTION else Promise.REQUEST_BY_MAIL
    evidence = sha256(f"{case.number} {case.state}".encode()).digest()
    if case.person and persons.standing(case.person).erasing_since is None:
        attesting.attest(case.person, act, promise=promise, evidence=evidence, actor=actor, now=now)  # type: ignore[arg-type]
    else:
        outbox.record(Entry(act=act, at=now, promise=promise, policy=case.policy, evidence=evidence))
