"""
What a mail provider reports of our mail, by its webhook: that it came back, was called spam, or is not wanted any more.

Why anymail's own view and none of ours: it knows each provider's form and how each proves itself. From it come events
in one form, and this says what follows from each.

    bounced, and it cannot pass         as a report of failed delivery: `hearing_back`
    bounced, and it may pass            the same, as one of those that count on several days only
    rejected, for what bounced before   the same, by what the provider remembers
    complained                          as a report of spam
    unsubscribed                        letters of that mail's kind end, as by its link
    deferred, delivered, failed there   nothing: a delay is no failure
    opened, clicked                     nothing: nobody asked for it (`provider_line`)

Holds:    it counts only with the user and password that the company set, or the provider's signature, or both (that of
          Mailgun covers no more than a time and a random word), and the sealed number out of that very mail. Of one
          mail each outcome counts once (`mailbox.once`), however often it is sent and with what else in it; for a
          failure the address must be the person's present one, too. What cannot be read is refused whole; nothing of
          it is kept, logged or passed on.
Does not: believe what it says of anybody else, or count; a provider's own list of whom it writes to is the provider's.
"""

import hmac
import importlib
import re
from datetime import datetime
from functools import partial
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.conf import settings
from django.http import HttpRequest

from avow.communications import bounces, hearing_back, mailbox, provider_number
from avow.communications.bounces import Severity
from avow.communications.provider import Provider, last_heard
from avow.communications.return_path import Whose
from avow.communications.returned import Returned
from avow.errors import BadInput, VerificationFailed
from avow.people.install import secret

VIEWS = {"mailgun": "MailgunTrackingWebhookView", "mailjet": "MailjetTrackingWebhookView",
         "postmark": "PostmarkTrackingWebhookView"}  # fmt: skip
STATUS = re.compile(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?!\.?\d)")  # RFC 3463, somewhere in what a server said
GONE, MAY_PASS = "5.0.0", ""
CAME_BACK = frozenset({EventType.BOUNCED, EventType.REJECTED})
NO_MAILBOX = frozenset({RejectReason.BOUNCED, RejectReason.INVALID})


def take(request: HttpRequest, provider: Provider, *, now: datetime) -> int:
    """Take note of what a provider sent; return how many of its reports are new and of consequence."""
    events = read(request, provider)
    _spoke()
    return sum(hear(event, provider, now=now) for event in events)


def read(request: HttpRequest, provider: Provider) -> list[AnymailTrackingEvent]:
    """Return the events, once it is certain whose they are. Raises VerificationFailed, or BadInput for what is none."""
    view = _view(provider)
    try:
        view.run_validators(request)
        events: list[AnymailTrackingEvent] = view.parse_events(request)
    except AnymailWebhookValidationFailure:
        raise VerificationFailed(
            "This is not signed as the mail provider signs; look at the user, the password and the key of the webhook."
        ) from None
    except Exception:  # noqa: BLE001 - hostile bytes find ways through a parser that nobody listed
        raise BadInput("This is no report as the mail provider writes them; nothing was changed.") from None
    return events


def hear(event: AnymailTrackingEvent, provider: Provider, *, now: datetime) -> bool:
    """Take note of one event, once; False when it changes nothing."""
    number = event.metadata.get(provider_number.NAME) if isinstance(event.metadata, dict) else None
    whose = provider_number.read(number, now=now)
    said = _said(event, provider)
    if whose is None or said is None:
        return False
    digest = hmac.digest(secret("mailbox"), f"provider {number} {said[0]}".encode(), "sha256")
    act = partial(_act, whose, *said, str(event.recipient or ""), now=now)
    return mailbox.once(digest, act, now=now)[1]


def _said(event: AnymailTrackingEvent, provider: Provider) -> tuple[str, str] | None:
    """Return what an event says, in a word, and by which status; None for what changes nothing."""
    if event.event_type in {EventType.COMPLAINED, EventType.UNSUBSCRIBED}:
        return event.event_type, ""
    if event.event_type not in CAME_BACK:
        return None
    status = _status(event, provider)
    return bounces.severity(status), status


def _status(event: AnymailTrackingEvent, provider: Provider) -> str:
    """Return the status of a failure: the server's own if it told one, else what the provider makes of it."""
    found = STATUS.search(str(event.mta_response or ""))
    told = found[0] if found else ""
    if _may_pass(event.esp_event, provider):
        return told if bounces.severity(told) is Severity.SOFT else MAY_PASS
    return told or (GONE if event.reject_reason in NO_MAILBOX else MAY_PASS)


def _may_pass(said: Any, provider: Provider) -> bool:
    """Say whether a provider calls a failure soft, which anymail's one form of events does not tell."""
    soft = {"mailjet": ("hard_bounce", False), "postmark": ("Type", "SoftBounce")}.get(provider.name)
    return soft is not None and isinstance(said, dict) and said.get(soft[0]) == soft[1]


def _act(whose: Whose, word: str, status: str, recipient: str, *, now: datetime) -> None:
    if word == EventType.UNSUBSCRIBED:
        hearing_back.unwanted(whose, now=now)
    else:
        complaint = word == EventType.COMPLAINED
        hearing_back.note(Returned(whose, complaint=complaint, status=status, recipients=(recipient,)), now=now)


def _view(provider: Provider) -> Any:
    module = importlib.import_module(f"anymail.webhooks.{provider.name}")
    signed = {"webhook_signing_key": provider.signing} if provider.ways.signs else {}
    return getattr(module, VIEWS[provider.name])(webhook_secret=provider.webhook, **signed)


def _spoke() -> None:
    path = last_heard(settings.HOME.root)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
