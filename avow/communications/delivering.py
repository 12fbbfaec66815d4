"""
Hand a queued message to the relay, or keep it when there is none.

Holds:    safe to run twice: the row is taken under a lock and removed with its message, so a
          second run finds nothing. A crash after the relay said yes and before our commit sends
          it once more, under the same Message-ID. A message past its end is never sent.
          Every outcome moves the ledger's row, and a message that went is recorded in the log.
          Whether a choice stops it is asked once more, here, so an opt-out ends also what waited.
          What is a text is never given to the relay: its row says so, and its envelope (`text_delivering` has it).
Assumes:  the relay that says yes delivers or reports. What it is being given while somebody opts out, goes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from avow.communications import bounces, deciding, envelope, mime, provider_number, return_path, road
from avow.communications.classes import Channel, Kind, kind_of
from avow.communications.deciding import Reason
from avow.communications.envelope import Mail
from avow.communications.models import MOVES, Kept, Ledger, Outgoing
from avow.communications.relay import Post
from avow.communications.return_path import Whose
from avow.errors import PurposeRefused, Refused
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.evidence.outbox import record
from avow.people import company
from avow.policy.promises import Promise
from avow.vault.attesting import attest, attest_each


@dataclass(frozen=True)
class Settled:
    """What became of one message of a person."""

    person: UUID
    kind: Kind
    outcome: str
    reason: Reason = Reason.NONE


@transaction.atomic
def deliver(number: UUID, *, now: datetime) -> str:
    """Send the message of this number; return what became of it."""
    rows = Outgoing.objects.select_for_update(skip_locked=True)
    row = rows.filter(pk=number, run=None, channel=Channel.MAIL).first()
    if row is None:
        return "gone"  # sent before, withdrawn, or in another worker's hands
    if row.ends_at <= now:
        return end(row, now)
    if reason := stopped(row, now):
        return stop_for(row, reason, now)
    return _hand_over(row, now)


def sender(now: datetime) -> str:
    """Return whose mail it is."""
    return settings.MAIL_FROM or company.contact(now) or "nobody@localhost.invalid"


def posted(row: Outgoing, mail: Mail, *, sender: str, now: datetime) -> Post:
    """Return a message as it is handed over, with what says whose it was; ValueError for an address that is none."""
    assert mail.channel is Channel.MAIL, "a text has its own way out"
    raw = mime.write(mail, number=row.id, sender=sender, now=now)
    if settings.MAIL_PROVIDER:  # whose own return path it is
        about = provider_number.write(row.person, kind_of(row.kind), now=now) if row.person else ""
        return Post(row.id, sender, mail.to, raw, about)
    back = return_path.address(row.person, kind_of(row.kind)) if row.person else ""
    return Post(row.id, back or sender, mail.to, raw)


@transaction.atomic
def give_up(number: UUID, *, now: datetime) -> str:
    """Remove a message that the relay refused to the last; the ledger says that it failed."""
    row = Outgoing.objects.select_for_update().filter(pk=number).first()
    return settle(row, "failed", now) if row else "gone"


def keep(number: UUID, *, now: datetime) -> None:
    """Keep a message that no relay takes: sealed, for the demo's box, until its end."""
    row = Outgoing.objects.get(pk=number)
    if row.person is not None:
        keep_each({number: row.person}, now=now)
    else:
        move(number, "kept", now)
        _record(None, now)


def keep_each(people: Mapping[UUID, UUID], *, now: datetime) -> None:
    """Keep many, by their numbers and persons."""
    Outgoing.objects.filter(pk__in=list(people)).update(not_before=F("ends_at"))  # no run ever takes it
    _move_each(people, "kept", now)
    attest_each(people.values(), Act.MESSAGE_SENT, promise=Promise.CONTACT_LIMIT, now=now)


def stop(row: Outgoing, reason: Reason, now: datetime) -> bool:
    """Stop one message that waits for its relay; False for one that a demo's box already shows."""
    if Ledger.objects.get(pk=row.id).state != "waiting":
        return False
    stop_for(row, reason, now)
    return True


