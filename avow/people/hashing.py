"""
How passwords are hashed: argon2id with OWASP's parameters, a pepper, and a bound on how many at once.

Why these: Django's defaults take 100 MiB and eight lanes per sign-in, which lets a
few clients exhaust a small machine; 19 MiB, t=2, p=1 is OWASP's advice and six
times as fast. The pepper lies with the keys, so a stolen database alone cannot be guessed at.

Holds:    at most ABREAST hashes run at once in this process; who waits longer than
          PATIENCE is told to try again, and nothing else of the service slows down.
          A letter counts as the same however a keyboard composes it (NIST 800-63B-4 3.1.1.2: NFKC).
          The password column says algorithm, parameters, salt and hash, nothing more.
Does not: limit attempts; allauth does that by address and by origin.
"""

import hashlib
import hmac
import os
import threading
import unicodedata
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import Argon2PasswordHasher

from avow.errors import Unavailable
from avow.people.install import secret
from avow.policy.promises import Promise, keeps

ABREAST = max(2, os.cpu_count() or 2)
PATIENCE = 10.0  # seconds
SLOTS = threading.BoundedSemaphore(ABREAST)


class PepperedArgon2id(Argon2PasswordHasher):
    """Argon2id over HMAC(pepper, password)."""

    algorithm = "argon2id-peppered"
    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Return the hash with its parameters."""
        with one_of_few():
            return super().encode(peppered(password), salt)

    @keeps(Promise.PASSWORD_PROTECTION)
    def verify(self, password: str, encoded: str) -> bool:
        """Say whether this is the password."""
        with one_of_few():
            return super().verify(peppered(password), encoded)


def peppered(password: str) -> str:
    """Return what is hashed in the password's place: 44 characters of however many, from any keyboard."""
    one_form = unicodedata.normalize("NFKC", password)
    return b64encode(hmac.digest(secret("passwords"), one_form.encode(), hashlib.sha256)).decode()


@contextmanager
def one_of_few(slots: threading.BoundedSemaphore = SLOTS, patience: float = PATIENCE) -> Iterator[None]:
    """Wait for one of the few places in which a hash may run; refuse after a while."""
    if not slots.acquire(timeout=patience):
        raise Unavailable("Too many people are signing in at this moment; please try again in a minute.")
    try:
        yield
    finally:
        slots.release()
