"""
By which road mail leaves: the relay, or a provider's own interface, whichever is set.

Why one place that chooses: what queues, runs and delivers then knows no difference, and each road has one door.

Holds:    at most one is set (`host.mail_settings`). What a provider needs is loaded where one is set, and not before.
"""

import importlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings

from avow.communications import relay
from avow.communications.journal import Journal
from avow.communications.relay import Answer, Post


class Line(Protocol):
    """What a run hands its mails to."""

    def takes(self, to: str) -> bool:
        """Say whether an address that is written like this can be given at all."""

    def hand_over(self, posts: Iterable[Post], journal: Journal) -> Iterator[tuple[UUID, Answer]]:
        """Give mails one after the other, with a mark before and after each; yield what was said to it."""


def is_set() -> bool:
    """Say whether mail leaves at all."""
    return bool(settings.MAIL_RELAY or settings.MAIL_PROVIDER)


def line() -> AbstractContextManager[Line]:
    """Open the road for many mails; raises Lost when there is none."""
    return _provider().line(settings.MAIL_PROVIDER) if settings.MAIL_PROVIDER else relay.line(settings.MAIL_RELAY)


def hand_over(post: Post) -> str:
    """Give one mail; return by which status it is refused for good, if it is. Raises Unavailable for what may pass."""
    if settings.MAIL_PROVIDER:
        refused: str = _provider().hand_over(post, provider=settings.MAIL_PROVIDER)
        return refused
    return relay.hand_over(post, relay=settings.MAIL_RELAY)


def _provider() -> Any:
    return importlib.import_module("avow.communications.provider_line")