def stop_for(row: Outgoing, reason: Reason, now: datetime) -> str:
    """Remove a message that a choice of its person stops, with the account's copy unless the account still shows it."""
    number, person = row.id, row.person
    outcome = settle(row, "suppressed", now, reason=reason)
    if not deciding.shown_when(kind_of(row.kind), reason):
        Kept.objects.filter(message=number).update(sealed=None)
    if person is not None and reason is not Reason.ERASING:
        attest(person, Act.MESSAGE_SUPPRESSED, promise=Promise.OPT_OUT, actor="service", now=now)
    return outcome


def end(row: Outgoing, now: datetime) -> str:
    """Remove a message that is past its end; a text that the gateway may have taken is in doubt."""
    return settle(row, "in-doubt" if row.doubtful else "expired", now)


def settle(row: Outgoing, outcome: str, now: datetime, *, reason: Reason = Reason.NONE) -> str:
    """Remove the message and say in the ledger what became of it."""
    number, person = row.id, row.person
    row.delete()
    move(number, outcome, now, reason=reason)
    if outcome == "sent":
        _record(person, now)
    return outcome


@transaction.atomic
def settle_each(rows: Mapping[UUID, Settled], now: datetime) -> None:
    """Remove many messages of persons, and say in the ledger what became of each; stopped ones as `stop_for` does."""
    Outgoing.objects.filter(pk__in=list(rows)).delete()
    for outcome, reason in {(one.outcome, one.reason) for one in rows.values()}:
        these = {number: one for number, one in rows.items() if (one.outcome, one.reason) == (outcome, reason)}
        _move_each(these, outcome, now, reason=reason)
        people = [one.person for one in these.values()]
        if outcome == "sent":
            attest_each(people, Act.MESSAGE_SENT, promise=Promise.CONTACT_LIMIT, now=now)
        elif outcome == "suppressed":
            hidden = [number for number, one in these.items() if not deciding.shown_when(one.kind, reason)]
            Kept.objects.filter(message__in=hidden).update(sealed=None)
            if reason is not Reason.ERASING:
                attest_each(people, Act.MESSAGE_SUPPRESSED, promise=Promise.OPT_OUT, now=now)


def _move_each(numbers: Collection[UUID], to: str, now: datetime, *, reason: Reason = Reason.NONE) -> None:
    """Move many ledger rows that wait; one that waits no more refuses all."""
    assert to in MOVES["waiting"], "what a run settles was waiting"
    moved = Ledger.objects.filter(message__in=list(numbers), state="waiting")
    if moved.update(state=to, settled_at=now, reason=reason) != len(numbers):
        raise Refused("One of these messages has come to its end already; the run that held it must look again.")


@transaction.atomic
def move(number: UUID, to: str, now: datetime, *, reason: Reason = Reason.NONE) -> None:
    """Move one ledger row along MOVES."""
    row = Ledger.objects.select_for_update().get(pk=number)
    if to not in MOVES[row.state]:
        raise Refused("This message has come to its end already; nothing is left to do with it.")
    Ledger.objects.filter(pk=number).update(state=to, settled_at=now, reason=reason)


@transaction.atomic
def clear_expired(now: datetime) -> int:
    """Remove what is past its end; return how many."""
    over = list(Outgoing.objects.select_for_update(skip_locked=True).filter(ends_at__lte=now, run=None))
    for row in over:
        end(row, now)
    return len(over)


def _hand_over(row: Outgoing, now: datetime) -> str:
    """Give the mail away; one whose address is said to be none has failed, and its person's row says so."""
    mail = envelope.unseal(row)
    status = road.hand_over(posted(row, mail, sender=sender(now), now=now))
    if not status:
        return settle(row, "sent", now)
    if row.person is not None:
        bounces.failed(Whose(row.person, kind_of(row.kind)), mail.to, status, now=now)
    return settle(row, "failed", now)


def stopped(row: Outgoing, now: datetime) -> Reason:
    """Return what stops a message now: a choice of its person, or the policy, under which its text no longer opens."""
    if row.person is None:
        return Reason.NONE
    if reason := deciding.stopped(row.person, kind_of(row.kind), now=now):
        return reason
    try:
        envelope.unseal(row)
    except PurposeRefused:
        return Reason.NOT_ALLOWED
    return Reason.NONE


def _record(person: UUID | None, now: datetime) -> None:
    if person is None:
        record(Entry(act=Act.MESSAGE_SENT, at=now, promise=Promise.CONTACT_LIMIT))
    else:
        attest(person, Act.MESSAGE_SENT, promise=Promise.CONTACT_LIMIT, actor="service", now=now)
