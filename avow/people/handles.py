"""
An account's number: what a passkey keeps of it, and what is typed beside a recovery code.

    K7QM-2W9X-T4HB-0ZRE        16 of 32 letters, 80 random bits

Why not the row's number, which allauth gives to authenticators: that one counts the accounts up, and its neighbours are
guessed. Why no name and no address: a passkey's maker keeps what it is given on computers of its own.

Holds:    random, so it says nothing of its person, and nobody finds one by guessing; it goes with the account's row.
          What a person types is read as it was meant: small letters, O for 0, I and L for 1, spaces and hyphens.
Source:   WebAuthn Level 3, section 14.6.1 (no personal data in user handles).
"""

import secrets

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none that is easily taken for another
LENGTH = 16
MEANT = str.maketrans("OIL", "011", " -\u2010\u2011\u2013")


def fresh() -> str:
    """Return a number that no account has."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def written(handle: str) -> str:
    """Return the number as it is shown, in groups of four."""
    return "-".join(handle[at : at + 4] for at in range(0, LENGTH, 4))


def read(typed: str) -> str:
    """Return the number that was meant; what cannot be one comes back as it is, and belongs to no account."""
    return typed.upper().translate(MEANT)
