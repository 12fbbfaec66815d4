"""
Live checks of cases: a mail that nobody wrote becomes a case, no question is past its day, and no link acts by itself.

Holds:    what they try is undone before they end: nobody is written to, and no case is left.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.http import HttpRequest
from django.urls import resolve, reverse

from avow.communications import mailbox
from avow.communications.case_letters import CaseLetter
from avow.communications.models import Incoming, Ledger, Outgoing
from avow.errors import AvowError
from avow.people import canary, given
from avow.people.in_vain import in_vain
from avow.policy.promises import Promise, watches
from avow.requests import case_queries, confirming, taking_up
from avow.requests.case_models import Case, Confirmation
from avow.requests.case_states import CaseKind, CaseState
from avow.requests.queries import REHEARSAL

ADDRESS = "canary@example.invalid"
STUCK = timedelta(minutes=10)


@watches(Promise.REQUEST_BY_MAIL, Promise.QUESTIONS, every=timedelta(minutes=5))
def a_mail_becomes_a_case(now: datetime) -> str | None:
    """Let a canary's mails through the mailbox: a wish and a question each get a case with a clock and a letter."""
    if Incoming.objects.filter(state="waiting", came_at__lt=now - STUCK).exists():
        return "a mail has waited for more than ten minutes and has no case"
    with _canary(now):
        return _of_a_wish(now) or _of_a_question(now)


@watches(Promise.QUESTIONS_ANSWERED, every=timedelta(minutes=5))
def questions_are_answered_in_time(now: datetime) -> str | None:
    """Look for cases that are past the day that the policy promises."""
    late = case_queries.late(now)
    return f"{late} cases were not answered by the day that the policy promises" if late else None


@watches(Promise.REQUEST_BY_MAIL, every=timedelta(minutes=5))
def a_link_in_a_mail_does_nothing_until_its_button(now: datetime) -> str | None:
    """Open the page of a canary's confirmation, as a scanner of mail would, and see that nothing was done."""
    with _canary(now):
        case = _case_of("Please delete my account.", now)
        if case is None:
            return "a mail that asks for deletion has no case that waits for a confirmation"
        token = "ca" * 16
        Confirmation.objects.filter(case=case).delete()
        Confirmation.objects.create(case=case, digest=confirming.digest(token), ends_at=now + STUCK)
        for method in ("GET", "HEAD"):
            _open(token, method)
        after = Case.objects.get(pk=case.pk)
        if after.state != CaseState.CONFIRMING or Confirmation.objects.exclude(used_at=None).filter(case=case).exists():
            return "opening a link of a mail did what only its button may do"
    return None


def _of_a_wish(now: datetime) -> str | None:
    case = _case_of("Please delete my account.", now)
    if case is None or case.kind != CaseKind.ERASURE or case.state != CaseState.CONFIRMING:
        return "a mail that asks for deletion has no case that waits for a confirmation"
    if case.due_at <= now:
        return "a case has no day by which it is answered"
    letters = Ledger.objects.filter(letter=CaseLetter.CONFIRM_ERASURE).values("message")
    if not Outgoing.objects.filter(person=canary.PERSON, id__in=letters).exists():
        return "a wish that came by mail is not confirmed at the address on file"
    return None


def _of_a_question(now: datetime) -> str | None:
    case = _case_of("How long do you keep what I enter?", now)
    if case is None or case.kind != CaseKind.QUESTION or case.state != CaseState.DESK:
        return "a question that came by mail does not reach the desk"
    return None


def _case_of(text: str, now: datetime) -> Case | None:
    """Let one mail of the canary through; return the case it became."""
    mail = EmailMessage()
    mail["From"], mail["Message-ID"] = ADDRESS, f"<{uuid4().hex}@example.invalid>"
    mail.set_content(text)
    row = mailbox.leave(mail.as_bytes(), now=now)
    opened = taking_up.take(row.pk, now=now, way=REHEARSAL)
    return opened[0] if opened else None


@contextmanager
def _canary(now: datetime) -> Iterator[None]:
    """Give the canary an address for the length of the block, and undo everything."""
    account = canary.account(now)
    with in_vain():
        EmailAddress.objects.create(user=account, email=ADDRESS, verified=True, primary=True)
        given.keep(account.person, "email", ADDRESS, source="live check", now=now)
        yield


def _open(token: str, method: str) -> None:
    request = HttpRequest()
    request.method, request.path = method, reverse("confirm", args=[token])
    request.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "REQUEST_METHOD": method}
    view = resolve(request.path)
    with suppress(AvowError):  # a page that refuses has shown nothing; what counts is what it did
        view.func(request, *view.args, **view.kwargs)
