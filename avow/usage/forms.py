"""
The forms in which events come: one by itself, a batch, a list, or one a line; decoders made from `catalogue.EVENT`.

    {"kind": "page", "page": "/"}                    one event, as a page's beacon sends it
    {"batch": number, "visits": [visit, …]}          a batch
    [visit, …]                                       the same; its number is in the header Idempotency-Key
    visit NEWLINE visit …                            the same, as application/x-ndjson

A visit has `events`, or says itself what its one event says.

Holds:    what is wrongly typed, too long or too much refuses the whole. What nobody declared is left out and counted by
          the place where it stood, without its name: a name that was made up may be anything.
Why the quick way first: it refuses what is undeclared; only who sends such a thing pays for looking twice.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import msgspec

from avow.errors import BadInput
from avow.usage import dropping
from avow.usage.catalogue import EVENT, PROPERTIES
from avow.usage.declared import KINDS, Property
from avow.usage.wire import Hex32, Short, Visitor

VISITS, OF_A_VISIT, EVENTS = 5_000, 500, 10_000  # at most
BATCH = re.compile(rb'"visits"\s*:')  # never in a text: there each quote has a stroke before it
UNKNOWN = "Object contains unknown field"
NOWHERE = "The body is not JSON; send it as docs/reference/collector.md shows it."


@dataclass(frozen=True)
class Sent:
    """What came in at once; a visit has the declared names as attributes."""

    number: str | None
    visits: list[Any]
    dropped: Mapping[str, int] = field(default_factory=dict)


class Forms(NamedTuple):
    """The types of the forms."""

    one: Any
    batch: Any
    visits: Any
    line: Any


def decode(body: bytes, *, lines: bool, properties: tuple[Property, ...]) -> Sent:
    """Return what a body says, or refuse it whole."""
    known = forms(properties)
    try:
        kind = known.line if lines else _kind(body, known)
        told, dropped = _told(body, kind, lines=lines)
    except msgspec.ValidationError as wrong:
        raise BadInput(f"Not as declared: {_without_values(str(wrong))}; see docs/reference/collector.md.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadInput(NOWHERE) from None
    visits = told if isinstance(told, list) else told.visits if kind is known.batch else [told]
    if not visits or len(visits) > VISITS:
        raise BadInput(f"There are from 1 to {VISITS:,} visits in a batch; send it in parts.")
    return Sent(getattr(told, "batch", None), visits, dropped)


def events_of(visit: Any) -> list[Any]:
    """Return the events of a visit: those that it lists, or itself."""
    one = visit.kind is not None and visit.page is not None
    if (visit.events is not None) == one:
        raise BadInput("A visit has `events`, or `kind` and `page` of its one event; see docs/reference/collector.md.")
    return [visit] if one else list(visit.events)


@lru_cache(maxsize=8)
def forms(properties: tuple[Property, ...]) -> Forms:
    """Return the types with these properties of events."""
    said = [(one.name, one.form if one.is_required else one.form | None, one.is_required) for one in EVENT]
    if properties:
        named = [(one.name, KINDS[one.kind] | None, None) for one in properties]
        said.append((PROPERTIES.name, _struct("Properties", named) | None, False))
    event = _struct("Event", [(name, form, *(() if needed else (None,))) for name, form, needed in said])
    listed = Annotated[list[event], msgspec.Meta(min_length=1, max_length=OF_A_VISIT)]  # type: ignore[valid-type]
    of_visit = [
        ("events", listed | None, None), ("ticket", Short | None, None), ("device", Short | None, None),
        ("visitor", Visitor | None, None), *((name, form | None, None) for name, form, _ in said),
    ]  # fmt: skip
    visit = _struct("Visit", of_visit)
    number = ("batch", Hex32 | None, None)
    batch = _struct("Batch", [("visits", list[visit]), number])  # type: ignore[valid-type]
    return Forms(_struct("Visit", [*of_visit, number]), batch, list[visit], visit)  # type: ignore[valid-type]


def _struct(name: str, fields: list[Any]) -> Any:
    return msgspec.defstruct(name, fields, forbid_unknown_fields=True, frozen=True)


def _kind(body: bytes, known: Forms) -> Any:
    if body.lstrip()[:1] == b"[":
        return known.visits
    return known.batch if BATCH.search(body) else known.one


def _told(body: bytes, kind: Any, *, lines: bool) -> tuple[Any, Mapping[str, int]]:
    """Return what was said and how much of it was left out, by place."""
    decoder = _decoder(kind)
    try:
        return (decoder.decode_lines if lines else decoder.decode)(body), {}
    except msgspec.ValidationError as wrong:
        if not str(wrong).startswith(UNKNOWN):
            raise
    raw = _decoder(Any)
    whole = list[kind] if lines else kind
    left, dropped = dropping.without((raw.decode_lines if lines else raw.decode)(body), whole)
    return msgspec.convert(left, whole), dropped


@lru_cache(maxsize=32)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _without_values(said: str) -> str:
    """Keep the place and the rule of a complaint; a value may be anything."""
    what, _, where = said.partition(" - at ")
    if what.startswith("Invalid enum value"):
        what = "a value that is not one of the list"
    return f"{what}, at {where}" if where else what
