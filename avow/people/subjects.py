"""
Under which name an application knows a person: another one in each, under the person's key.

    sub = HKDF(K_p, "avow.oidc/sub/1", application)       24 bytes

Why not a number of ours: two applications could compare it, and it would outlive the person. This one is the same at
every sign-in, tells nothing, and once the key is gone nobody can make it again.

Holds:    a row of `SignedInApplication` leads from the name back to the person, while they are signed in there. It
          counts only while the person's key still gives that name: a row that was moved or left behind names nobody.
"""

from datetime import datetime
from uuid import UUID

from avow.errors import AvowError
from avow.people.models import Account, SignedInApplication
from avow.vault import crypto, persons

SIZE = 24  # bytes


def name_of(person: UUID, client_id: str) -> str:
    """Return the person's name at one application."""
    return crypto.derive(persons.key_of(person), "avow.oidc/sub/1", client_id.encode())[:SIZE].hex()


def enter(person: UUID, client_id: str, *, now: datetime) -> str:
    """Return the person's name there, and keep that they are signed in."""
    sub = name_of(person, client_id)
    SignedInApplication.objects.get_or_create(person=person, client_id=client_id, defaults={"sub": sub, "since": now})
    return sub


def account_at(client_id: str, sub: str) -> Account | None:
    """Return the account behind a name, or None when it names nobody (any more)."""
    row = SignedInApplication.objects.filter(client_id=client_id, sub=sub).first()
    if row is None:
        return None
    try:
        known = name_of(row.person, client_id) == sub
    except AvowError:
        return None
    return Account.objects.filter(person=row.person, is_active=True).first() if known else None
