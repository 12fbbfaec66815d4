"""
The one door for messages: nothing reaches a person except through `send`.

Why one: what may be sent, to whom and why is decided here, once, and every message
leaves a row that says so. Django's own mail functions are closed (`other_doors`).

    kind -> the person's choices -> suppression -> address, or the account alone -> ledger and queue    (`deciding`)

Holds:    a message is decided about, noted in the ledger, kept in the account, queued sealed and, with a relay, handed
          to a worker, all in one transaction: no row without its mail, and no mail without its row. One that
          a choice stops leaves its line with the reason, and an entry in the log. Every letter that can be
          switched off carries its way out. A text rests only sealed; its number is all that the worker is told.
Does not: choose the moment; delivery is `delivering`.
"""

from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from avow.communications import deciding, delivering, envelope, footers, keeping, letters, tasks
from avow.communications.classes import LASTS, OPTIONAL, Message, kind_of
from avow.communications.deciding import Decision, Reason
from avow.communications.envelope import Mail
from avow.communications.letters import Letter
from avow.communications.models import Ledger, Outgoing
from avow.evidence.acts import Act
from avow.people import company, not_me
from avow.people.ports import Notice
from avow.policy.promises import Promise, keeps
from avow.vault import persons
from avow.vault.attesting import attest


@keeps(Promise.CONTACT_LIMIT, Promise.CLOSED_TOPICS)
@transaction.atomic
def send(recipient: UUID | str, message: Message, *, now: datetime, address: str | None = None) -> UUID:
    """Send a message to a person or to an address that was just given; return its number, also when a choice stops it.

    With both, `address` is where it goes and the person's key seals it: a new address that waits for its code.
    """
    kind = kind_of(message.kind)
    person = recipient if isinstance(recipient, UUID) else None
    if person is not None and kind in OPTIONAL:
        persons.lock(person)  # an opt-out, or an erasure, comes before this message or after it, never beside
    decision = deciding.decide(recipient, kind, address=address, now=now)
    letter = letters.write(message.letter, {**_known(now, message.letter, person), **message.gaps})
    number = _note(message, decision, now)
    if person is not None and decision.reason is not Reason.ERASING:
        if decision.in_account or kind in OPTIONAL:
            keeping.keep(person, number, message, letter if decision.in_account else None, now=now)
        _attest(person, decision, now)
    if decision.to is not None:
        _queue(person, number, _mail(person, decision.to, message, letter, now), message, now)
    return number


def _note(message: Message, decision: Decision, now: datetime) -> UUID:
    """Write the ledger's line."""
    number = uuid4()
    state = "waiting" if decision.to is not None else "in-account" if decision.in_account else "suppressed"
    Ledger.objects.create(
        message=number, kind=message.kind, letter=message.letter, state=state, reason=decision.reason,
        queued_at=now, settled_at=None if state == "waiting" else now,
    )  # fmt: skip
    return number


def _attest(person: UUID, decision: Decision, now: datetime) -> None:
    """Tell the log at once what becomes of a message that nobody is mailed."""
    if decision.to is not None:
        return
    if decision.reason is Reason.NO_ADDRESS:
        attest(person, Act.MESSAGE_SENT, promise=Promise.CONTACT_LIMIT, actor="service", now=now)
    else:
        attest(person, Act.MESSAGE_SUPPRESSED, promise=Promise.OPT_OUT, actor="service", now=now)


def _mail(person: UUID | None, to: str, message: Message, letter: Letter, now: datetime) -> Mail:
    """Return the mail, with its footer and its ways out if it can be switched off."""
    if person is None or message.kind not in OPTIONAL:
        return Mail(to, letter.subject, letter.text)
    footer = footers.footer(person, kind_of(message.kind), now)
    return Mail(to, letter.subject, f"{letter.text.rstrip()}\n\n{footer.text}\n", footer.stop_url, footer.stop_mail)


def _queue(person: UUID | None, number: UUID, mail: Mail, message: Message, now: datetime) -> None:
    """Queue the sealed mail, and tell a worker its number; without a relay it is kept."""
    kind = kind_of(message.kind)
    Outgoing.objects.create(
        id=number,
        person=person,
        sealed=envelope.seal(mail, person=person, number=number),
        kind=kind,
        queued_at=now,
        ends_at=now + LASTS[kind],
    )
    if settings.MAIL_RELAY:
        tasks.deliver.defer(message_id=str(number))
    else:
        delivering.keep(number, now=now)


def _known(now: datetime, letter: str, person: UUID | None) -> dict[str, str]:
    """Return what every letter may use, and this one does."""
    sign_in = settings.BASE_URL + reverse("account_login")
    everything = {
        "company": company.name(now),
        "sign_in": sign_in,
        "reset": settings.BASE_URL + reverse("account_reset_password"),
        "messages": settings.BASE_URL + reverse("messages"),
        "contact": company.contact(now) or settings.MAIL_FROM,
        "day": f"{now:%-d %B %Y at %H:%M UTC}",
        # who is being erased has nothing left to shut, and is led to the sign-in
        "not_me": not_me.link(person, at=now, address_back=letter == Notice.ADDRESS_CHANGED) if person else sign_in,
    }
    return {gap: everything[gap] for gap in letters.gaps_of(letter) & everything.keys()}
