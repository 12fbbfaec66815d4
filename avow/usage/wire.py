"""
The types of what may arrive, and the shapes of what is kept of it on its way.

Holds:    kept frames are shaped anew; the body that arrived never rests anywhere. A frame says by its first byte how it
          is written, so that one that another version of Avow wrote is not taken for something else.
Does not: say what an event may have in it: `catalogue.EVENT` does, and `forms` makes decoders of it.
"""

from typing import Annotated

import msgspec

from avow.errors import Unavailable

Short = Annotated[str, msgspec.Meta(max_length=200)]
Address = Annotated[str, msgspec.Meta(max_length=2000)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")]
Hex32 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
Status = Annotated[int, msgspec.Meta(ge=100, le=599)]
Moment = Annotated[int, msgspec.Meta(ge=0, le=2**53)]  # ms since 1970
Number = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)] | Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)]

VERSION = b"\x02"  # of a frame


class Visitor(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the company's own server saw of a visitor; only with the host key."""

    ip: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    agent: Address | None = None
    cookie: Short | None = None
    gpc: bool = False
    dnt: bool = False


class Kept(msgspec.Struct, array_like=True, frozen=True):
    """One event on its way to the lake."""

    kind: str
    page: str  # a template already
    feature: str | None
    status: int | None
    at: int  # ms
    referrer: str | None = None  # a host of the list, or "other"
    properties: str | None = None  # the declared ones, as JSON


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
    """What was sent at once, on its way."""

    batch: bytes  # its number, so that it counts once; empty: whoever sent it sends it once
    received: int  # ms
    visits: list[Seen]
    source: str = ""  # the site that sent it, or "server"
    dropped: dict[str, int] = {}  # how many undeclared properties were left out, by place


_frame_of = msgspec.msgpack.Decoder(Frame).decode
_frame_bytes = msgspec.msgpack.Encoder().encode


def frame_bytes(frame: Frame) -> bytes:
    """Return a frame as it is sealed into a segment."""
    return VERSION + _frame_bytes(frame)


def frame_of(plain: bytes) -> Frame:
    """Return the frame that these bytes are."""
    if not plain.startswith(VERSION):
        raise Unavailable("Events wait that another version of Avow took in; start that version once, then this one.")
    return _frame_of(plain[1:])
