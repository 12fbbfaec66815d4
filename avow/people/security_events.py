"""
What an attempt to get past a door leaves in the machine's log: one line of a closed list, naming nobody.

Why lines and not entries of the log of acts: that log is for good and about promises kept; an attempt is nobody's act,
and there may be a million in a night. Why without address or account: the policy lets us keep neither for this, and a
line can be read by whoever runs the machine. A rise in lines of one kind is what to alarm on.

Holds:    each line is `security: EVENT`, with a detail of a closed kind at most; never a value that somebody typed.
Does not: count, alarm or send: the service's log goes to its standard error, for whatever collects it there.
"""

import logging
from enum import StrEnum

from django.contrib.auth.signals import user_login_failed
from django.dispatch import receiver

log = logging.getLogger(__name__)


class Event(StrEnum):
    """What was tried; the value stands in the line, and is kept from version to version."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> "Event":
        """Take the name and what it means."""
        event = str.__new__(cls, value)
        event._value_, event.meaning = value, meaning
        return event

    PASSWORD_WRONG = "password-wrong", "a password that opens nothing, also for an account that there is not"
    SECOND_STEP_WRONG = "second-step-wrong", "a code of an app, or a recovery code, that is none"
    PASSKEY_REFUSED = "passkey-refused", "an answer of a passkey that does not fit"
    PASSKEY_COPIED = "passkey-copied", "a passkey whose counter stood still: there are two of it"
    RECOVERY_CODE_WRONG = "recovery-code-wrong", "an account's number and a code that open nothing"
    CODE_WRONG = "code-wrong", "a code that was texted, or mailed to a new address, and is another one"
    THIRD_PARTY_REFUSED = "third-party-refused", "an answer that does not fit: signature, issuer, time, or about whom"
    TOKEN_SHOWN_TWICE = "token-shown-twice", "a code or token of an application, after which its whole sign-in ended"
    NOT_ME = "not-me", "somebody pressed “this was not me”"
    TEXTS_USED_UP = "texts-used-up", "a code by text message beyond what this house sends in an hour"
    REFUSED = "refused", "a page or an interface said no: 401, 403 or 429, with its name"


def note(event: Event, detail: str = "") -> None:
    """Write the line. `detail` is the name of a page or an error's code, never what somebody sent."""
    log.warning("security: %s%s", event, f" ({detail})" if detail else "")


@receiver(user_login_failed, dispatch_uid="avow.people.password_wrong")
def password_wrong(**_: object) -> None:
    """Note a password that opened nothing; Django says so once for all ways of looking."""
    note(Event.PASSWORD_WRONG)
