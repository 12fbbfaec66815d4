"""
A page as a template: what people look at, without whom or what exactly.

    /reports/4711?q=ada@example.com   →   /reports/:id

Why at ingest: what never rests need not be forgotten. Query and fragment are dropped, and a part of the path that
may name one thing or person is replaced.

Why some are remembered: most of a batch's time went into taking the same few paths apart. Only plain paths are, in
memory and a bounded number; one with a query or an address in it is taken apart each time.

Holds:    the result is at most 200 characters of [a-z 0-9 . _ ~ - / :]; making it a template again changes nothing.
Does not: know a name in plain words (/people/ada-lovelace) from a page's, where there is no list (`templates`).
"""

import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from avow.usage.templates import Templates

LONGEST, PARTS, PART = 200, 8, 32
UUID = re.compile(r"^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$")
PLAIN_PATH = re.compile(r"^[a-zA-Z0-9/._-]{1,100}\Z")  # remembered: no query, no address, nothing coded
PLAIN = re.compile(r"^[a-z0-9._~-]+$")
MARKS = {":id", ":mail", ":token", ":text", ":more"}
DIGITS = 4  # from this many on, a part is taken for a number or a token


def template(page: str, listed: Templates | None = None) -> str:
    """Return the template of a page's address or path: one of a list, where there is one."""
    return _plain(page, listed) if PLAIN_PATH.match(page) else _template(page, listed)


def _template(page: str, listed: Templates | None) -> str:
    parts = [part for part in _path(page).split("/") if part]
    if listed is not None:
        return listed.match(parts)
    kept = [_part(part) for part in parts[:PARTS]]
    if len(parts) > PARTS:
        kept[-1] = ":more"
    return ("/" + "/".join(kept))[:LONGEST]


_plain = lru_cache(maxsize=10_000)(_template)


def _path(page: str) -> str:
    try:
        return urlsplit(page if "://" in page else "//host/" + page.lstrip("/")).path
    except ValueError:  # a bracket where a host should be
        return page.partition("?")[0].partition("#")[0]


def _part(part: str) -> str:
    """Return a part of the path, or what it stands for."""
    plain = unquote(part).strip().lower()
    digits = sum(letter.isdigit() for letter in plain)
    if part in MARKS:
        return part
    if "@" in plain:
        return ":mail"
    if plain.isdecimal() or UUID.match(plain):
        return ":id"
    if digits >= DIGITS or len(plain) > PART:
        return ":token"
    return plain if PLAIN.match(plain) else ":text"
