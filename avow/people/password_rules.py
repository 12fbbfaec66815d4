"""
What a new password must be, in the form that Django asks for.

Holds:    fifteen characters are required elsewhere (settings); here a password is
          refused when it was stolen somewhere (`breached`) or is easy to guess (`guessing`), counting the company's
          name and the person's own words as known.
Does not: require any kind of character.
"""

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils import timezone

from avow.people import breached, company
from avow.people.guessing import guessable

SENTENCE = (
    "This password is easy to guess: it is made of common words, repeats, runs of keys or your own details. "
    "Four unrelated words make a good one."
)
STOLEN = (
    "This password is on lists of stolen passwords, which are tried first everywhere. Choose one that you use nowhere "
    "else; four unrelated words make a good one."
)


class NotGuessable:
    """A password validator of Django's kind."""

    def validate(self, password: str, user: object = None) -> None:  # noqa: ARG002 - Django's signature
        """Refuse a guessable password; the person's own words are judged where they are known (forms, adapter)."""
        refuse(password, ())

    def get_help_text(self) -> str:
        """Return what the form says."""
        return "Any long phrase will do; four unrelated words are easy to remember and hard to guess."


def refuse(password: str, own: Iterable[str]) -> None:
    """Raise when the password was stolen somewhere, or is guessable for who knows the company and these words."""
    if password and breached.is_known(password):
        raise ValidationError(STOLEN, code="password_stolen")
    if guessable(password, ["avow", *own_words([company.name(timezone.now()), *own])]):
        raise ValidationError(SENTENCE, code="password_guessable")


def own_words(texts: Iterable[str]) -> list[str]:
    """Return the words in what a person told us: an address gives its parts, a name its names."""
    return [word for text in texts for word in (text, *re.split(r"[^\w]+|_", text)) if word]
