"""
The number that a provider gets with a mail, and gives back with each report about it.

Why as the return path is (`return_path`): a report that names an address alone would let whoever can send one end
anybody's letters. With a time, since the provider is told no other, and a report of long ago is one that somebody kept.

Holds:    a number names nobody to whoever reads it; an altered one, one of another kind, or one older than LASTS does
          not open. It has 67 letters; providers carry 80.
Does not: keep a report from coming twice; `mailbox` remembers each for as long as its number lasts.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from avow.communications.classes import Kind
from avow.communications.return_path import KINDS, NUMBER, Whose
from avow.people.sealed_token import SealedToken, is_as_written

TOKEN = SealedToken("bounce", "avow.provider/1")
NAME = "avow"  # under which a provider keeps it
LASTS = timedelta(days=30)
SECONDS = 4  # bytes, since 1970


def write(person: UUID, kind: Kind, *, now: datetime) -> str:
    """Return the number of one mail."""
    return TOKEN.write(person.bytes + bytes([KINDS.index(kind)]) + int(now.timestamp()).to_bytes(SECONDS, "big"))


def read(number: object, *, now: datetime) -> Whose | None:
    """Return whose mail a number belongs to; None for what is none of ours, not whole, or too old."""
    if not isinstance(number, str) or not number.isascii():
        return None
    plain = TOKEN.read(number)
    if plain is None or not is_as_written(number):
        return None
    given = datetime.fromtimestamp(int.from_bytes(plain[NUMBER + 1 :], "big"), UTC)
    return Whose(UUID(bytes=plain[:NUMBER]), KINDS[plain[NUMBER]]) if given > now - LASTS else None
