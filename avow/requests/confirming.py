"""
A link to the address on file, and the button behind it: the only way in which a mail hands out or destroys anything.

Why a button: mail servers and their scanners open links. Opening the page therefore shows what will happen and
does nothing; pressing its button does it.

Holds:    a link belongs to one case and does what that case is about, once, before its end. It is kept as a hash. A
          case that is closed, by whatever way, has no live link; nor has one whose person has another address since
          (`case_news`). Of two presses at once one acts.
Assumes:  who reads the mail at the address on file is the person.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from avow.communications.case_letters import CaseLetter
from avow.communications.classes import Message, MessageClass
from avow.communications.sending import send
from avow.errors import NotFound, NotYet, Refused
from avow.policy.promises import Promise, keeps
from avow.requests import cases, erasing, exporting
from avow.requests.case_models import Case, Confirmation
from avow.requests.case_states import CaseKind, CaseState, Outcome
from avow.requests.exporting import Export
from avow.requests.turns import turn
from avow.requests.words import moment
from avow.vault.actor import THE_PERSON

LASTS = timedelta(days=7)
LETTERS = {CaseKind.ACCESS: CaseLetter.CONFIRM_ACCESS, CaseKind.ERASURE: CaseLetter.CONFIRM_ERASURE}


class LinkEnded(Refused):
    """A link that was used, or that nobody used in time."""

    code = "link-ended"
    http_status = 410


@dataclass(frozen=True)
class Confirmed:
    """What pressing the button brought: the number of an erasure, or an export."""

    erasure: str = ""
    export: Export | None = None


def mail_link(case: Case, *, now: datetime, random: Callable[[int], bytes] = secrets.token_bytes) -> None:
    """Mail a fresh link to the address on file; an earlier one of the same case ends."""
    assert case.person, "only a person has an address on file"
    token = random(16).hex()
    Confirmation.objects.filter(case=case, used_at=None).delete()
    Confirmation.objects.create(case=case, digest=digest(token), ends_at=now + LASTS)
    gaps = {
        "link": settings.BASE_URL + reverse("confirm", args=[token]), "number": case.number,
        "until": moment(now + LASTS), "due": moment(case.due_at),
    }  # fmt: skip
    send(case.person, Message(MessageClass.ANSWER, LETTERS[CaseKind(case.kind)], gaps), now=now)


def look(token: str, *, now: datetime) -> Case:
    """Return the case that a live link confirms; changes nothing."""
    link = Confirmation.objects.select_related("case").filter(digest=digest(token)).first()
    if link is None:
        raise NotFound("There is no such link, or a newer mail has replaced it; open the link of the newest mail.")
    if link.used_at or not link.case.is_open:
        raise LinkEnded("This link was used, or its request has ended; nothing more happens by it.")
    if link.ends_at <= now or link.case.state != CaseState.CONFIRMING:
        raise LinkEnded("This link has ended and nothing was done; write again, and a new one comes by mail.")
    return link.case


@keeps(Promise.REQUEST_BY_MAIL)
def confirm(token: str, *, now: datetime) -> Confirmed:
    """Do what the link's case asks for, once."""
    with turn(look(token, now=now).pk) as mine:
        if not mine:
            raise NotYet("This link is being used at this very moment; wait a second, then look again.")
        case = look(token, now=now)
        if CaseKind(case.kind) is CaseKind.ERASURE:
            return Confirmed(erasure=_erase(case, token, now))
        return Confirmed(export=_export(case, token, now))


@transaction.atomic
def _erase(case: Case, token: str, now: datetime) -> str:
    """Ask for the erasure and close the case, together."""
    assert case.person
    asked = erasing.ask(case.person, by=THE_PERSON, now=now, channel="mail")
    if Case.objects.get(pk=case.pk).is_open:
        cases.close(case.pk, Outcome.DONE, now=now, actor="person")
    _spend(token, now)
    return asked.number


def _export(case: Case, token: str, now: datetime) -> Export:
    """Hand over the copy; the case closes with its request, so that a copy that failed leaves the link alive."""
    assert case.person
    made = exporting.export(case.person, now=now, by=THE_PERSON, channel="mail")
    _spend(token, now)
    return made


def _spend(token: str, now: datetime) -> None:
    Confirmation.objects.filter(digest=digest(token)).update(used_at=now)


def digest(token: str) -> bytes:
    """Return what is kept of a link."""
    return sha256(token.encode()).digest()
