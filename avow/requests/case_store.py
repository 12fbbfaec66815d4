"""
A person's cases: the store that gives them out with their threads, and lets go of them.

Holds:    after `forget` a case says that something was asked, when, and how it ended, and not by whom; nothing that
          was said in it is left. The case that asked for the erasure itself ends as done, the others with it. A link
          that was used stays for a month as the hash it is, so that a second click is told what the first one did.
Does not: hold cases of unknown senders; nothing leads from a person to those, and their keys are destroyed in
          time (`case_sweep`).
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from avow.requests import cases, threads
from avow.requests.case_models import Case, CaseMessage, Confirmation
from avow.requests.case_states import OPEN, CaseKind, Outcome
from avow.requests.threads import Said
from avow.vault import persons
from avow.vault.actor import THE_PERSON
from avow.vault.stores import Exported, register_store


class CaseStore:
    """What a person wrote to us, and what was answered."""

    name = "cases"
    title = "Cases"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:
        """Return every case, and everything that was said in it."""
        mine = list(Case.objects.filter(person=person).order_by("received_at"))
        yield Exported("cases", "What you wrote to us about", tuple(_row(case) for case in mine))
        said = (_said(case, each) for case in mine for each in threads.read(case, by=THE_PERSON, now=now))
        yield Exported("case-messages", "What was said in your cases", tuple(said))

    @transaction.atomic
    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:  # noqa: ARG002 - the protocol's
        """End what is open, remove what was said, and take the person's number off.

        Of a case whose own key was let go of in a restore, likewise: an unknown sender writes a new one.
        """
        whose = {"subject": person} if persons.is_nobodys(person) else {"person": person}
        mine = Case.objects.select_for_update().filter(**whose)
        for case in mine.filter(state__in=OPEN):
            outcome = Outcome.DONE if case.kind == CaseKind.ERASURE else Outcome.WITHDRAWN
            cases.close(case.pk, outcome, now=now)
        cases_of = [case.pk for case in mine]
        said = CaseMessage.objects.filter(case__in=cases_of).delete()[0]
        links = Confirmation.objects.filter(case__in=cases_of, used_at=None).delete()[0]
        return int(said + links + mine.update(person=None, subject=None, sender=None))

    def count(self, person: UUID) -> int:
        """Count cases and what was said in them."""
        return Case.objects.filter(person=person).count() + _messages(person).count()


def _messages(person: UUID) -> QuerySet[CaseMessage]:
    return CaseMessage.objects.filter(case__person=person)


def _row(case: Case) -> dict[str, object]:
    return {
        "number": case.number, "kind": case.kind, "state": case.state, "outcome": case.outcome,
        "received_at": case.received_at, "due_at": case.due_at, "answered_at": case.answered_at,
        "closed_at": case.closed_at, "way": case.way, "policy": case.policy,
    }  # fmt: skip


def _said(case: Case, said: Said) -> dict[str, object]:
    words = said.words
    return {
        "case": case.number, "writer": said.writer, "at": said.at, "subject": words.subject, "text": words.text,
        "not read": ", ".join(words.unread),
    }  # fmt: skip


def register() -> None:
    """Register the store."""
    register_store(CaseStore())
