"""
The link in a letter that ends letters of its kind: a sealed capability, for one person and one kind.

Why sealed and not looked up: the link must work without sign-in, without end, and after the account is gone; so it
carries what it may do, and no row has to outlive the person for it.

Holds:    a link names nobody to whoever reads it, and holds no address. It can only reduce what its person gets, or
          undo what a link did. A changed character, and any other spelling of the same bytes, does not open.
Does not: end: a letter is found again years later.
"""

from dataclasses import dataclass
from uuid import UUID

from avow.communications.classes import Kind, MessageClass, Topic
from avow.errors import NotFound
from avow.people.sealed_token import SealedToken, is_as_written

TOKEN = SealedToken("unsubscribe", "avow.unsubscribe/1")
SCOPES: tuple[Kind | None, ...] = (  # a letter once sent keeps its number: append, never reorder
    None,  # all topics
    Topic.ANNOUNCEMENTS,
    Topic.SECURITY_ALERTS,
    Topic.NEW_VERSIONS,
    Topic.USAGE,
    MessageClass.NOTICE,
)
NUMBER = 16  # bytes


@dataclass(frozen=True)
class Capability:
    """Whose messages a link ends, and of which kind; None: all four topics."""

    person: UUID
    kind: Kind | None


def token_for(person: UUID, kind: Kind | None) -> str:
    """Return the token that stands in the link."""
    return TOKEN.write(person.bytes + bytes([SCOPES.index(kind)]))


def read(token: str) -> Capability:
    """Return what a token may do; NotFound for what is none of ours or not whole."""
    plain = TOKEN.read(token)
    if plain is None or not is_as_written(token):
        raise NotFound(
            "This link is not whole, so nothing was changed. Copy all of it from the letter, or switch messages off "
            "in your account under “Messages and choices”."
        )
    return Capability(UUID(bytes=plain[:NUMBER]), SCOPES[plain[NUMBER]])
