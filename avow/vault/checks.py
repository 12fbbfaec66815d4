"""
Live checks of the vault: each tries the mechanism itself, on a canary that is nobody, and can fail.

Does not: look at anybody's values. `stored-fields-are-sealed` asks of people's rows only whether they open.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connections, transaction

from avow.errors import DoesNotOpen, Erased, HeldByLaw, NoCase, PurposeRefused
from avow.policy.promises import Promise, watches
from avow.policy.purposes import ALWAYS, Purpose
from avow.vault import (
    catalogue,
    crypto,
    enrolment,
    erasure,
    fields,
    files,
    fitting,
    forms,
    governing,
    holds,
    holds_ending,
    holds_sealing,
    opening,
    opening_cases,
    persons,
    sealing,
    tree,
)
from avow.vault.actor import SERVICE, staff
from avow.vault.canary import CANARY, OFFICERS
from avow.vault.catalogue import Database, PersonalField
from avow.vault.forms import Form
from avow.vault.holds import Dates
from avow.vault.holds_states import OVER, State
from avow.vault.keys import buckets, slots, standing
from avow.vault.keys.models import AttestedAct, Bucket
from avow.vault.models import HeldField, Hold, OpeningReason, Person, PersonKind, SealedField
from avow.vault.visibility import visible

VALUE, EARLIER = "Canary", "An earlier canary"
LATE = timedelta(hours=1)  # after its day, in which the sweep must have ended a hold
SAMPLE = 20  # persons a look
LONG_ENOUGH = 4  # bytes; a shorter value turns up in random bytes by chance
COLUMNS = """
    SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'm', 'v') AND a.attnum > 0 AND NOT a.attisdropped
"""
ALIASES = {Database.AVOW: "default", Database.KEYS: "avow_keys"}


@watches(Promise.PURPOSE_LIMIT, every=timedelta(minutes=1))
def undeclared_purpose_is_refused(now: datetime) -> str | None:
    """Open a canary's field for what the policy names, and try to for what it does not."""
    tried = _field_with_a_limit(now)
    if tried is None:
        return "no declared field has a permitted purpose and a forbidden one, so the gate could not be tried"
    field, permitted, forbidden = tried
    _canary(field, now)
    if opening.open_field(CANARY, field.name, permitted, by=SERVICE, now=now) != VALUE:
        return "a field did not open for a purpose that the policy names"
    try:
        opening.open_field(CANARY, field.name, forbidden, by=SERVICE, now=now)
    except PurposeRefused:
        return None
    return f"a field opened for {forbidden.value}, which the policy does not name for it"


@watches(Promise.PURPOSE_LIMIT, every=timedelta(hours=1))
def staff_openings_have_a_case(now: datetime) -> str | None:
    """Open a canary's field as an officer, without a case and with one; nothing of the trial stays."""
    field = next((one for one in catalogue.fields() if one.at_the_desk is Form.MASKED), None)
    if field is None:
        return "no declared field is masked at the desk, so an opening by staff could not be tried"
    _canary(field, now)
    with transaction.atomic():  # and back: neither the log nor a count shall tell of an officer who is nobody
        why = _staff_open_wrongly(field, uuid4(), now)
        transaction.set_rollback(True)
    AttestedAct.objects.filter(person=CANARY).delete()
    return why


@watches(Promise.DE_IDENTIFY, every=timedelta(hours=1))
def an_erased_person_stays_closed(now: datetime) -> str | None:
    """Seal, open and erase a fresh canary; then it must open neither by the door nor by any leaf that is left."""
    canary = enrolment.enrol(kind=PersonKind.SUBJECT, now=now)
    bucket = slots.bucket_of(_slot(canary))
    sealed = sealing.seal_blob(canary, "live-check", VALUE.encode(), now=now)
    if sealing.open_blob(canary, "live-check", sealed, purpose=Purpose.RIGHTS, now=now) != VALUE.encode():
        return "what was sealed did not open before the erasure"
    erasure.erase(canary, request=uuid4(), asked_by=SERVICE, now=now)
    try:
        sealing.open_blob(canary, "live-check", sealed, purpose=Purpose.RIGHTS, now=now)
    except Erased:
        return _opens_with_a_leaf(canary, sealed, bucket)
    return "an erased person's data still opens"


@watches(Promise.DE_IDENTIFY, every=timedelta(hours=1))
def keys_die_on_time(now: datetime) -> str | None:
    """Look whether epochs end, whether their keys are destroyed by their days, and whether none came back."""
    return next(iter(standing.late(now=now)), None)


