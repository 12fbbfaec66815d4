"""
What a link or a ticket carries: a few bytes sealed under the installation's key, written so that an address holds it.

Why one piece: whoever shows such a text is not signed in, so it is a door; there is one, and it opens nothing else.

    text = base64url(seal(derive(installation's secret, label), bytes, label)), without its "="

Holds:    what was altered, is another installation's, or is of another kind does not open. Two texts of the same bytes
          do not look alike.
Does not: end, or say what the bytes mean: who reads them does. Refuse another spelling of a text, such as one with a
          line break in it: who must, asks `is_as_written`.
"""

import base64
import binascii
import secrets
from dataclasses import dataclass

from avow.errors import DoesNotOpen
from avow.people.install import secret
from avow.vault import crypto


@dataclass(frozen=True)
class SealedToken:
    """One kind of token: by which of the installation's secrets it is sealed, and what it is bound to."""

    secret: str
    label: str

    def write(self, plain: bytes, *, random: crypto.Random = secrets.token_bytes) -> str:
        """Return a fresh text that carries these bytes."""
        return _text(crypto.seal(self._key(), plain, crypto.bind(self.label), random=random))

    def read(self, text: str) -> bytes | None:
        """Return what a text carries, or None when it is none of ours or not whole."""
        try:
            return crypto.unseal(self._key(), _bytes(text), crypto.bind(self.label))
        except (binascii.Error, ValueError, DoesNotOpen):
            return None

    def _key(self) -> bytes:
        return crypto.derive(secret(self.secret), self.label)


def is_as_written(text: str) -> bool:
    """Say whether a text that opens is spelled letter by letter as it was written."""
    return _text(_bytes(text)) == text


def _text(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
