"""
Hand something over because the law asks: scoped, signed by two, packed by the service, written down, told.

Why so narrow where the policy is broad: it lets "any information" be disclosed as far as that is necessary. Necessity
is written down before anything opens, by one officer, and judged by another.

Holds:    a case names one person, some of the fields and a span of time; everything, or without end, is refused. Two
          different officers sign it, by the database's own rule. Nothing opens before that. What goes, goes through
          the egress gate under a grant made for this case, which ends with it. Its person is told when it left, or on
          the day on which a ban to tell them ends. Of somebody who was erased it names what one legal hold kept, and
          nobody is told, for nobody can be. An officer whom a case is about has no part in it and does not see
          it.
Assumes:  who carries the file to the authority gives it to nobody else; the ledger has its hash.
Does not: judge whether an order is lawful; two people do, and their names stay with the case.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from avow.errors import BadInput, Erased, NotFound, Refused
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.sharing.disclosures_models import Disclosure
from avow.sharing.disclosures_states import MEANING, Class, State, may
from avow.vault import catalogue, holds, persons, recipients, sealing
from avow.vault.models import Recipient, RecipientKind

LONGEST_SCOPE = timedelta(days=366)
LONGEST_BAN = timedelta(days=366)
GRANTED_FOR = timedelta(days=30)  # in which an approved case must be handed over
SHORTEST_NOTE = 20  # characters; a necessity that fits into fewer was not thought about
NOTE = "disclosure-note"
OVERBROAD = (
    "This scope is broader than the policy's sentence carries: name the fields that are necessary, not all of them."
)
ENDLESS = "A case needs a span of time with an end, of a year at most; narrow it to what was asked."


@dataclass(frozen=True)
class Wish:
    """What an authority asks for, as an officer writes it down."""

    authority: str
    kind: Class
    basis: str
    person: UUID | None  # None where a hold is named
    fields: Collection[str]
    since: datetime | None
    until: datetime | None
    necessity: str
    withheld_until: datetime | None = None
    hold: UUID | None = None  # what it kept of somebody who was erased


@keeps(Promise.LEGAL_DISCLOSURE)
@transaction.atomic
def draft(wish: Wish, *, by: UUID, now: datetime) -> UUID:
    """Open a case; BadInput when its scope is too broad or has no end."""
    since, until = _in_bounds(wish, now)
    whose = _kept_by(wish.hold, wish, by, now) if wish.hold else _living(wish, by)
    note = sealing.seal_blob(whose, NOTE, wish.necessity.strip().encode(), now=now)
    made = Disclosure.objects.create(
        id=uuid4(), recipient=_authority(wish.authority, now), kind=Class(wish.kind), basis=wish.basis.strip(),
        person=whose, hold=wish.hold, fields=sorted(set(wish.fields)), since=since, until=until, sealed_note=note,
        drafted_by=by, drafted_at=now, moved_at=now, withheld_until=wish.withheld_until,
    )  # fmt: skip
    return made.id


@keeps(Promise.LEGAL_DISCLOSURE)
@transaction.atomic
def approve(case: UUID, *, by: UUID, now: datetime) -> None:
    """Sign as the second officer: from here on it can be packed, and for thirty days handed over."""
    row = find(case, lock=True, by=by)
    if row.drafted_by == by:
        raise Refused("Whoever drafted a case cannot approve it; ask another officer.")
    must(row, State.APPROVED)
    row.grant = recipients.grant(
        row.recipient, row.fields, Purpose.LEGAL, Promise.LEGAL_DISCLOSURE, contract=row.basis,
        until=now + GRANTED_FOR, now=now,
    )  # fmt: skip
    move(row, State.APPROVED, now=now, approved_by=by, grant=row.grant)


@transaction.atomic
def withdraw(case: UUID, *, now: datetime) -> None:
    """End a case of which nothing has left."""
    row = find(case, lock=True)
    must(row, State.WITHDRAWN)
    if row.grant:
        recipients.end_grant(row.grant, now=now)
    move(row, State.WITHDRAWN, now=now, sealed_package=None)


def find(case: UUID, *, lock: bool = False, by: UUID | None = None) -> Disclosure:
    """Return a case, or NotFound; to the officer whom it is about there is none."""
    rows = Disclosure.objects.select_for_update() if lock else Disclosure.objects.all()
    row = rows.filter(pk=case).first()
    if row is None or (by is not None and row.person == by):
        raise NotFound("There is no case by this number; the desk lists those that there are.")
    return row


def must(row: Disclosure, to: State) -> None:
    """Refuse a move that the table of moves does not know: a second click, or a step too early."""
    if not may(State(row.state), to):
        raise Refused(
            f"This cannot be done now: the case is {row.state}: {MEANING[State(row.state)]}. Reload its page."
        )


def move(row: Disclosure, to: State, *, now: datetime, **also: object) -> None:
    """Move a case that the caller has locked."""
    must(row, to)
    Disclosure.objects.filter(pk=row.pk).update(state=to, moved_at=now, **also)
    row.state = to


def in_scope() -> list[catalogue.PersonalField]:
    """Return the fields that can be named in a case at all."""
    return [field for field in catalogue.fields() if Purpose.LEGAL in field.purposes]


def _living(wish: Wish, by: UUID) -> UUID:
    """Return the person of a case, who is here."""
    if wish.person is None:
        raise BadInput("Name the address of the account, or a hold that kept something of an erased person.")
    if wish.person == by:
        raise Refused("A case about oneself is for other officers; ask two of them.")
    if persons.lock(wish.person).erasing_since:
        raise Erased("This person is being erased; only what a legal hold keeps can still be disclosed.")
    return wish.person


def _kept_by(hold: UUID, wish: Wish, by: UUID, now: datetime) -> UUID:
    """Return the key of a hold that keeps something of an erased person: it seals the case as a person's does."""
    row = holds.find(hold, by=by)
    if wish.person is not None:
        raise BadInput("A case is about an account or about a hold; name one of them.")
    if wish.withheld_until:
        raise BadInput("Whoever was erased cannot be told, so there is nothing to forbid; leave that day empty.")
    if not holds.stands(row, now=now) or row.kept_at is None or row.subject is None:
        raise Refused("This hold keeps nothing of an erased person; name the account instead.")
    if not set(wish.fields) <= set(row.fields):
        raise BadInput(f"This hold keeps {', '.join(row.fields)} and no more; name some of that.")
    return row.subject


def _in_bounds(wish: Wish, now: datetime) -> tuple[datetime, datetime]:
    named, possible = set(wish.fields), {field.name for field in in_scope()}
    for name in named:
        catalogue.field(name)
    if not named or not named < possible:
        raise BadInput(OVERBROAD)
    if wish.since is None or wish.until is None or not timedelta() < wish.until - wish.since <= LONGEST_SCOPE:
        raise BadInput(ENDLESS)
    if not wish.basis.strip() or len(wish.necessity.strip()) < SHORTEST_NOTE or not wish.authority.strip():
        raise BadInput("Name who asks, where the basis lies, and in a sentence why this is necessary.")
    if wish.withheld_until and not now < wish.withheld_until <= now + LONGEST_BAN:
        raise BadInput("A ban to tell the person needs a day to come on which it ends, within a year.")
    return wish.since, wish.until


def _authority(name: str, now: datetime) -> UUID:
    row = Recipient.objects.filter(name=name.strip()).first()
    if row is None:
        return recipients.add(RecipientKind.AUTHORITY, name.strip(), {}, now=now)
    if row.kind != RecipientKind.AUTHORITY:
        raise BadInput("This name is an agent's or a partner's; write the authority's own.")
    return row.id