@watches(Promise.DE_IDENTIFY, every=timedelta(hours=1))
def key_store_matches_the_log(now: datetime) -> str | None:  # noqa: ARG001 - what fits does not depend on the time
    """Try every destroyed slot on today's covers, and hold keys, epochs and slots against the log and the data."""
    return next(iter(fitting.keys_now()), None)


@watches(Promise.SECURITY_MEASURES, every=timedelta(minutes=5))
def stored_fields_are_sealed(now: datetime) -> str | None:  # noqa: ARG001 - the newest are the sample
    """Look whether a sample of stored fields opens with its own person's key and does not show its value."""
    recent = Person.objects.filter(erased_at=None).exclude(kind=PersonKind.SUBJECT).order_by("-enrolled_at")
    people = [CANARY, *recent.values_list("person", flat=True)[:SAMPLE]]
    keys = persons.keys_of(people)
    with visible(*people):
        rows = list(SealedField.objects.filter(person__in=people))
    for row in rows:
        if row.person in keys and (why := _not_sealed(keys[row.person], row)):
            return why
    return None


@watches(Promise.DECLARED_DATA, every=timedelta(minutes=5))
def every_column_is_declared(now: datetime) -> str | None:  # noqa: ARG001 - what is stored does not depend on the time
    """Hold each column of both databases against the catalogues."""
    known = {(t.database, t.name, column.name) for t in catalogue.tables() for column in t.columns}
    found = {(database, *column) for database in Database for column in _columns(ALIASES[database])}
    if undeclared := sorted(found - known):
        shown = ", ".join(f"{table}.{column}" for _, table, column in undeclared[:5])
        return f"{len(undeclared)} columns are in no catalogue: {shown}"
    return None


@watches(Promise.DECLARED_DATA, every=timedelta(minutes=5))
def every_file_is_declared(now: datetime) -> str | None:  # noqa: ARG001 - nor does what lies in the home
    """Hold each file below the home against the catalogues, and look that others than its owner cannot open it."""
    if wrong := files.astray(settings.HOME.root, catalogue.files()):
        return f"{len(wrong)} files are not as declared: {'; '.join(wrong[:5])}"
    return None


def _field_with_a_limit(now: datetime) -> tuple[PersonalField, Purpose, Purpose] | None:
    """Return a field, a purpose that it may be opened for and one that it may not."""
    policy = governing.in_force(now).bound.purposes
    for field in catalogue.fields():
        effective = field.purposes & policy - ALWAYS
        outside = sorted(set(Purpose) - ALWAYS - policy) + sorted(set(Purpose) - ALWAYS - effective)
        if effective and outside:
            return field, min(effective), outside[0]
    return None


def _canary(field: PersonalField, now: datetime) -> None:
    """Enrol the canary once, and give it this field once for each version of the policy."""
    enrolment.stand_in(CANARY, now=now)
    given = opening.history(CANARY, field.name, Purpose.RIGHTS, by=SERVICE, now=now)
    if not given or given[0].version != governing.in_force(now).sha256:
        sealing.put(CANARY, field.name, VALUE, source="live check", now=now)


def _staff_open_wrongly(field: PersonalField, officer: UUID, now: datetime) -> str | None:
    """Say what an officer was given that they should not have been, or not given what they should."""
    if _opened_by_staff(field, officer, now) is not None:
        return "a field opened for an officer who had no case"
    case = opening_cases.open_case(CANARY, officer=officer, reason=OpeningReason.QUESTION, now=now)
    if _opened_by_staff(field, officer, now) != forms.masked(VALUE, field.category):
        return "a field did not open masked for an officer with a case"
    opening_cases.end(case, now=now)
    if _opened_by_staff(field, officer, now) is not None:
        return "a field opened for an officer whose case had ended"
    return None


def _opened_by_staff(field: PersonalField, officer: UUID, now: datetime) -> str | None:
    try:
        return opening.open_field(CANARY, field.name, Purpose.RIGHTS, by=staff(officer), now=now)
    except NoCase:
        return None


def _slot(person: UUID) -> int:
    slot = Person.objects.values_list("slot", flat=True).get(person=person)
    assert slot is not None
    return slot


