"""
The door: the only way from a sealed field to its value, for a stated purpose.

Why the purpose is decided here and not by the caller: purpose limitation then holds where the bytes become
readable, for every page, task and command alike.

Holds:    what comes out was permitted by the text it was collected under and the one in force, for its field, or
          granted by the person, in the least form that its field declares for that use. After erasure every opening
          raises Erased. Staff open under a case of theirs alone, see masks unless its reason needs more, and leave
          an entry in the log.
Does not: record openings by the person themselves or by the service one by one (`staff_openings` says why); stop
          who is permitted from reading: what has been opened is out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TypeVar
from uuid import UUID

from avow.evidence import versions
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.vault import catalogue, choices, fields, forms, gate, governing, persons, reading, staff_openings
from avow.vault.actor import Actor
from avow.vault.choices import NONE
from avow.vault.models import SealedField
from avow.vault.visibility import visible

Row = TypeVar("Row", SealedField, fields.Sealed)  # with its times, or only what is needed to open it


@dataclass(frozen=True)
class Past:
    """One value that a field had."""

    value: str
    since: datetime
    until: datetime | None  # None: it is the current one
    source: str
    version: str  # sha256 of the policy it was collected under


def open_field(person: UUID, field: str, purpose: Purpose, *, by: Actor, now: datetime) -> str | None:
    """Return the current value of a field, in the form that this use is given, or None when there is none."""
    return open_fields(person, [field], purpose, by=by, now=now).get(field)


@keeps(Promise.PURPOSE_LIMIT)
def open_fields(person: UUID, names: Iterable[str], purpose: Purpose, *, by: Actor, now: datetime) -> dict[str, str]:
    """Return the current values of these fields, without those that are empty; one refusal refuses all."""
    wanted = [catalogue.field(name).name for name in names]
    key = persons.key_of(person)
    rows = reading.current(person, wanted)
    with versions.read_once():
        opened = _open(person, key, rows, wanted, purpose, by=by, now=now)
    return {row.field: value for row, value in opened}


def history(person: UUID, field: str, purpose: Purpose, *, by: Actor, now: datetime) -> list[Past]:
    """Return every value that a field had, newest first; for a person's rights also of a field no longer declared."""
    if purpose is not Purpose.RIGHTS:
        catalogue.field(field)
    key = persons.key_of(person)
    with visible(person):
        rows = list(SealedField.objects.filter(person=person, field=field).order_by("-ordinal"))
    with versions.read_once():
        opened = _open(person, key, rows, [field], purpose, by=by, now=now)
    return [Past(value, row.collected_at, row.superseded_at, row.source, row.policy) for row, value in opened]


def open_each(
    people: Iterable[UUID], field: str, purpose: Purpose, *, now: datetime, at_once: int = 100_000
) -> dict[UUID, str]:
    """Return one field of many, in its form; who may not be asked, has none or was erased is left out."""
    catalogue.field(field)
    wanted, found = list(people), dict[UUID, str]()
    with versions.read_once():
        for start in range(0, len(wanted), at_once):
            found |= _open_some(wanted[start : start + at_once], field, purpose, now)
    return found


def _open_some(people: list[UUID], field: str, purpose: Purpose, now: datetime) -> dict[UUID, str]:
    """Ask the gate for all, then derive the keys of those whom it permits and of nobody else."""
    form = staff_openings.to_show(None, [field], purpose, None, now=now)[field]
    named = {person.bytes: person for person in people}
    rules, chosen = gate.Rules(now), choices.of_these(named, now=now)
    may = cache(lambda policy, said: rules.permit(field, policy, purpose, said))  # few differ in text and choices
    rows = [
        (person, field, ordinal, policy, sealed)
        for person, ordinal, policy, sealed in reading.current_of_many(people, field)
        if may(policy, chosen.get(person, NONE))
    ]
    keys = persons.keys_of_these([person for person, *_ in rows])
    return {
        named[row.person]: _shown(fields.unseal(fields.key(keys[row.person]), row), field, form)
        for row in map(fields.Sealed._make, rows)
        if row.person in keys
    }


def _open(
    person: UUID, key: bytes, rows: list[Row], wanted: list[str], purpose: Purpose, *, by: Actor, now: datetime
) -> list[tuple[Row, str]]:
    """Ask the gate for what is there and for what is wanted, then open."""
    there = [(row.field, row.policy) for row in rows]
    absent = set(wanted) - {row.field for row in rows}
    if absent:
        there += [(name, governing.in_force(now).sha256) for name in absent]
    case = staff_openings.ask(person, wanted, purpose, by=by, now=now)
    gate.permit(person, there, purpose, now=now)
    given = staff_openings.to_show(person, wanted, purpose, case, now=now)
    own = fields.key(key)
    opened = [(row, _shown(fields.unseal(own, row), row.field, given[row.field])) for row in rows]
    if case is not None and opened:
        staff_openings.write(person, case, forms.most(*(given[row.field] for row in rows)), now=now)
    return opened


def _shown(plain: bytes, field: str, form: forms.Form) -> str:
    return forms.shown(plain.decode(), form, catalogue.category(field))
