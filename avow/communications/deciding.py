"""
The one decision about a message: does it go by mail, to the account alone, or not at all, and why.

    erasure under way                       nothing
    freeze, or objection to being written   nothing of a topic; a notice goes to the account alone
    its kind is switched off                nothing of a topic; notices and security alerts go to the account alone
    the address asked earlier not to be     the same
    no address that was confirmed           the account alone
    mail to the address came back           the same, until it is confirmed again

Why one function: sending asks it, and delivery asks `stopped` again at the moment of handing over, so that a
mail which waits is ended by the same rules.

Holds:    what answers an act of one's own (code, receipt, answer) is never stopped by a choice.
          A topic goes only while the policy in force has a sentence for topics, and only to a person.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from avow.communications import bounces, suppression
from avow.communications.classes import OPTIONAL, PURPOSE, Kind, MessageClass, Topic
from avow.communications.models import Switch
from avow.errors import NotFound, PurposeRefused, Refused
from avow.evidence import versions
from avow.people import queries
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import choices


class Reason(StrEnum):
    """Why no mail went; the value stands in the ledger."""

    NONE = ""
    SWITCHED_OFF = "switched-off"
    ASKED_EARLIER = "asked-earlier"  # the address, in an account that was erased
    OBJECTED = "objected"
    FROZEN = "frozen"
    ERASING = "erasing"
    NOT_ALLOWED = "not-allowed"  # the policy under which the address was given, or the one in force
    NO_ADDRESS = "no-address"
    CAME_BACK = "came-back"  # mail to this address


@dataclass(frozen=True)
class Decision:
    """What becomes of a message: where mail goes (None: nowhere), whether the account shows it, and why no mail."""

    to: str | None
    in_account: bool
    reason: Reason = Reason.NONE


def decide(recipient: UUID | str, kind: Kind, *, address: str | None, now: datetime) -> Decision:
    """Decide about one message of a kind to a person, or to an address that was just given."""
    if kind not in OPTIONAL:
        return _own_act(recipient, kind, address, now)
    if not isinstance(recipient, UUID):
        raise Refused("A topic needs a person who can switch it off; send it to a person and not to an address.")
    if kind in list(Topic) and not versions.in_force(now).bound.by_promise(Promise.CLOSED_TOPICS):
        raise Refused("The policy in force names no topics to write about; publish one that does, then send it.")
    if reason := stopped(recipient, kind, now=now):
        return _stopped(kind, reason)
    return _with_address(recipient, kind, address, now)


def stopped(person: UUID, kind: Kind, *, now: datetime) -> Reason:
    """Return which choice of the person stops a mail of this kind now."""
    if kind not in OPTIONAL:
        return Reason.NONE
    if queries.reachable(person) is None:
        return Reason.ERASING
    chosen = choices.of(person, now=now)
    if chosen.frozen or Purpose.COMMUNICATION in chosen.objected:
        return Reason.FROZEN if chosen.frozen else Reason.OBJECTED
    return Reason.SWITCHED_OFF if is_off(person, kind) else Reason.NONE


def shown_when(kind: Kind, reason: Reason) -> bool:
    """Say whether the account still shows what was stopped as mail: a notice, or an alert that is switched off."""
    if reason is Reason.ERASING:
        return False
    off = reason in {Reason.SWITCHED_OFF, Reason.ASKED_EARLIER}
    return kind is MessageClass.NOTICE or (off and kind is Topic.SECURITY_ALERTS)


def is_off(person: UUID, kind: Kind) -> bool:
    """Say whether the person switched this kind off."""
    return Switch.objects.filter(person=person, kind=kind, on_again_at=None).exists()


def _own_act(recipient: UUID | str, kind: Kind, address: str | None, now: datetime) -> Decision:
    if isinstance(recipient, str):
        return Decision(address or recipient, in_account=False)
    to = address or queries.address_of(recipient, PURPOSE[kind], now=now)
    if to is None and kind is MessageClass.CODE:
        raise NotFound("This person gave no address, and a code must go to one; ask for an address first.")
    return Decision(to, in_account=to is None, reason=Reason.NONE if to else Reason.NO_ADDRESS)


def _with_address(person: UUID, kind: Kind, address: str | None, now: datetime) -> Decision:
    try:
        to = address or queries.confirmed_address_of(person, PURPOSE[kind], now=now)
    except PurposeRefused:
        return _stopped(kind, Reason.NOT_ALLOWED)
    if to is None:
        return Decision(None, in_account=True, reason=Reason.NO_ADDRESS)
    if suppression.among(to, [kind]):
        return _stopped(kind, Reason.ASKED_EARLIER)
    if bounces.stands(person, to, now=now):
        return Decision(None, in_account=True, reason=Reason.CAME_BACK)
    return Decision(to, in_account=True)


def _stopped(kind: Kind, reason: Reason) -> Decision:
    return Decision(None, in_account=shown_when(kind, reason), reason=reason)
