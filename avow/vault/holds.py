"""
A simple legal hold: some fields of one person outlive an erasure, under a key of their own, until a day.

Why resealed and not exempted: an erasure that leaves the person's key standing because of one field would leave all
standing. So what the hold names moves under the hold's own key, and the person's key goes as ever.

    proposed ── a second officer confirms ──> standing ── its day, or a release ──> ended
                                                 └ its person is erased: fields in scope are resealed, the rest goes

Holds:    two different officers place it and prolong it; it names some fields and a day at most ninety days ahead. A
          held value opens for the law, through `open_held`, under a hold that stands, and for nothing else, not even
          for its person's rights. Other things of the person (addresses, choices, what other rooms keep) are never
          held. Keeping commits before the key is destroyed, and may be repeated. The officer whom a hold is about has
          no part in it and does not see it.
Assumes:  the hold's own key is destroyed at its end (`holds_ending`), by the same puncture as any other.
Does not: stop anybody from correcting or using what is held while its person is here.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from avow.errors import BadInput, Erased, HeldByLaw, NotFound, Refused
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.evidence.outbox import record
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.vault import catalogue, fields, gate, governing, persons, sealing, subjects
from avow.vault.actor import Actor
from avow.vault.attesting import attest
from avow.vault.models import HeldField, Hold, Person, SealedField
from avow.vault.visibility import visible

LONGEST = timedelta(days=90)
ENDLESS = "A hold needs a day to come on which it ends, at most ninety days ahead; it can be prolonged before that day."


@transaction.atomic
def propose(
    person: UUID, names: Collection[str], *, basis: str, until: datetime | None, by: UUID, now: datetime,
    gagged: bool = False,
) -> UUID:  # fmt: skip
    """Propose a hold; it keeps nothing until a second officer confirms it."""
    legal = {field.name for field in catalogue.fields() if Purpose.LEGAL in field.purposes}
    wanted = {catalogue.field(name).name for name in names}
    if not wanted or not wanted <= legal or not basis.strip():
        raise BadInput("A hold names fields that the law may ask for, and where its basis lies.")
    ends = _in_bounds(until, now)
    if person == by:
        raise Refused("A hold on one's own data is for other officers; ask two of them.")
    if persons.lock(person).erasing_since:
        raise Erased("This person is being erased already; a hold can keep only what is still here.")
    made = Hold.objects.create(
        id=uuid4(), person=person, fields=sorted(wanted), basis=basis.strip(), gagged=gagged, proposed_by=by,
        proposed_at=now, until=ends,
    )  # fmt: skip
    return made.id


@keeps(Promise.LEGAL_DISCLOSURE)
@transaction.atomic
def confirm(hold: UUID, *, by: UUID, now: datetime) -> None:
    """Place a proposed hold, as the second officer."""
    row = find(hold, lock=True, by=by)
    if row.state != "proposed" or row.until <= now or row.person is None:
        raise Refused("This hold does not wait to be confirmed any more; reload its page.")
    if persons.lock(row.person).erasing_since:
        raise Erased("This person is being erased already; a hold can keep only what is still here.")
    _must_be_another(row.proposed_by, by)
    Hold.objects.filter(pk=hold).update(state="standing", confirmed_by=by)
    log(row, Act.HOLD_PLACED, now)


@transaction.atomic
def propose_longer(hold: UUID, *, until: datetime | None, by: UUID, now: datetime) -> None:
    """Propose a later end for a hold that stands."""
    row, ends = find(hold, lock=True, by=by), _in_bounds(until, now)
    if not stands(row, now=now) or ends <= row.until:
        raise Refused("Only a hold that stands can be prolonged, and only to a later day.")
    Hold.objects.filter(pk=hold).update(longer_until=ends, longer_by=by)


@transaction.atomic
def confirm_longer(hold: UUID, *, by: UUID, now: datetime) -> None:
    """Prolong a hold, as another officer than the one who proposed it."""
    row = find(hold, lock=True, by=by)
    if row.longer_until is None or row.longer_by is None or not stands(row, now=now):
        raise Refused("Nobody proposed a later end for this hold, or it has ended; reload its page.")
    _must_be_another(row.longer_by, by)
    Hold.objects.filter(pk=hold).update(until=row.longer_until, longer_until=None, longer_by=None)
    log(row, Act.HOLD_PLACED, now)


def keep(person: UUID, *, now: datetime) -> None:
    """Reseal what holds name of a person who is about to be erased; a second call finds it done."""
    for hold in _standing(person, now=now).filter(subject=None).values_list("pk", flat=True):
        _keep(hold, person, now)


def open_held(hold: UUID, field: str, purpose: Purpose, *, by: Actor, now: datetime) -> str | None:
    """Open a held value for the law; HeldByLaw for anything else, Erased once the hold has ended."""
    if purpose is not Purpose.LEGAL:
        raise HeldByLaw("This is kept because of a legal duty, and opens for nothing else until that ends.")
    row = find(hold)
    if row.subject is None or not stands(row, now=now):
        raise Erased("This hold keeps nothing: it has ended, or its person has not been erased.")
    held = HeldField.objects.filter(hold=row, field=field).first()
    if held is None:
        return None
    sealed = bytes(held.ciphertext)
    return sealing.open_blob(row.subject, gate.HELD + field, sealed, purpose=purpose, by=by, now=now).decode()


def find(hold: UUID, *, lock: bool = False, by: UUID | None = None) -> Hold:
    """Return a hold, or NotFound; to the officer whom it is about there is none."""
    rows = Hold.objects.select_for_update() if lock else Hold.objects.all()
    row = rows.filter(pk=hold).first()
    if row is None or (by is not None and row.person == by):
        raise NotFound("There is no hold by this number; the desk lists those that there are.")
    return row


def stands(row: Hold, *, now: datetime) -> bool:
    """Say whether a hold is in force."""
    return row.state == "standing" and row.until > now


def tellable(person: UUID, *, now: datetime) -> list[Hold]:
    """Return the standing holds on a person that they may be told of."""
    return list(_standing(person, now=now).filter(gagged=False).order_by("until"))


def kept(person: UUID) -> list[Hold]:
    """Return the holds that keep something of a person who was erased, as far as that may be told."""
    return list(Hold.objects.filter(person=person, kept_at__isnull=False, gagged=False).order_by("until"))


def log(row: Hold, act: Act, now: datetime) -> None:
    """Record an act on a hold: about its person while they are here and may know, and about nobody otherwise."""
    if row.person is not None and not row.gagged and persons.standing(row.person).erased_at is None:
        attest(row.person, act, promise=Promise.LEGAL_DISCLOSURE, actor="staff", now=now)
        return
    version = governing.in_force(now)
    clause = governing.clause_for(Promise.LEGAL_DISCLOSURE, version)
    record(
        Entry(act=act, at=now, promise=Promise.LEGAL_DISCLOSURE, clause=clause, policy=version.sha256, actor="staff")
    )


@transaction.atomic
def _keep(hold: UUID, person: UUID, now: datetime) -> None:
    """Move the values in scope under a key of the hold's own; a crash leaves an unused slot, which is swept."""
    row = find(hold, lock=True)
    if (
        row.subject is not None
        or not stands(row, now=now)
        or Person.objects.filter(person=person, erased_at__isnull=False).exists()
    ):
        return
    try:
        own = fields.key(persons.key_of(person))
    except Erased:
        return  # confirmed too late: the key is gone already
    subject = subjects.new_subject(now)
    with visible(person):
        found = list(SealedField.objects.filter(person=person, field__in=row.fields, superseded_at=None))
    for one in found:
        sealed = sealing.seal_blob(subject, gate.HELD + one.field, fields.unseal(own, one), now=now)
        HeldField.objects.create(hold=row, field=one.field, ciphertext=sealed)
    Hold.objects.filter(pk=hold).update(subject=subject, kept_at=now)


def _standing(person: UUID, *, now: datetime) -> QuerySet[Hold]:
    return Hold.objects.filter(person=person, state="standing", until__gt=now)


def _in_bounds(until: datetime | None, now: datetime) -> datetime:
    if until is None or not now < until <= now + LONGEST:
        raise BadInput(ENDLESS)
    return until


def _must_be_another(first: UUID, second: UUID) -> None:
    if first == second:
        raise Refused("Whoever proposed it cannot confirm it; ask another officer.")
