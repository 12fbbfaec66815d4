"""
Two weeks of made-up use of Optimibi: a few hundred browsers, and the demo people.

Why through the collector: the figures on the desk are then such as it really brings in, sealed on their way, under
pseudonyms in the lake, and each demo person sees, takes along and forgets theirs.

Holds:    filled once in the life of a home. Addresses are from ranges kept for documentation (RFC 5737). Batches carry
          fixed numbers, so a crash half-way repeats nothing that already came in.
Does not: wait for the lake; the worker brings in what the spool holds, in the background.
"""

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings

from avow.communications import demo_box
from avow.people import queries, tickets
from avow.usage import collecting, cookies, places
from avow.usage.receiving import Sender
from avow.usage.spool import Spool
from avow.usage.wire import frame_bytes

MARK = "demo-used"
DAYS, BROWSERS = 14, 240
PAGES = {"/": 30, "/reports/visitors-per-day": 22, "/reports/top-pages": 11, "/reports/order-funnel": 8, "/docs": 6,
         "/docs/first-steps": 6, "/news": 5, "/reports/where-visitors-come-from": 4, "/reports/busy-hours": 3,
         "/reports/broken": 3, "/docs/reading-a-funnel": 2, "/reports/42": 2}  # fmt: skip
FAVOURITES = {
    "ada@example.com": "/reports/order-funnel",
    "bo@example.com": "/reports/busy-hours",
    "chiara@example.com": "/docs",
}
AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1",
)
RANGES = ("192.0.2", "198.51.100", "203.0.113")
EXPORTS = 0.15  # how often a report that is looked at is also exported
BREAKS = 0.66  # how often the live map fails


def fill_once(now: datetime) -> str:
    """Hand the collector what was used, unless this home has had it; return what it was, or nothing."""
    filled = settings.HOME.root / MARK
    if filled.exists() or not demo_box.is_open():
        return ""
    spool = Spool(places.here())
    try:
        for written in [spool.put(frame) for frame in frames(now, random.Random(5))]:  # noqa: S311 # nosec B311 - made-up use
            written.result()
    finally:
        spool.stop()
    filled.write_text(now.isoformat())
    return f"{DAYS} days of {BROWSERS} browsers and {len(FAVOURITES)} people"


def frames(now: datetime, dice: random.Random) -> Iterator[bytes]:
    """Yield one sealed-to-be batch a day, the oldest first."""
    people = {queries.person_at(address): page for address, page in FAVOURITES.items()}
    for back in range(DAYS, 0, -1):
        then = now - timedelta(days=back - 1, hours=1)
        visits = [
            visit(dice, then, PAGES | {page: 40}, ticket=tickets.issue(person, now=then), number=number)
            for number, (person, page) in enumerate(people.items())
            if person and dice.random() < 0.8  # noqa: PLR2004 - four days of five
        ]
        visits += [visit(dice, then, PAGES, number=one) for one in range(BROWSERS) if dice.random() < 1 / (2 + one % 9)]
        batch = {
            "batch": sha256(f"demo {now:%Y-%m-%d} {back}".encode()).hexdigest()[:32],
            "visits": visits,
        }
        yield frame_bytes(collecting.admit(json.dumps(batch).encode(), Sender(is_host=True), now=then).frame)


def visit(
    dice: random.Random, then: datetime, likes: dict[str, int], *, number: int, ticket: str | None = None
) -> dict[str, Any]:
    """Return one browser's day."""
    known_by = sha256(f"{'person' if ticket else 'browser'} {number}".encode()).hexdigest()
    visitor = {
        "ip": f"{RANGES[number % 3]}.{1 + number % 250}",
        "agent": AGENTS[number * 7 % 3],
        "cookie": cookies.signed(bytes.fromhex(known_by[:32])),
    }
    return {"ticket": ticket, "device": known_by[32:], "visitor": visitor, "events": list(events(dice, then, likes))}


def events(dice: random.Random, then: datetime, likes: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Yield what one browser did on one day, within the hour before `then`."""
    at = int(then.timestamp() * 1000) - 3_600_000
    for page in dice.choices(list(likes), weights=list(likes.values()), k=dice.randint(2, 9)):
        at += dice.randint(5_000, 300_000)
        status = 500 if page == "/reports/broken" and dice.random() < BREAKS else 200
        yield {"kind": "page", "page": page, "feature": None, "status": status, "at": at}
        if page == "/reports/visitors-per-day" and dice.random() < EXPORTS:
            yield {"kind": "feature", "page": page, "feature": "export-csv", "status": None, "at": at + 4_000}
