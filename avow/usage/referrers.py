"""
Where somebody came from: a host of the list, or "other".

Why so little: the address of the page before tells what somebody looked for and, at some sites, who they are.

Holds:    what is returned is on the list, "other", or nothing; a page of one's own site is nothing.
"""

from urllib.parse import urlsplit

OTHER = "other"


def host(said: str | None, allowed: frozenset[str], own: str) -> str | None:
    """Return what is kept of a referrer; `own` is the site that sends."""
    if not said:
        return None
    there = _host(said)
    if there and there == _host(own):
        return None
    parts = there.split(".")
    above = (".".join(parts[n:]) for n in range(len(parts)))
    return next((name for name in above if name in allowed), OTHER)


def _host(said: str) -> str:
    try:
        return (urlsplit(said if "//" in said else f"//{said}").hostname or "").rstrip(".")
    except ValueError:
        return ""
