"""
What ends by itself: confirmations that nobody gave, and the keys of unknown senders' cases.

Holds:    who did not confirm is told that nothing was done, and the case ends so; not in silence. A month after its end
          the case of an unknown sender keeps kind, dates and outcome: what was said in it, and the address, have
          no key any more. Safe to repeat; a crash between key and rows is mended by the next run.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from avow.communications.case_letters import CaseLetter
from avow.communications.classes import Message, MessageClass
from avow.communications.sending import send
from avow.errors import NotFound
from avow.requests import cases
from avow.requests.case_models import Case, CaseMessage, Confirmation
from avow.requests.case_states import CaseState, Outcome
from avow.vault import erasure
from avow.vault.actor import SERVICE

KEPT = timedelta(days=30)  # after the end of an unknown sender's case


def sweep(now: datetime) -> int:
    """End what is over; return how many."""
    live = Confirmation.objects.filter(ends_at__gt=now, used_at=None).values("case")
    waiting = Case.objects.filter(state=CaseState.CONFIRMING).exclude(pk__in=live)
    ended = list(waiting.values_list("pk", flat=True))
    over = Case.objects.filter(state=CaseState.CLOSED, subject__isnull=False, closed_at__lt=now - KEPT)
    for case in ended:
        _end(case, now)
    gone = list(over)
    for each in gone:
        _destroy(each, now)
    Confirmation.objects.filter(case__closed_at__lt=now - KEPT).delete()
    return len(ended) + len(gone)


@transaction.atomic
def _end(number: UUID, now: datetime) -> None:
    case = Case.objects.select_for_update().get(pk=number)
    if case.state != CaseState.CONFIRMING:
        return
    if case.person:
        with suppress(NotFound):
            send(case.person, Message(MessageClass.ANSWER, CaseLetter.ENDED, {"number": case.number}), now=now)
    cases.close(case.pk, Outcome.UNCONFIRMED, now=now)


def _destroy(case: Case, now: datetime) -> None:
    """Destroy the key first, in its own durable step, then remove what lay under it."""
    assert case.subject
    erasure.erase(case.subject, request=case.subject, asked_by=SERVICE, now=now)
    with transaction.atomic():
        CaseMessage.objects.filter(case=case).delete()
        Case.objects.filter(pk=case.pk).update(subject=None, sender=None)
