"""
Gather everything that is held about one person into one `Copy`.

Why from the registers and not from a list of its own: a field that a catalogue declares, or a
store that registers, is in the export from that moment; nobody has to remember it here.

Holds:    every declared field, with its history; every registered store, empty ones by name; every
          entry of the log that is about the person (`account_log`). Where a store gives fewer rows than it counts,
          the export says so: a hole is never silent.
"""

from collections.abc import Set
from datetime import datetime
from uuid import UUID

from avow.evidence import versions
from avow.evidence.versions import Version
from avow.policy.categories import Category
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import ALWAYS, BEYOND_OBJECTION, Purpose
from avow.requests import account_log, planning, words
from avow.requests.copies import Copy, Field, Governing, Line, Listed, Part, Standing, Use, Value, Why
from avow.vault import catalogue, choices, opening
from avow.vault.actor import Actor
from avow.vault.catalogue import PersonalField
from avow.vault.opening import Past
from avow.vault.stores import Store

ONLY_A_HASH = "Only a hash is kept, from which it cannot be read back, not by us either."
HASHED = {Category.PASSWORD: ONLY_A_HASH, Category.CREDENTIALS: ONLY_A_HASH}


@keeps(Promise.ACCESS_AND_ERASE)
def gather(person: UUID, *, number: str, by: Actor, now: datetime) -> Copy:
    """Return everything that is held about the person."""
    version = versions.in_force(now)
    refused = choices.of(person, now=now).objected - BEYOND_OBJECTION
    return Copy(
        person=person,
        number=number,
        made_at=now,
        company=version.bound.table.company or "the company",
        fields=tuple(_field(person, field, version, refused, by=by, now=now) for field in catalogue.fields()),
        parts=tuple(_part(store, person, now) for store in planning.in_order()),
        lines=_lines(person),
        governing=_governing(version),
        policy=version.raw,
    )


def _field(
    person: UUID, field: PersonalField, version: Version, refused: Set[Purpose], *, by: Actor, now: datetime
) -> Field:
    values = [_value(past) for past in opening.history(person, field.name, Purpose.RIGHTS, by=by, now=now)]
    current = next((value for value in values if value.until is None), None)
    earlier = tuple(value for value in values if value is not current)
    return Field(
        field.name, field.label, current, earlier, _why(field, version, refused), HASHED.get(field.category, "")
    )


def _value(past: Past) -> Value:
    return Value(past.value, past.since, past.until, past.source, past.version)


def _why(field: PersonalField, version: Version, refused: Set[Purpose]) -> Why:
    clauses = planning.clauses_of(version, field.promise)
    return Why(
        category=field.category.value,
        uses=tuple(_use(purpose, version, refused) for purpose in Purpose if purpose in field.purposes),
        required=field.required,
        reason=field.reason,
        recipients=(field.recipients,) if field.recipients else (),
        until=field.retention,
        promises=tuple((clause.id, clause.says) for clause in clauses),
    )


def _use(purpose: Purpose, version: Version, refused: Set[Purpose]) -> Use:
    """Name the first sentence that allows a purpose, in the words of this very text, and how it stands now."""
    said = words.PURPOSES[purpose]
    for sentence, clause in version.bound.clauses:
        if clause and purpose in clause.purposes:
            standing = Standing.REFUSED if purpose in refused else Standing.USED
            return Use(purpose, said, sentence.id, sentence.text, standing)
    return Use(purpose, said, None, None, Standing.USED if purpose in ALWAYS else Standing.NOT_ALLOWED)


def _part(store: Store, person: UUID, now: datetime) -> Part:
    lists = tuple(Listed(given.name, given.title, tuple(given.rows)) for given in store.export(person, now=now))
    return Part(store.name, store.title, lists, store.count(person))


def _lines(person: UUID) -> tuple[Line, ...]:
    return tuple(
        Line(one.at, one.act.value, one.said, one.entry_id, one.index, one.opening) for one in account_log.of(person)
    )


def _governing(version: Version) -> Governing:
    return Governing(version.sha256, version.effective_date.isoformat(), version.bound.document.title)
