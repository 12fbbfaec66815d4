"""
The words that pages use for what the rooms below name by code.

Why here: tables, evidence and code speak in stable names; a person reads sentences.
One place keeps both in step, and a test asks for a sentence to every member.
"""

from datetime import datetime, timedelta
from uuid import UUID

KINDS: dict[str, str] = {
    "date": "the date from which it applies",
    "promise": "promise",
    "prohibition": "prohibition: something the company never does",
    "limit": "limit on what the company does",
    "permission": "permission, kept inside its bounds",
    "fact": "fact, which must match what happens",
    "procedure": "procedure: how to ask, and what then happens",
    "claim": "claim of a legal effect",
    "reader": "something asked of the reader",
    "disclaimer": "disclaimer",
    "statement": "statement",
}

TEXTS: dict[str, str] = {  # how a text message with a code fares, where there is something to say of it
    "waits": "",
    "handed-over": "",
    "tried-again": "The text message has not gone out yet: the service that sends it does not take it now. It is tried "
    "again by itself while the code is valid; look again in a minute.",
    "not-sent": "The text message could not be sent. See that the number is right, then have another code sent.",
    "unclear": "Whether the text message went out is not known. If it does not come within a minute, have another code "
    "sent.",
}
PLURALS = {"person": "people"}
STEPS = (
    (60, 1, "second"),
    (3600, 60, "minute"),
    (86_400, 3600, "hour"),
    (86_400 * 60, 86_400, "day"),
    (86_400 * 730, 86_400 * 30, "month"),
)


def span(seconds: float, *, to_come: bool = False) -> str:
    """Say a length of time in its largest unit: 40 seconds, 3 hours, 2 years; of what is past, whole ones only.

    Of what is to come it is the nearest number: who was just given eight hours reads eight.
    """
    whole = round if to_come else int
    for below, size, unit in STEPS:
        if seconds < below:
            return counted(whole(seconds / size), unit)
    return counted(whole(seconds / (86_400 * 365)), "year")


def counted(number: int, noun: str) -> str:
    """Put a noun behind its number, in the plural where that is due."""
    return f"{number} {noun}" if number == 1 else f"{number} {PLURALS.get(noun, f'{noun}s')}"


def head(number: UUID) -> str:
    """Return the head of somebody's number: enough to tell people at the desk apart, too little to look anybody up."""
    return str(number)[:8]


def ago(then: datetime, now: datetime) -> str:
    """Say how far a moment lies behind or ahead of now."""
    away = (now - then) / timedelta(seconds=1)
    if abs(away) < 2:  # noqa: PLR2004 - nobody reads faster
        return "just now"
    return f"{span(away)} ago" if away > 0 else f"in {span(-away, to_come=True)}"
