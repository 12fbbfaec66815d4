"""
The one door for messages: nothing reaches a person except through `send`.

Why one: what may be sent, to whom and why is decided here, once, and every message
leaves a row that says so. Django's own mail functions are closed (`other_doors`).

Holds:    a message of a class is queued, sealed, noted in the ledger and, with a relay,
          handed to a worker, all in one transaction: no row without its mail, and no
          mail without its row. A topic is refused until people can switch it off.
          Its text rests only sealed; its number is all that the worker is told.
Does not: choose the moment; delivery is `delivering`.
"""

from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from avow.communications import delivering, envelope, letters, tasks
from avow.communications.classes import LASTS, PURPOSE, Message, MessageClass
from avow.communications.envelope import Mail
from avow.communications.models import Ledger, Outgoing
from avow.errors import NotFound, Refused
from avow.people import company, queries
from avow.policy.promises import Promise, keeps


@keeps(Promise.CONTACT_LIMIT)
@transaction.atomic
def send(recipient: UUID | str, message: Message, *, now: datetime, address: str | None = None) -> UUID:
    """Queue a message to a person or to an address that was just given; return its number.

    With both, `address` is where it goes and the person's key seals it: a new address that waits for its code.
    """
    if not isinstance(message.kind, MessageClass):
        raise Refused("Messages with a topic are not sent yet: people cannot switch topics off before they exist.")
    person = recipient if isinstance(recipient, UUID) else None
    to = address or (recipient if isinstance(recipient, str) else _address_of(recipient, message.kind, now))
    letter = letters.write(message.letter, {**_known(now, message.letter), **message.gaps})
    number = _queue(person, Mail(to, letter.subject, letter.text), message, now)
    if settings.MAIL_RELAY:
        tasks.deliver.defer(message_id=str(number))
    else:
        delivering.keep(number, now=now)
    return number


def _queue(person: UUID | None, mail: Mail, message: Message, now: datetime) -> UUID:
    number, kind = uuid4(), MessageClass(message.kind)
    Ledger.objects.create(message=number, kind=kind, letter=message.letter, state="waiting", queued_at=now)
    Outgoing.objects.create(
        id=number,
        person=person,
        sealed=envelope.seal(mail, person=person, number=number),
        kind=kind,
        queued_at=now,
        ends_at=now + LASTS[kind],
    )
    return number


def _address_of(person: UUID, kind: MessageClass, now: datetime) -> str:
    address = queries.address_of(person, PURPOSE[kind], now=now)
    if address is None:
        raise NotFound("This person gave no address; show the message in the account instead.")
    return address


def _known(now: datetime, letter: str) -> dict[str, str]:
    """Return what every letter may use, and this one does."""
    everything = {
        "company": company.name(now),
        "sign_in": settings.BASE_URL + reverse("account_login"),
        "reset": settings.BASE_URL + reverse("account_reset_password"),
        "contact": company.contact(now) or settings.MAIL_FROM,
        "day": f"{now:%-d %B %Y at %H:%M UTC}",
    }
    return {gap: everything[gap] for gap in letters.gaps_of(letter) & everything.keys()}
