"""
The one decision about a message: does it go by mail, to the account alone, or not at all, and why.

    erasure under way                       nothing
    freeze, or objection to being written   nothing of a topic; a notice goes to the account alone
    its kind is switched off                nothing of a topic; notices and security alerts go to the account alone
    the address asked earlier not to be     the same
    no address that was confirmed           the account alone
    mail to the address came back           the same, until it is confirmed again
    letters enough in a week                the same, for news alone

Why one function, for one and for a thousand: sending asks it, and delivery asks `stopped_each` again at the moment of
handing over, so that a mail which waits is ended by the same rules. Many are asked about in one look each.

Holds:    what answers an act of one's own (code, receipt, answer) is never stopped by a choice.
          A topic goes only while the policy in force has a sentence for topics, and only to a person.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from avow.communications import bounces, frequency, suppression
from avow.communications.classes import OPTIONAL, PURPOSE, Kind, MessageClass, Topic
from avow.communications.models import Switch
from avow.errors import NotFound, Refused
from avow.evidence import versions
from avow.people import queries
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import choices, persons, refusals


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
    ENOUGH = "enough"  # news, in one week
    NO_MAIL = "no-mail"  # its mail could not be written: the address is none
    GATEWAY_REFUSED = "gateway-refused"  # the text gateway does not take it
    GATEWAY_AWAY = "gateway-away"  # it did not answer, or said later, for as long as the text was of use


HERE_ALONE = frozenset({Reason.NO_ADDRESS, Reason.CAME_BACK, Reason.ENOUGH})  # nobody said no


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
    return decide_each([recipient], kind, now=now, given={recipient: address} if address else None)[recipient]


def decide_each(
    people: Collection[UUID], kind: Kind, *, now: datetime, given: Mapping[UUID, str] | None = None
) -> dict[UUID, Decision]:
    """Decide about one message of a topic, or a notice, to each of many; `given` has addresses that are known."""
    if kind in list(Topic) and not versions.in_force(now).bound.by_promise(Promise.CLOSED_TOPICS):
        raise Refused("The policy in force names no topics to write about; publish one that does, then send it.")
    why = stopped_each(people, kind, now=now)
    asked = [person for person in people if not why[person] and person not in (given or {})]
    to, refused = queries.confirmed_addresses_of(asked, PURPOSE[kind], now=now)
    to |= {person: address for person, address in (given or {}).items() if not why.get(person)}
    why |= {person: _not_allowed(kind, now) for person in refused}
    for who, reason in (
        (suppression.who_asked(to, kind), Reason.ASKED_EARLIER),
        (bounces.who_is_dead(to, now=now), Reason.CAME_BACK),
        (frequency.who_had_enough(to, kind, now=now), Reason.ENOUGH),
    ):
        why |= {person: why[person] or reason for person in who}
    return {person: _decision(kind, why[person], to.get(person)) for person in people}


def _not_allowed(kind: Kind, now: datetime) -> Reason:
    """Count a refusal at the gate, as it is counted wherever one address is opened."""
    refusals.count("email", PURPOSE[kind], now=now)
    return Reason.NOT_ALLOWED


def _decision(kind: Kind, why: Reason, to: str | None) -> Decision:
    """Say what follows from a reason, or from none."""
    if why in HERE_ALONE:
        return Decision(None, in_account=True, reason=why)
    if why:
        return Decision(None, in_account=shown_when(kind, why), reason=why)
    return Decision(to, in_account=True, reason=Reason.NONE if to else Reason.NO_ADDRESS)


def stopped(person: UUID, kind: Kind, *, now: datetime) -> Reason:
    """Return which choice of the person stops a mail of this kind now."""
    return stopped_each([person], kind, now=now)[person]


def stopped_each(people: Collection[UUID], kind: Kind, *, now: datetime) -> dict[UUID, Reason]:
    """Return for each of many which choice of theirs stops a mail of this kind now."""
    if kind not in OPTIONAL:
        return dict.fromkeys(people, Reason.NONE)
    living, chosen = persons.living_among(people), choices.of_many(people, now=now)
    off = who_switched_off(people, kind)

    def why(person: UUID) -> Reason:
        said = chosen.get(person, choices.NONE)
        if person not in living:
            return Reason.ERASING
        if said.frozen or Purpose.COMMUNICATION in said.objected:
            return Reason.FROZEN if said.frozen else Reason.OBJECTED
        return Reason.SWITCHED_OFF if person in off else Reason.NONE

    return {person: why(person) for person in people}


def shown_when(kind: Kind, reason: Reason) -> bool:
    """Say whether the account still shows what was stopped as mail: what is owed, or an alert that is switched off."""
    if reason is Reason.ERASING:
        return False
    off = reason in {Reason.SWITCHED_OFF, Reason.ASKED_EARLIER}
    return kind in {MessageClass.NOTICE, MessageClass.BREACH} or (off and kind is Topic.SECURITY_ALERTS)


def who_switched_off(people: Collection[UUID], kind: Kind) -> set[UUID]:
    """Return who of these switched this kind off."""
    rows = Switch.objects.filter(person__in=list(people), kind=kind, on_again_at=None)
    return set(rows.values_list("person", flat=True))


def _own_act(recipient: UUID | str, kind: Kind, address: str | None, now: datetime) -> Decision:
    if isinstance(recipient, str):
        return Decision(address or recipient, in_account=False)
    to = address or queries.address_of(recipient, PURPOSE[kind], now=now)
    if to is None and kind is MessageClass.CODE:
        raise NotFound("This person gave no address, and a code must go to one; ask for an address first.")
    return Decision(to, in_account=to is None, reason=Reason.NONE if to else Reason.NO_ADDRESS)
