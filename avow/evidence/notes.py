"""
Signed notes and checkpoints: how the log says how long it is and what it holds (C2SP signed-note, tlog-checkpoint).

Why these formats: programs that we did not write can check them, and a checkpoint is
three lines that anyone can keep elsewhere, on paper if need be.

Holds:    the key never leaves this object; a checkpoint has the log's one Ed25519 signature.
Does not: keep the log's promise never to sign two different histories; `sequencing` does,
          by signing only what it commits, one sequencer at a time.
"""

import base64
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from avow.keyring.secret import named_secret

ED25519 = b"\x01"  # the signature type of C2SP signed-note


@dataclass(frozen=True)
class SigningKey:
    """The log's key: an origin, which is also the key's name, and an Ed25519 secret."""

    origin: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse an origin that no checkpoint could carry."""
        if not self.origin or "+" in self.origin or any(c.isspace() or not c.isprintable() for c in self.origin):
            raise ValueError("the log's origin must have no spaces and no plus sign")

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return self._private.public_key().public_bytes_raw()

    @property
    def key_id(self) -> bytes:
        """The four bytes that name the key in a signature line."""
        return hashlib.sha256(self.origin.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """The public key as text, to be kept where the company cannot change it."""
        return f"{self.origin}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def sign(self, text: str) -> str:
        """Return the text as a signed note."""
        signature = base64.b64encode(self.key_id + self._private.sign(text.encode())).decode()
        return f"{text}\n\N{EM DASH} {self.origin} {signature}\n"

    def checkpoint(self, size: int, root: bytes) -> str:
        """Return the signed checkpoint of a log of this size and root."""
        return self.sign(f"{self.origin}\n{size}\n{base64.b64encode(root).decode()}\n")

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.secret)


def log_key(folder: Path, origin: str) -> SigningKey:
    """Return the log's key of this keyring, making it at first use."""
    return SigningKey(origin, named_secret(folder, "log"))


def publish(key: SigningKey, path: Path) -> None:
    """Write the public key beside the log, for people to take away; an unchanged file stays untouched."""
    text = key.vkey + "\n"
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
