"""
How a second step rests, for the live checks: whether what it is known by can be read in the table.

Holds:    asks the table itself, past everything that opens on the way.
"""

from django.db import connection

STORED = "SELECT data::text FROM mfa_authenticator WHERE id = %s"


def is_readable(row: int, secret: str) -> bool:
    """Say whether a secret lies in clear in this row."""
    with connection.cursor() as cursor:
        cursor.execute(STORED, [row])
        stored: str = cursor.fetchone()[0]
    return secret in stored or secret.encode().hex() in stored