def _opens_with_a_leaf(person: UUID, sealed: bytes, bucket_id: int) -> str | None:
    """Try what is left of the tree on the old ciphertext, as a thief of today's keys would."""
    bucket = Bucket.objects.get(bucket_id=bucket_id)
    cover = buckets.cover_of(bucket_id, bucket.epoch_id, bucket.generation, bytes(bucket.cover))
    for _, leaf in tree.leaves(cover):
        try:
            sealing.unseal_with(persons.key_from(person, leaf), person, "live-check", sealed)
        except DoesNotOpen:
            continue
        return "a key that is left in the tree opens an erased person's data"
    return None


def _not_sealed(key: bytes, row: SealedField) -> str | None:
    try:
        plain = fields.unseal(fields.key(key), row)
    except DoesNotOpen:
        return "a stored field does not open with its person's key"
    stored = bytes(row.ciphertext)
    if len(stored) != len(plain) + crypto.OVERHEAD or (len(plain) >= LONG_ENOUGH and plain in stored):
        return "a stored field shows its value"
    return None


def _columns(alias: str) -> set[tuple[str, str]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(COLUMNS)
        return set(cursor.fetchall())


@watches(Promise.LEGAL_DISCLOSURE, every=timedelta(hours=1))
def holds_end(now: datetime) -> str | None:
    """Hold a fresh canary's field of one day, erase them, open it as the law may, and end the hold: nothing opens."""
    if overdue := Hold.objects.exclude(state__in=sorted(OVER)).filter(until__lte=now - LATE).count():
        return f"{overdue} holds are past their day and have not ended"
    name = next((field.name for field in holds.holdable()), None)
    if name is None:
        return "no declared field may be asked for by law, so a hold could not be tried"
    canary, (one, other) = enrolment.enrol(kind=PersonKind.SUBJECT, now=now), OFFICERS
    sealing.put(canary, name, EARLIER, source="live check", now=now)
    later = now + timedelta(seconds=1)
    sealing.put(canary, name, VALUE, source="live check", now=later)
    hold = holds.propose(
        canary, [name], basis="live check", until=now + LATE, by=one, now=now, gagged=True, given=Dates(first=later)
    )
    try:
        holds.confirm(hold, by=other, now=now)
        erasure.erase(canary, request=uuid4(), asked_by=SERVICE, now=now)
        return _held_wrongly(hold, name, now)
    finally:
        _put_away(hold, now)


def _held_wrongly(hold: UUID, name: str, now: datetime) -> str | None:
    """Try what the law may open, what it may not, and what nobody may once the hold has ended."""
    found = [one.value for one in holds.history_held(hold, name, Purpose.LEGAL, by=SERVICE, now=now)]
    if VALUE not in found:
        return "what a hold names does not outlive an erasure"
    if found != [VALUE]:
        return "a hold keeps values that were given outside its dates"
    row = holds.find(hold)
    subject, kept = row.subject, row.held.get(field=name)
    assert subject is not None, "a hold that stands has a key of its own"
    for purpose in (Purpose.RIGHTS, Purpose.ACCOUNT):
        if _held_opens(hold, name, purpose, now):
            return f"a held field opens for {purpose.value}"
    if _held_opens(hold, name, Purpose.LEGAL, row.until):
        return "a hold opens after its day"
    _release(hold, now)
    if _copy_opens(subject, kept):
        return "what a hold kept still opens after its end"
    return None


def _held_opens(hold: UUID, name: str, purpose: Purpose, now: datetime) -> bool:
    try:
        holds.open_held(hold, name, purpose, by=SERVICE, now=now)
    except (HeldByLaw, PurposeRefused, Erased):
        return False
    return True


def _copy_opens(subject: UUID, kept: HeldField) -> bool:
    """Try a copy of the row with whatever key there is, as a thief of an old backup would."""
    try:
        holds_sealing.unseal(holds_sealing.key(persons.key_of(subject)), kept)
    except (Erased, DoesNotOpen):
        return False
    return True


def _release(hold: UUID, now: datetime) -> None:
    """End it before its day, as two officers do."""
    holds_ending.propose_release(hold, by=uuid4(), now=now)
    holds_ending.confirm_release(hold, by=uuid4(), now=now)


def _put_away(hold: UUID, now: datetime) -> None:
    """Leave nothing of the trial, wherever it broke; what cannot be ended is seen as past its day within two hours."""
    if holds.find(hold).state == State.PROPOSED:
        holds.refuse(hold, by=None, now=now)
    elif holds.stands(holds.find(hold), now=now):
        _release(hold, now)
    Hold.objects.filter(pk=hold, state__in=sorted(OVER)).delete()
