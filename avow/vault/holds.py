"""
A legal hold: some fields of one person, given within some dates, outlive an erasure under a key of their own.

Why resealed and not exempted: an erasure that leaves the person's key standing because of one field would leave all
standing. So what the hold names moves under the hold's own key, and the person's key goes as ever.

    proposed ── a second officer confirms ──> standing ── its day, or two release it ──> ending ── key gone ──> ended
       └─ refused, or its day passes                └─ its person is erased: what is in scope is resealed, the rest goes

Holds:    two different officers place it, prolong it (`holds_prolonging`) and release it (`holds_ending`); the database
          refuses a signature twice. It names some fields and a day at most ninety days ahead, and may name the first
          and the last day on which a value was given. A held value opens for the law, through `open_held`, under a
          hold that stands, and for nothing else, not even for its person's rights. Choices of the person, and what
          other rooms keep, are never held. The officer whom a hold is about has no part in it and does not see it.
Assumes:  the hold's own key is destroyed at its end, by the same puncture as any other.
Does not: stop anybody from correcting or using what is held while their person is here; what they replace is kept too.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid4

from django.db import transaction

from avow.errors import BadInput, Erased, Refused
from avow.evidence.acts import Act
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.vault import catalogue, holds_moving, persons, subjects
from avow.vault.canary import OFFICERS
from avow.vault.catalogue import PersonalField
from avow.vault.holds_keeping import keep, keep_replaced
from avow.vault.holds_moving import find, stands
from avow.vault.holds_opening import history_held, open_held
from avow.vault.holds_states import State
from avow.vault.models import LONGEST_HOLD, Hold

__all__ = [
    "BEFORE_AND_AFTER", "ENDLESS", "LONGEST", "Dates", "confirm", "end_of", "find", "held", "history_held", "holdable",
    "in_bounds", "keep", "keep_replaced", "keeping", "kept", "open_held", "propose", "refuse", "scope", "standing",
    "stands", "tellable",
]  # fmt: skip

LONGEST = LONGEST_HOLD
ENDLESS = "A hold needs a day to come on which it ends, at most ninety days ahead; it can be prolonged before that day."
BEING_ERASED = "This person is being erased already; a hold can keep only what is still here."


@dataclass(frozen=True)
class Dates:
    """Between which moments a value was given that is to be kept; None: without a bound."""

    first: datetime | None = None
    last: datetime | None = None


BEFORE_AND_AFTER = Dates()


@transaction.atomic
def propose(
    person: UUID, names: Collection[str], *, basis: str, until: datetime | None, by: UUID, now: datetime,
    gagged: bool = False, given: Dates = BEFORE_AND_AFTER,
) -> UUID:  # fmt: skip
    """Propose a hold; it keeps nothing until a second officer confirms it."""
    wanted, ends = scope(names), in_bounds(until, now)
    if not basis.strip():
        raise BadInput("A hold needs its basis: the file number of the order or case that it rests on, and no names.")
    if given.first and given.last and given.first > given.last:
        raise BadInput("The first day on which a value was given lies after the last; exchange the two.")
    if person == by:
        raise Refused("A hold on one's own data is for other officers; ask two of them.")
    if persons.lock(person).erasing_since:
        raise Erased(BEING_ERASED)
    made = Hold.objects.create(
        id=uuid4(), person=person, fields=wanted, collected_from=given.first, collected_to=given.last,
        basis=basis.strip(), gagged=gagged, proposed_by=by, proposed_at=now, until=ends, until_set_at=now,
    )  # fmt: skip
    return made.id


@keeps(Promise.LEGAL_DISCLOSURE)
@transaction.atomic
def confirm(hold: UUID, *, by: UUID, now: datetime) -> None:
    """Place a proposed hold, as the second officer, and give it a key of its own."""
    row = find(hold, lock=True, by=by)
    holds_moving.must(row, State.STANDING)
    if row.until <= now:
        raise Refused("The day of this hold has passed before it was confirmed; propose it again with a day to come.")
    assert row.person is not None, "a hold that is proposed names somebody"
    if persons.lock(row.person).erasing_since:
        raise Erased(BEING_ERASED)
    holds_moving.must_be_another(row.proposed_by, by)
    # A crash before the commit leaves a slot under which nothing lies; it is swept like that of an unfinished sign-up.
    holds_moving.move(row, State.STANDING, confirmed_by=by, subject=subjects.new_subject(now))
    holds_moving.log(row, Act.HOLD_PLACED, now)


@transaction.atomic
def refuse(hold: UUID, *, by: UUID | None, now: datetime) -> None:
    """End a hold that was proposed and not confirmed: any officer may, and its day does (by None)."""
    row = find(hold, lock=True, by=by)
    holds_moving.move(row, State.REFUSED, ended_at=now, person=None)


def tellable(person: UUID, *, now: datetime) -> list[Hold]:
    """Return the standing holds on a person that they may be told of."""
    rows = Hold.objects.filter(person=person, state=State.STANDING.value, until__gt=now, gagged=False)
    return list(rows.order_by("until"))


def kept(person: UUID) -> list[Hold]:
    """Return the holds that keep something of a person who was erased, as far as that may be told."""
    rows = Hold.objects.filter(person=person, kept_at__isnull=False, gagged=False, held__isnull=False)
    return list(rows.distinct().order_by("until"))


def standing(*, now: datetime) -> list[UUID]:
    """Return every hold that is in force."""
    return list(Hold.objects.filter(state=State.STANDING.value, until__gt=now).values_list("pk", flat=True))


def held(*, now: datetime) -> set[UUID]:
    """Return everybody whom a hold in force is about."""
    rows = Hold.objects.filter(state=State.STANDING.value, until__gt=now).values_list("person", flat=True)
    return {person for person in rows if person}


def keeping(*, apart_from: UUID, now: datetime) -> list[Hold]:
    """Return the holds that stand and keep something of a person who was erased, but for one on this officer.

    One that a live check is trying this moment is nobody's.
    """
    rows = Hold.objects.filter(pk__in=standing(now=now), kept_at__isnull=False)
    return list(rows.exclude(person=apart_from).exclude(proposed_by__in=OFFICERS).order_by("until", "pk"))


def holdable() -> list[PersonalField]:
    """Return the fields that a hold can name: those for which the law may ask."""
    return [field for field in catalogue.fields() if Purpose.LEGAL in field.purposes]


def in_bounds(until: datetime | None, now: datetime) -> datetime:
    """Return the end of a hold, or refuse one that is past, too far, or missing."""
    if until is None or not now < until <= now + LONGEST:
        raise BadInput(ENDLESS)
    return until


def end_of(day: date, now: datetime) -> datetime:
    """Return the last moment of a day; of the ninetieth day, the latest that a hold may reach."""
    last, latest = datetime.combine(day, time.max, tzinfo=UTC), now + LONGEST
    return min(last, latest) if day == latest.astimezone(UTC).date() else last


def scope(names: Collection[str]) -> list[str]:
    """Return the fields in their order, or refuse those that cannot be held, naming those that can."""
    possible = sorted(field.name for field in holdable())
    unknown = sorted(set(names) - set(possible))
    if not names or unknown:
        said = f"“{unknown[0]}” cannot be held" if unknown else "A hold names what it keeps"
        raise BadInput(f"{said}; these fields can be: {', '.join(possible)}.")
    return sorted(set(names))
