"""
What stands under every letter that can be switched off: the sentence of the policy that allows it, and the ways out.

Holds:    the sentence is quoted from the text in force, found by its promise; both links lead to a page and act
          only at a button. The headers (RFC 2369, RFC 8058) carry the same link, and a mail to the policy's address.
"""

import textwrap
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from avow.communications import links, own_letters
from avow.communications.classes import Kind, MessageClass
from avow.evidence import versions
from avow.people import company
from avow.policy.promises import Promise

WIDTH = 78


@dataclass(frozen=True)
class Footer:
    """The text beneath a letter, and the two ways out that its headers name."""

    text: str
    stop_url: str
    stop_mail: str  # a mailto address; empty where the policy names none


class Footers:
    """The footers of letters of one kind; what is the same for everybody is written once."""

    def __init__(self, kind: Kind, now: datetime) -> None:
        self._kind, self._contact, self._why = kind, company.contact(now), because(kind, now)

    def of(self, person: UUID) -> Footer:
        """Write the footer of a letter to this person."""
        token = links.token_for(person, self._kind)
        lines = ["-- ", *self._why, *_ways(person, self._kind, token)]
        mail = f"mailto:{self._contact}?subject={quote(f'unsubscribe {token}')}" if self._contact else ""
        return Footer("\n".join(lines), address(token), mail)


def sentence(kind: Kind, now: datetime) -> tuple[str, str] | None:
    """Return the place and the words of the sentence that allows letters of this kind."""
    promise = Promise.CHANGE_NOTICE if kind is MessageClass.NOTICE else Promise.CLOSED_TOPICS
    bound = versions.in_force(now).bound
    for clause in bound.by_promise(promise):
        if found := bound.sentence_of(clause.name):
            return found.id, found.text
    return None


def because(kind: Kind, now: datetime) -> list[str]:
    """Say why this letter came, in the policy's words."""
    found = sentence(kind, now)
    said = _words(settings.LETTERS)
    why = Template(said["because"]).substitute(place=found[0], sentence=found[1]) if found else said["account"]
    return textwrap.wrap(why, WIDTH)


@cache
def _words(own: Path | None) -> dict[str, Any]:
    path = own / own_letters.WORDS if own else None
    return own_letters.words_in(path if path and path.is_file() else own_letters.SHIPPED / own_letters.WORDS)


def address(token: str) -> str:
    """Return the address of the page that a token opens."""
    return settings.BASE_URL + reverse("unsubscribe", args=[token])


def _ways(person: UUID, kind: Kind, token: str) -> list[str]:
    said = _words(settings.LETTERS)
    one = ["", Template(said["stop"]).substitute(about=said["about"][kind]), address(token)]
    every = [said["stop_all"], address(links.token_for(person, None))]
    return one + every
