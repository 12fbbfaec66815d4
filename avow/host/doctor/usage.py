"""Usage: what waits to be worked up, for how long, and how much of it."""

from datetime import datetime

from avow.host.doctor.findings import Finding, ok, weak, wrong
from avow.host.home import Home
from avow.usage import spool
from avow.usage.places import Place

MB = 1024 * 1024
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


def _words(seconds: int) -> str:
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' * (count != 1)}"
    return f"{seconds} second{'s' * (seconds != 1)}"
