"""
The header that names the ways out of a letter, as mailbox providers read it.

Why a header class of its own: the standard library folds a long word into an encoded one, and an address
that is encoded so is none that a mailbox would post to.

Holds:    each address stands whole on a line of its own, within angle brackets (RFC 2369), the web's first.
"""

from email.headerregistry import HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from typing import Any

ONE_CLICK = "List-Unsubscribe=One-Click"
BETWEEN = ", "


class Addresses(UniqueUnstructuredHeader):
    """Addresses in angle brackets."""

    name: str

    def fold(self, *, policy: Any) -> str:
        """Break between addresses only."""
        ends = policy.linesep
        return f"{self.name}: {str(self).replace(BETWEEN, f',{ends} ')}{ends}"


def value(url: str, mail: str) -> str:
    """Return the header's value."""
    return BETWEEN.join(f"<{way}>" for way in (url, mail) if way)


def _policy() -> "EmailPolicy[EmailMessage]":
    registry = HeaderRegistry()
    registry.map_to_type("list-unsubscribe", Addresses)  # type: ignore[arg-type] # typeshed: a mixin, as documented
    return SMTP.clone(header_factory=registry)


POLICY = _policy()
