"""Usage: what waits to be worked up and for how long, how pages are kept, and what was left out."""

import os
from datetime import datetime

from avow.host.doctor.findings import Finding, ok, weak, wrong
from avow.host.home import Home
from avow.usage import dropping, manifest, spool
from avow.usage.places import Place

MB = 1024 * 1024
MOST = 3  # lines about what was left out
LONG = 15 * 60  # seconds that nothing waits where a worker runs


def waiting(home: Home, now: datetime) -> Finding:
    """Say since when the oldest segment waits: as long lives the key that opens it."""
    name, place = "usage", Place(home.root / "usage", home.root / "keys" / "segments")
    began = [path.stat().st_mtime for path in place.keys.glob("*.key")]
    size = spool.size(place)
    if not began:
        return ok(name, "nothing waits to be worked up.")
    age = max(0, round(now.timestamp() - min(began)))
    says = (
        f"{size / MB:,.1f} MB wait to be worked up, the oldest for {_words(age)}; as long lives the key that opens it."
    )
    if size > spool.MOST:
        return wrong(
            name, says, "Events are refused until it is worked up: see that the worker runs, or run `avow compact`."
        )
    if age > LONG:
        return weak(name, says, "See that the worker runs, or run `avow compact`.")
    return ok(name, says)


def pages() -> Finding:
    """Say how pages become templates."""
    name = "pages"
    if os.environ.get("AVOW_PAGES"):
        return ok(name, "kept as the templates that AVOW_PAGES lists; all others are one.")
    says = "kept by rule of thumb: numbers, tokens and addresses are replaced, a name in plain words is not."
    return weak(name, says, "List the templates of your pages in a file, and name it in AVOW_PAGES.")


def undeclared(home: Home) -> Finding:
    """Say how much was left out of events, because nobody declared it."""
    name, found = "events", dropping.summed(manifest.newest(home.root / "usage" / "lake").dropped)
    if not found:
        return ok(name, "say nothing that is not declared.")
    where = ", ".join(f"{count:,} from {site} ({place})" for site, place, count in found[:MOST])
    says = f"said more than is declared within 30 days, which was left out: {where}."
    return weak(name, says, "See that your pages and servers stop sending it, or declare it in AVOW_PROPERTIES.")


def _words(seconds: int) -> str:
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' * (count != 1)}"
    return f"{seconds} second{'s' * (seconds != 1)}"
