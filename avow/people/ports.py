"""
What this room needs from above and may not import: somebody who delivers its messages.

Why a port: codes and notices go out by the one door in `communications`, which lies
above people; so people says here what it asks for, and communications fills it at ready().

Holds:    there is exactly one deliverer; a service without one does not start
          (`demand`, called by a system check and by the first message).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from django.core.checks import CheckMessage, Error

from avow.errors import Unavailable


class Code(StrEnum):
    """What a mailed code is for."""

    SIGN_UP = "sign-up"
    NEW_ADDRESS = "new-address"
    PASSWORD_RESET = "password-reset"  # noqa: S105 - the name of a letter


class Notice(StrEnum):
    """What a person is told about their own account; the answer to an act, never an announcement."""

    ALREADY_REGISTERED = "already-registered"  # to an address whose owner, or somebody, signed up a second time
    NO_ACCOUNT = "no-account"  # to an address for which somebody asked a new password
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - the name of a letter
    ADDRESS_CHANGED = "address-changed"  # to the old address
    ADDRESS_TAKEN_BACK = "address-taken-back"  # to the address that stood there meanwhile
    SIGN_IN_CHANGED = "sign-in-changed"  # a third party was connected or disconnected
    SECOND_STEP_ADDED = "second-step-added"  # an authenticator app was set up
    SECOND_STEP_REMOVED = "second-step-removed"
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    RECOVERY_CODES_MADE = "recovery-codes-made"


class Alert(StrEnum):
    """What a person should know to keep their account safe; of the topic that they can switch off."""

    NEW_BROWSER = "new-browser"  # somebody signed in from where nobody did before
    CODES_LOW = "recovery-codes-low"


class Messages(Protocol):
    """Who delivers: `address` is where to, `person` whose key seals the message on its way (None: nobody's yet)."""

    def send_code(self, kind: Code, code: str, *, address: str, person: UUID | None, now: datetime) -> None:
        """Mail a code."""

    def send_notice(self, notice: Notice, *, address: str, person: UUID | None, now: datetime) -> None:
        """Mail a notice."""

    def send_alert(self, alert: Alert, *, person: UUID, gaps: Mapping[str, str], now: datetime) -> None:
        """Send an alert: by mail, or in the account where its topic is switched off."""


class Became(StrEnum):
    """What became of a text message so far."""

    WAITS = "waits"
    TRIED_AGAIN = "tried-again"  # it was not taken, and is handed over once more
    HANDED_OVER = "handed-over"
    NOT_SENT = "not-sent"
    UNCLEAR = "unclear"  # it may have been taken; nobody said


class Texts(Protocol):
    """Who sends text messages to phones; each act returns the number of its message."""

    def can_send(self) -> bool:
        """Say whether one would arrive anywhere."""

    def send_code(self, code: str, *, number: str, person: UUID | None, now: datetime) -> UUID:
        """Send a code, to whoever has no account yet too; Unavailable when none can be, NotYet when too many went."""

    def say_exchanged(self, *, number: str, person: UUID, now: datetime) -> UUID:
        """Tell a number that another one signs in to its account now."""

    def say_registered(self, *, number: str, now: datetime) -> UUID:
        """Tell a number that signs in here already that somebody wanted to sign up with it; refuses as for a code."""

    def became(self, message: UUID) -> Became:
        """Say what became of a message so far."""


_filled: list[Messages] = []
_texts: list[Texts] = []


def fill(deliverer: Messages) -> None:
    """Name the one who delivers; the latest wins, so that a reloaded app does not stand there twice."""
    _filled[:] = [deliverer]


def fill_texts(deliverer: Texts) -> None:
    """Name the one who sends text messages; the latest wins."""
    _texts[:] = [deliverer]


def texts() -> Texts:
    """Return who sends text messages."""
    if not _texts:
        raise Unavailable("Nobody sends text messages here; install avow.communications after avow.people.")
    return _texts[0]


def messages() -> Messages:
    """Return who delivers."""
    if not _filled:
        raise Unavailable("Nobody delivers the messages of accounts; install avow.communications after avow.people.")
    return _filled[0]


def demand(**_: object) -> list[CheckMessage]:
    """Report a missing deliverer in the form of Django's system checks."""
    try:
        messages()
    except Unavailable as missing:
        return [Error(str(missing), id="people.E001")]
    return []
