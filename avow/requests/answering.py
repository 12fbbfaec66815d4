"""
Somebody of the company answers a case: by the one door for messages, and in the thread.

Holds:    the answer stands in the thread and waits in the queue in one transaction; its entry in the log names
          staff and no one by name. An answer that is empty, or to a case that has ended, is refused.
Does not: reach a person without an address by mail; they read it in their account.
"""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from avow.communications.case_letters import CaseLetter
from avow.communications.classes import Message, MessageClass
from avow.communications.sending import send
from avow.errors import BadInput, NotFound, Refused
from avow.policy.promises import Promise, keeps
from avow.requests import cases, confirming, threads
from avow.requests.case_models import Case
from avow.requests.case_states import CONFIRMED_BY_MAIL, CaseKind, CaseState, Outcome
from avow.requests.cases import Whose
from avow.requests.threads import Words
from avow.vault.actor import SERVICE, Actor


@keeps(Promise.QUESTIONS_ANSWERED)
@transaction.atomic
def answer(case: Case, text: str, *, by: Actor, now: datetime, last: bool = False) -> Case:
    """Send an answer and keep it in the thread; `last` closes the case with it."""
    text = cases.typed(text)
    row = Case.objects.select_for_update().get(pk=case.pk)
    if not row.is_open:
        raise Refused("This case is closed; what comes back opens a new one.")
    _send(row, text, now)
    threads.add(row, by.kind.value, Words(text), now=now)
    if CaseState(row.state) is not CaseState.ANSWERED:
        row = _answered(row, by, now)
    return cases.close(row.pk, Outcome.ANSWERED, now=now, actor=by.kind.value) if last else row


def close(case: Case, *, by: Actor, now: datetime) -> Case:
    """Close a case that was answered."""
    return cases.close(case.pk, Outcome.ANSWERED, now=now, actor=by.kind.value)


@transaction.atomic
def treat_as(case: Case, kind: CaseKind, *, by: Actor, now: datetime) -> Case:
    """Say what an unclear mail asks for: a wish to be confirmed goes to the address on file, as any does."""
    row = Case.objects.select_for_update().get(pk=case.pk)
    if row.state != CaseState.DESK or row.person is None or kind not in CONFIRMED_BY_MAIL:
        raise BadInput("Only an open case of somebody with an account can be confirmed by them; answer it instead.")
    if cases.open_case(kind, Whose(person=row.person)):
        raise Refused("This person has an open request of that kind already; answer this case instead.")
    row = cases.move(row.pk, CaseState.CONFIRMING, now=now, actor=by.kind.value, kind=kind.value)
    confirming.mail_link(row, now=now)
    return row


def _answered(row: Case, by: Actor, now: datetime) -> Case:
    first = {} if row.answered_at else {"answered_at": now}
    if CaseState(row.state) is CaseState.CONFIRMING:
        return cases.move(row.pk, CaseState.DESK, now=now, actor=by.kind.value, **first)
    return cases.move(row.pk, CaseState.ANSWERED, now=now, actor=by.kind.value, **first)


def _send(row: Case, text: str, now: datetime) -> None:
    message = Message(MessageClass.ANSWER, CaseLetter.ANSWER, {"number": row.number, "answer": text})
    if row.person:
        with suppress(NotFound):
            send(row.person, message, now=now)
        return
    addresses = [said.words.address for said in threads.read(row, by=SERVICE, now=now) if said.words.address]
    if not addresses:
        raise Refused("Nothing leads to this sender any more; the case can only end.")
    send(addresses[-1], message, now=now)
