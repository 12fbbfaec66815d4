"""
RSA keys of an installation, by name: one file each, made at first use.

Why RSA: OpenID Connect asks every application to know RS256, and no other.
Why a file beside the other secrets: what signs sign-ins must lie in no database, whose copies travel.

Holds:    a key is whole or absent, 0600; processes that race get the same one; a damaged file is refused.
Does not: end by itself; who uses one says when (`people.provider_keys`).
"""

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from avow.errors import KeyringLost
from avow.keyring.file import made_once

BITS = 2048


def rsa_key(folder: Path, name: str) -> str:
    """Return the private key of this name as PEM, making it when there is none."""
    path = folder / f"{name}.pem"
    content = made_once(path, _made)
    try:
        serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyringLost(f"{path} is damaged and is no private key any more; put it back from a copy.") from None
    return content.decode()


def _made() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
