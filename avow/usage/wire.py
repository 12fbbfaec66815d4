"""
What may arrive and what is kept of it on the way: closed shapes, so that an undeclared property is refused.

Holds:    a field that is not named here, a wrong type, or a value beyond its bounds does not decode. Kept frames
          are shaped anew from these; the body that arrived never rests anywhere.
"""

from typing import Annotated, Literal

import msgspec

Short = Annotated[str, msgspec.Meta(max_length=200)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")]
Hex32 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]


class Event(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One page asked for, or one feature used."""

    kind: Literal["page", "feature"]
    page: Annotated[str, msgspec.Meta(max_length=2000)]
    feature: Name | None = None
    status: Annotated[int, msgspec.Meta(ge=100, le=599)] | None = None
    at: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None  # ms since 1970


class Visitor(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the company's own server saw of a visitor; only with the host key."""

    ip: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    agent: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    cookie: Short | None = None
    gpc: bool = False
    dnt: bool = False


class Visit(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Events of one visitor."""

    events: Annotated[list[Event], msgspec.Meta(min_length=1, max_length=500)]
    ticket: Short | None = None
    device: Short | None = None
    visitor: Visitor | None = None


class Batch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is sent at once; the same number sent again counts once."""

    batch: Hex32
    site: Name
    visits: Annotated[list[Visit], msgspec.Meta(min_length=1, max_length=500)]


class Kept(msgspec.Struct, array_like=True, frozen=True):
    """One event on its way to the lake."""

    kind: str
    page: str  # a template already
    feature: str | None
    status: int | None
    at: int  # ms


class Seen(msgspec.Struct, array_like=True, frozen=True):
    """Events of one visitor on their way: whose, and what was sent along; all None when they are nobody's."""

    person: bytes | None
    ip: str | None
    device: str | None
    cookie: bytes | None  # a keyed hash of it
    agent: str | None
    family: str
    events: list[Kept]


class Frame(msgspec.Struct, array_like=True, frozen=True):
    """One batch on its way."""

    batch: bytes
    received: int  # ms
    visits: list[Seen]


batch_of = msgspec.json.Decoder(Batch).decode
frame_of = msgspec.msgpack.Decoder(Frame).decode
frame_bytes = msgspec.msgpack.Encoder().encode
