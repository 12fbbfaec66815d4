"""
What a request's headers say, all lines of each of them.

Why all lines: a header may come several times (RFC 9110, 5.3). Who looks at one line overlooks a wish not to be
followed that an extension or a proxy put on another.

Holds:    one line that is exactly `1` is a wish, whatever the others say.
Does not: know what is one site where a browser does not say it (`Sec-Fetch-Site`); then the last two parts of the
          names decide, so of two companies below one such ending the visitors look like one site's.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from avow.errors import BadInput

WISHES = ("sec-gpc", "dnt")
AHEAD = ("sec-purpose", "purpose", "x-moz")  # by which browsers say that nobody looks at it yet
TYPES = {  # and whether it is one visit a line; browsers send beacons as text, so that they ask no leave first
    "": False, "application/json": False, "text/plain": False, "application/x-ndjson": True,
}  # fmt: skip
LONGEST = 200  # characters of an Idempotency-Key
ONE_COMPANY = 2  # parts of a host's name

Heads = Mapping[str, str]


def read(scope: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers by their names in small letters; several lines as one list."""
    heads: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, said = raw.decode("latin-1").lower(), value.decode("latin-1")
        between = "; " if name == "cookie" else ", "
        heads[name] = f"{heads[name]}{between}{said}" if name in heads else said
    return heads


def wishes(heads: Heads) -> tuple[bool, bool]:
    """Return whether GPC and whether DNT is said."""
    gpc, dnt = ("1" in (part.strip() for part in heads.get(name, "").split(",")) for name in WISHES)
    return gpc, dnt


def is_ahead(heads: Heads) -> bool:
    """Tell whether a browser asks in advance, for a page that nobody may ever look at."""
    return any("prefetch" in heads.get(name, "").lower() for name in AHEAD)


def is_cross_site(heads: Heads) -> bool:
    """Tell whether the page lies on another site than we do, so that a browser would bring our cookie never."""
    if said := heads.get("sec-fetch-site"):
        return said == "cross-site"
    return "origin" in heads and _company(heads["origin"]) != _company(settings.BASE_URL)


def is_lines(heads: Heads) -> bool:
    """Tell whether a body is one visit a line; another type than those of TYPES is refused."""
    said = heads.get("content-type", "").partition(";")[0].strip().lower()
    if said not in TYPES:
        raise BadInput("Events are sent as application/json, or one visit a line as application/x-ndjson.")
    return TYPES[said]


def key(heads: Heads) -> str:
    """Return by what a sender says that it sends something again, or nothing."""
    said = heads.get("idempotency-key", "").strip().strip('"')
    if len(said) > LONGEST:
        raise BadInput(f"An Idempotency-Key has at most {LONGEST} characters; send a random number.")
    return said


def _company(url: str) -> list[str]:
    return (urlsplit(url).hostname or "").split(".")[-ONE_COMPANY:]
