"""
Which mail provider takes our mail by its own interface, instead of a relay, and what it is told by.

Why these: of the providers that django-anymail speaks to, they let each message say that nobody is watched while
reading it, and carry a number of ours through to their reports. One that cannot is none for us.

Holds:    no secret shows in what is printed of it. This needs no package that is not there without the extra.
Does not: speak to it (`provider_line`), or hear it (`provider_reports`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

LIBRARY = "anymail"
EXTRA = 'pip install "avow[providers]"'


@dataclass(frozen=True)
class Ways:
    """What one provider wants, and does."""

    keys: tuple[str, ...]  # what anymail calls the parts of its key, which the key's file has between colons
    signs: bool = False  # its reports are signed, by a key of their own
    more: tuple[tuple[str, str], ...] = ()  # headers by which it leaves ours as they are
    makes: frozenset[str] = frozenset()  # headers that it makes itself, and may refuse from others


PROVIDERS: Mapping[str, Ways] = MappingProxyType(
    {
        "mailgun": Ways(("api_key",), signs=True),
        "mailjet": Ways(("api_key", "secret_key"), makes=frozenset({"message-id"})),
        "postmark": Ways(("server_token",), more=(("X-PM-KeepID", "true"),)),
    }
)


@dataclass(frozen=True)
class Provider:
    """The provider of this installation."""

    name: str
    key: str = field(repr=False)
    url: str = ""  # of its interface; empty: the one that anymail knows
    webhook: str = field(default="", repr=False)  # user:password with which its reports come
    signing: str = field(default="", repr=False)  # the key by which they are signed

    @property
    def is_heard(self) -> bool:
        """Whether its reports are taken: only where it can prove that they are its own."""
        return bool(self.webhook or self.signing)

    @property
    def ways(self) -> Ways:
        """What it wants, and does."""
        return PROVIDERS[self.name]

    @property
    def keys(self) -> dict[str, str]:
        """Its key, as anymail is given it."""
        names = self.ways.keys
        return dict(zip(names, self.key.split(":", len(names) - 1), strict=True))


def last_heard(home: Path) -> Path:
    """Return the file whose age says when the provider's reports last came, below the home's folder."""
    return home / "mail" / "provider-heard"
