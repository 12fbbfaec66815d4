"""
Which table lies in which database.

Holds:    the label `vault_keys` lies in avow_keys; the outbox of acts lies in both,
          since two databases do not commit together; all else lies in avow.
"""

from typing import Any

KEYS = "avow_keys"


class Router:
    """Django's database router."""

    def db_for_read(self, model: Any, **_: Any) -> str:
        """Return the alias that holds this model."""
        return KEYS if model._meta.app_label == "vault_keys" else "default"  # noqa: SLF001 - Django's documented door

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **_: Any) -> bool:
        """Allow relations inside one database only."""
        return self.db_for_read(one) == self.db_for_read(other)

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **_: Any) -> bool:
        """Send each table to its database; evidence's outbox goes to both."""
        if app_label == "evidence" and model_name == "outbox":
            return db in {"default", KEYS}
        return db == (KEYS if app_label == "vault_keys" else "default")
