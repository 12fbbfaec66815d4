"""
Django's cache in PostgreSQL, with keys that are hashed and values that are sealed.

Why not DatabaseCache: allauth's keys carry IP addresses, which would rest in clear;
its values are pickles that whoever can write the table could forge; and it counts
the whole table at every write. Here each act is one statement.

Holds:    a row tells neither which key nor which value it is: the row's name is
          HMAC(secret, key), its seal key another HMAC of it. A forged value does not open.
          A value lives at most LONGEST; what is over is removed at one write in a hundred.
Assumes:  losing it all in a crash is harmless (the table is unlogged): limits begin anew.
Does not: guarantee a value; it is a cache.
"""

import pickle
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connections
from django.utils import timezone

from avow.errors import DoesNotOpen
from avow.people.install import secret
from avow.vault import crypto

LONGEST = timedelta(days=1)
GET = "SELECT sealed FROM people_cacheentry WHERE key = %s AND ends_at > %s"
SET = """INSERT INTO people_cacheentry (key, sealed, ends_at) VALUES (%s, %s, %s)
         ON CONFLICT (key) DO UPDATE SET sealed = EXCLUDED.sealed, ends_at = EXCLUDED.ends_at"""
ADD = SET + " WHERE people_cacheentry.ends_at <= %s"
TOUCH = "UPDATE people_cacheentry SET ends_at = %s WHERE key = %s AND ends_at > %s"
DELETE = "DELETE FROM people_cacheentry WHERE key = %s"
SWEEP = "DELETE FROM people_cacheentry WHERE ends_at <= %s"


class SealedCache(BaseCache):
    """Django's cache interface over sealed rows."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:  # noqa: ARG002 - Django's signature
        super().__init__(params)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return the value, or the default when there is none, it is over, or it was forged."""
        whole = self.make_key(key, version)
        with _cursor() as cursor:
            cursor.execute(GET, [_name(whole), timezone.now()])
            row = cursor.fetchone()
        return _unseal(bytes(row[0]), whole, default) if row else default

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep the value."""
        whole, now = self.make_key(key, version), timezone.now()
        with _cursor() as cursor:
            cursor.execute(SET, [_name(whole), _seal(value, whole), self._ends_at(timeout, now)])
            if secrets.randbelow(100) == 0:
                cursor.execute(SWEEP, [now])

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep the value if there is none yet; say whether it was kept."""
        whole, now = self.make_key(key, version), timezone.now()
        with _cursor() as cursor:
            cursor.execute(ADD, [_name(whole), _seal(value, whole), self._ends_at(timeout, now), now])
            return bool(cursor.rowcount)

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Give the value a new end; say whether there was one."""
        now = timezone.now()
        with _cursor() as cursor:
            cursor.execute(TOUCH, [self._ends_at(timeout, now), _name(self.make_key(key, version)), now])
            return bool(cursor.rowcount)

    def delete(self, key: str, version: int | None = None) -> bool:
        """Remove the value; say whether there was one."""
        with _cursor() as cursor:
            cursor.execute(DELETE, [_name(self.make_key(key, version))])
            return bool(cursor.rowcount)

    def clear(self) -> None:
        """Remove everything."""
        with _cursor() as cursor:
            cursor.execute("DELETE FROM people_cacheentry")

    def _ends_at(self, timeout: Any, now: datetime) -> datetime:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return now + (LONGEST if seconds is None else min(timedelta(seconds=float(seconds)), LONGEST))


def _cursor() -> Any:
    return connections["default"].cursor()


def _name(whole: str) -> bytes:
    return crypto.commitment(secret("cache"), "avow.cache/name", whole.encode())


def _seal_key(whole: str) -> bytes:
    return crypto.commitment(secret("cache"), "avow.cache/seal", whole.encode())


def _seal(value: Any, whole: str) -> bytes:
    return crypto.seal(_seal_key(whole), pickle.dumps(value), _name(whole))


def _unseal(sealed: bytes, whole: str, default: Any) -> Any:
    try:
        plain = crypto.unseal(_seal_key(whole), sealed, _name(whole))
    except DoesNotOpen:
        return default
    return pickle.loads(plain)  # noqa: S301 - authenticated above: only this installation can have written it
