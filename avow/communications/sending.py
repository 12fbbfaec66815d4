"""
The one door for messages: nothing reaches a person except through `send`, or `send_each` for many.

Why one: what may be sent, to whom and why is decided here, once, and every message
leaves a row that says so. Django's own mail functions are closed (`other_doors`).

    kind -> the person's choices -> suppression -> mail that came back -> letters enough -> address, or the account
    alone (`deciding`) -> the hour (`quiet_hours`) -> ledger and queue

Holds:    a message is decided about, noted in the ledger, kept in the account, queued sealed and, with a relay or a
          gateway, handed to a worker, all in one transaction: no row without its mail, and no mail without its row. Its
          channel stands in the ledger, in the queue and under the seal; a text answers one's own act alone. One that
          a choice stops leaves its line with the reason, and an entry in the log. Every letter that can be
          switched off carries its way out. A text rests only sealed; its number is all that the worker is told.
          One person and many go the same way: each question is asked once for all of them.
Does not: choose the moment; delivery is `delivering` for one, and `runs` for what can be switched off.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from avow.communications import (
    deciding,
    delivering,
    envelope,
    footers,
    gateway,
    keeping,
    letters,
    quiet_hours,
    road,
    tasks,
)  # fmt: skip
from avow.communications.classes import LASTS, OPTIONAL, TO_MANY, Channel, Kind, Message, kind_of
from avow.communications.deciding import HERE_ALONE, Decision, Reason
from avow.communications.envelope import Mail
from avow.communications.letters import Letter
from avow.communications.models import Ledger, Outgoing
from avow.errors import BadInput
from avow.evidence.acts import Act
from avow.people import company, not_me
from avow.people.ports import Notice
from avow.policy.promises import Promise, keeps
from avow.vault import persons
from avow.vault.attesting import attest, attest_each


@keeps(Promise.CONTACT_LIMIT, Promise.CLOSED_TOPICS)
@transaction.atomic
def send(
    recipient: UUID | str,
    message: Message,
    *,
    now: datetime,
    address: str | None = None,
    channel: Channel = Channel.MAIL,
) -> UUID:
    """Send a message to a person or to an address that was just given; return its number, also when a choice stops it.

    With both, `address` is where it goes and the person's key seals it: a new address that waits for its code. What
    goes as a text has its number there.
    """
    kind = kind_of(message.kind)
    _demand_its_way(channel, kind, address or recipient)
    if kind in OPTIONAL and isinstance(recipient, UUID):
        persons.lock(recipient)  # an opt-out, or an erasure, comes before this message or after it, never beside
        given = {recipient: address} if address else None
        return _send_each([recipient], kind, message, now=now, given=given)[recipient]
    person = recipient if isinstance(recipient, UUID) else None
    decision = deciding.decide(recipient, kind, address=address, now=now)
    letter = letters.write(message.letter, {**_known(now, message.letter, person), **message.gaps})
    number = uuid4()
    _note([_line(number, message, decision, now, channel)])
    if person is not None and decision.in_account:
        keeping.keep(person, number, message, letter, now=now)
        attest(person, Act.MESSAGE_SENT, promise=Promise.CONTACT_LIMIT, actor="service", now=now)
    if decision.to is not None:
        _queue(person, number, Mail(decision.to, letter.subject, letter.text, channel=channel), kind, now)
    return number


@keeps(Promise.CONTACT_LIMIT, Promise.CLOSED_TOPICS)
@transaction.atomic
def send_each(people: Collection[UUID], message: Message, *, now: datetime) -> dict[UUID, UUID]:
    """Send the same to many; return each one's number. Whoever is being erased, or was, is left out."""
    kind = kind_of(message.kind)
    if kind not in TO_MANY:
        raise BadInput("What answers somebody's own act goes to them alone; send it to one person.")
    return _send_each(sorted(persons.lock_each(people)), kind, message, now=now)


def _send_each(
    people: Collection[UUID], kind: Kind, message: Message, *, now: datetime, given: Mapping[UUID, str] | None = None
) -> dict[UUID, UUID]:
    """Decide, note, keep and queue, for people who are locked."""
    decisions = deciding.decide_each(people, kind, now=now, given=given)
    written = _letters(people, message, now)
    numbers = {person: uuid4() for person in people}
    _note([_line(numbers[one], message, said, now) for one, said in decisions.items()])
    there = {one: numbers[one] for one, said in decisions.items() if said.reason is not Reason.ERASING}
    shown = {one: written[one] for one in there if decisions[one].in_account}
    keeping.keep_each(there, message, shown, now=now)
    _attest_each({one: decisions[one] for one in there}, now)
    _queue_each(_mails(decisions, written, kind, now), numbers, message, now)
    return numbers


