"""
How many codes one person may have sent, how many one address or one number may receive, and how many texts go from one
network's asking.

Why each: by person alone, many accounts could flood one mailbox; by address alone, one account could write to all.
Texts cost money and some numbers earn by them, so whoever asks for many, to a number each, is known by their network;
a limit for the whole house stands behind (`communications.text_limit`).

Holds:    the limits are ACCOUNT_RATE_LIMITS, counted as allauth counts its own, in the sealed cache. What is refused
          is not counted. Registered and unregistered addresses are counted alike.
Does not: outlive a crash of the database; limits begin anew then (`cache`).
"""

from collections.abc import Iterable
from uuid import UUID

from allauth.core import ratelimit
from django.http import HttpRequest

from avow.errors import NotYet
from avow.people.known_browsers import network
from avow.people.token_field import EMAIL
from avow.vault.normalising import normalise


class TooManyCodes(NotYet):
    """More codes were asked for than one person, or one address or number, gets in a while."""

    code = "too-many-codes"
    http_status = 429


def count_code(person: UUID, address: str) -> None:
    """Count a code that is about to be mailed, or refuse it."""
    limits = (("change_address", str(person)), ("code_to_address", normalise(EMAIL, address)))
    if not _consume(limits):
        raise TooManyCodes("Several codes were mailed a moment ago; wait ten minutes, then ask for another one.")


def count_text(person: UUID | None, number: str, place: str = "") -> None:
    """Count a code that is about to be sent to a phone, also of whoever has no account yet, or refuse it."""
    from_here = [("texts_from", network(place))] if place else []
    keys = [str(person), number] if person else [number]
    if not _consume([*from_here, *(("phone_code", key) for key in keys)]):
        raise TooManyCodes("Several codes were sent a moment ago; wait ten minutes, then ask for another one.")


def count_try(code: str) -> bool:
    """Count one try at a code, by its number; False when it has had its three."""
    return _consume((("code_try", code),))


def _consume(limits: Iterable[tuple[str, str]]) -> bool:
    request = HttpRequest()  # its limits are by key alone, and ask nothing of a request but that it writes
    request.method = "POST"
    return all(ratelimit.consume(request, action=action, key=key) for action, key in limits)
