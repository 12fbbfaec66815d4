"""
The outside of the door for text messages: one text to one HTTP gateway.

    POST AVOW_TEXT_GATEWAY           Content-Type: application/json
    Authorization: Bearer KEY        or Basic, for a key that is written as user:password
    Idempotency-Key: ID              the same for the same text, whenever it is handed over
    {"to": "+442079460958", "from": "AVOW_TEXT_SENDER", "text": "…", "id": ID}

    2xx with a JSON object                    taken
    408, 425, 429, 5xx                        later; Retry-After counts
    every other status, redirects too         refused
    no connection                             away: nothing can have arrived
    anything else: silence, half an answer,   unclear: it may have been taken, so it is
    2xx without a JSON object                 asked again under the same ID

Why a shape of our own: each company's gateway differs in names alone, and a bridge of a few lines turns these into its
own (docs/howto/send-text-messages.md). A gateway that is spoken to from here is one more file with `hand_over`.

Holds:    neither the key, nor number and text, stand in an error, a log or a repr. Of an answer only its status, its
          Retry-After and that it is an object are read: a gateway has nothing else to tell us.
Does not: try again; the queue does.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from avow.errors import BadInput, Unavailable
from avow.vault import wire

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
NUMBER = re.compile(r"\+[1-9]\d{4,14}")  # E.164, as `people.phone` writes it
SENDER = re.compile(
    r"\+?\d{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 ._&-]{1,11}"
)  # a number, a short code, or a name as phones show it
KEY = re.compile(r"[\x21-\x7e]{1,4096}")
LATER = frozenset({408, 425, 429, *range(500, 600)})
LONGEST_WAIT = 86_400.0  # seconds; more is as good as never


@dataclass(frozen=True)
class Gateway:
    """Where texts are handed over, as what, and by which right."""

    url: str
    sender: str
    authorization: str = field(default="", repr=False)

    @classmethod
    def read(cls, url: str, *, sender: str, key: str) -> "Gateway":
        """Read the settings; BadInput for what cannot be obeyed, which never repeats the key or the address."""
        parts = _parts(url)
        if parts is None:
            raise BadInput(
                "AVOW_TEXT_GATEWAY begins with https:// (http:// to this machine alone) and holds no user, password "
                "or fragment; what opens the gateway lies in the file that AVOW_TEXT_GATEWAY_KEY names."
            )
        if not SENDER.fullmatch(sender):
            raise BadInput(
                "AVOW_TEXT_SENDER is a phone number, or a name of at most 11 letters and digits; correct it."
            )
        if not key and parts.scheme == "https":
            raise BadInput("AVOW_TEXT_GATEWAY needs AVOW_TEXT_GATEWAY_KEY: a file with the gateway's key in one line.")
        if key and not KEY.fullmatch(key):
            raise BadInput("The file that AVOW_TEXT_GATEWAY_KEY names holds one line: a key, or user:password.")
        return cls(url, sender, authorization(key))


class Said(StrEnum):
    """What a gateway said to one text, as far as it matters."""

    TAKEN = "taken"
    LATER = "later"
    REFUSED = "refused"
    AWAY = "away"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Answer:
    """What became of handing one text over."""

    said: Said
    status: int = 0  # of HTTP; 0: there was no answer
    seconds: float = 0.0  # for which it asks to be left alone


def hand_over(
    gateway: Gateway, *, to: str, text: str, ident: str, now: datetime, patience: float = wire.PATIENCE
) -> Answer:
    """Give one text to the gateway; return what it said."""
    body = json.dumps({"to": to, "from": gateway.sender, "text": text, "id": ident}).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Idempotency-Key": ident}
    if gateway.authorization:
        headers["Authorization"] = gateway.authorization
    try:
        answer = wire.post(gateway.url, body, headers, patience=patience)
    except wire.NotReached:
        return Answer(Said.AWAY)
    except Unavailable:
        return Answer(Said.UNCLEAR)
    if answer.took_it:
        return Answer(Said.TAKEN if _is_object(answer.body) else Said.UNCLEAR, answer.status)
    if answer.status in LATER:
        return Answer(Said.LATER, answer.status, waits(answer.headers, now))
    return Answer(Said.REFUSED, answer.status)


def authorization(key: str) -> str:
    """Return the header for a key; a colon, which no bearer token has (RFC 6750 §2.1), makes it user and password."""
    if ":" in key:
        return f"Basic {base64.b64encode(key.encode()).decode()}"
    return f"Bearer {key}" if key else ""


def waits(headers: Mapping[str, str], now: datetime) -> float:
    """Return for how many seconds a gateway asks to be left alone: a number or a date (RFC 9110 §10.2.3), else 0."""
    said = next((value.strip() for name, value in headers.items() if name.lower() == "retry-after"), "")
    if said.isascii() and said.isdigit():
        return min(float(said[:9]), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, IndexError, TypeError, OverflowError):
        return 0.0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), LONGEST_WAIT)


def _parts(url: str) -> SplitResult | None:
    """Return the parts of an address that a gateway may have."""
    try:
        parts = urlsplit(url)
        there = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    near = parts.scheme == "http" and parts.hostname in LOOPBACK
    plain = url.isascii() and url.isprintable() and " " not in url
    return parts if there and plain and (near or parts.scheme == "https") and not _says_more(parts) else None


def _says_more(parts: SplitResult) -> bool:
    return bool(parts.username or parts.password or parts.fragment)


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False