def _demand_its_way(channel: Channel, kind: Kind, to: UUID | str) -> None:
    """Refuse a number where mail goes, and where texts go what is none, or answers nobody's own act."""
    is_number = isinstance(to, str) and bool(gateway.NUMBER.fullmatch(to))
    if channel is Channel.TEXT and (not is_number or kind in OPTIONAL):
        raise BadInput("A text message answers somebody's own act, at a phone number; send the rest as mail.")
    if channel is Channel.MAIL and is_number:
        raise BadInput("A phone number is no address that mail goes to; send this as a text message.")


def _note(lines: list[Ledger]) -> None:
    """Write the ledger's lines."""
    Ledger.objects.bulk_create(lines)


def _line(number: UUID, message: Message, decision: Decision, now: datetime, channel: Channel = Channel.MAIL) -> Ledger:
    state = "waiting" if decision.to is not None else "in-account" if decision.in_account else "suppressed"
    return Ledger(
        message=number, kind=message.kind, letter=message.letter, state=state, reason=decision.reason,
        channel=channel, campaign=message.campaign, queued_at=now, settled_at=None if state == "waiting" else now,
    )  # fmt: skip


def _attest_each(decisions: Mapping[UUID, Decision], now: datetime) -> None:
    """Tell the log at once what becomes of messages that nobody is mailed."""
    here = [one for one, said in decisions.items() if said.to is None and said.reason in HERE_ALONE]
    not_at_all = [one for one, said in decisions.items() if said.to is None and said.reason not in HERE_ALONE]
    attest_each(here, Act.MESSAGE_SENT, promise=Promise.CONTACT_LIMIT, now=now)
    attest_each(not_at_all, Act.MESSAGE_SUPPRESSED, promise=Promise.OPT_OUT, now=now)


def _letters(people: Iterable[UUID], message: Message, now: datetime) -> dict[UUID, Letter]:
    """Write the letter for each; once for all of them, unless it has a gap that is each person's own."""
    if "not_me" in letters.gaps_of(message.letter):
        return {
            one: letters.write(message.letter, {**_known(now, message.letter, one), **message.gaps}) for one in people
        }
    return dict.fromkeys(people, same_to_all(message, now))


def same_to_all(message: Message, now: datetime) -> Letter:
    """Return a letter that is the same to everybody."""
    return letters.write(message.letter, {**_known(now, message.letter, None), **message.gaps})


def _mails(
    decisions: Mapping[UUID, Decision], written: Mapping[UUID, Letter], kind: Kind, now: datetime
) -> dict[UUID, Mail]:
    """Return the mails, each with its footer and its ways out where it has any."""
    if kind not in OPTIONAL:
        told = {one: (said.to, written[one]) for one, said in decisions.items() if said.to is not None}
        return {one: Mail(to, letter.subject, letter.text) for one, (to, letter) in told.items()}
    made = footers.Footers(kind, now)

    def mail(person: UUID, to: str) -> Mail:
        letter, footer = written[person], made.of(person)
        text = f"{letter.text.rstrip()}\n\n{footer.text}\n"
        return Mail(to, letter.subject, text, footer.stop_url, footer.stop_mail)

    return {one: mail(one, said.to) for one, said in decisions.items() if said.to is not None}


def _queue_each(mails: Mapping[UUID, Mail], numbers: Mapping[UUID, UUID], message: Message, now: datetime) -> None:
    """Queue many sealed mails, and tell a worker that some wait; without a relay they are kept."""
    if not mails:
        return
    kind = kind_of(message.kind)
    at = quiet_hours.goes_at(kind, now=now)
    Outgoing.objects.bulk_create(
        Outgoing(
            id=numbers[person], person=person, sealed=sealed, kind=kind, queued_at=now,
            ends_at=max(at, now) + LASTS[kind], campaign=message.campaign, not_before=at if at > now else None,
        )
        for person, sealed in envelope.seal_each(mails, numbers, now=now).items()
    )  # fmt: skip
    if road.is_set():
        tasks.carry.defer()
    else:
        delivering.keep_each({numbers[person]: person for person in mails}, now=now)


def _queue(person: UUID | None, number: UUID, mail: Mail, kind: Kind, now: datetime) -> None:
    """Queue one sealed message, and tell a worker its number; where nothing takes it, it is kept."""
    Outgoing.objects.create(
        id=number,
        person=person,
        sealed=envelope.seal(mail, person=person, number=number),
        kind=kind,
        channel=mail.channel,
        queued_at=now,
        ends_at=now + LASTS[kind],
    )
    if mail.channel is Channel.TEXT and settings.TEXT_GATEWAY:
        tasks.deliver_text.defer(message_id=str(number))
    elif mail.channel is Channel.MAIL and road.is_set():
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
