"""
Read the sealed values that are current, of one person or of many, in as few waits as it takes.

Why a function of the database for one person: row-level security must be told whom a statement is about before it
looks, and forget it after. Four statements say that from here; inside the server it is one wait (vault_shown). Within
one statement it would be unsafe: the planner may look before it has been told.

Holds:    what is read is what row-level security shows for exactly these persons, and nothing stays visible after it.
Does not: open anything, or ask whether it may be; see `opening`.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from avow.vault import statements
from avow.vault.fields import Sealed
from avow.vault.visibility import visible

OF_ONE = "SELECT uuid_send(person), field, ordinal, policy, ciphertext FROM vault_shown(%s, %s)"
OF_MANY = """
    SELECT uuid_send(person), ordinal, policy, ciphertext FROM vault_sealedfield
     WHERE field = %s AND superseded_at IS NULL  -- row-level security alone names the persons: one search, not two
"""


def current(person: UUID, names: Collection[str]) -> list[Sealed]:
    """Return one person's current values of these fields, sealed."""
    return [Sealed(*row) for row in statements.rows(statements.AVOW, OF_ONE, [person, list(names)])]


def current_of_many(people: Iterable[UUID], field: str) -> list[tuple[bytes, int, str, bytes]]:
    """Return person, ordinal, policy and ciphertext of one field of many; plain rows, of which there are very many."""
    with visible(*people):
        return statements.rows(statements.AVOW, OF_MANY, [field], prepared=False)
