"""
The host's home page for one person: from what they themselves opened lately, each with its reason; or for nobody.

Why so simple: a suggestion that nobody can explain cannot be refused knowingly. No other person's history is used,
beyond which pages many people open.

Holds:    switched off, frozen, being erased, or without a ticket, the answer is the same as for nobody, byte for byte:
          whether somebody refused cannot be seen in it. Off also stops the reading, not only the showing.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from avow.errors import AvowError, PurposeRefused
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.usage import analyses, choosing, recorded
from avow.usage.places import Place
from avow.usage.recorded import Recorded

LATELY = timedelta(days=30)
MOST = 4  # suggestions
TWICE = 2  # how often before it counts as a habit


@keeps(Promise.PERSONALISATION_CHOICE)
def home(person: UUID | None, *, now: datetime, off_url: str, place: Place | None = None) -> dict[str, Any]:
    """Return what the home page may suggest, and where to switch that off."""
    default = for_nobody(now=now, off_url=off_url, place=place)
    if person is None or not choosing.standing(person, now=now).personalised:
        return default
    try:
        own = recorded.events(person, Purpose.PERSONALISATION, now=now, since=(now - LATELY).date(), place=place)
    except AvowError:  # the text in force names it no more, or the person is gone
        return default
    mine = _own(own)
    if not mine:
        return default
    seen = {one["page"] for one in mine}
    more = [one for one in default["suggestions"] if one["page"] not in seen]
    return {**default, "personalised": True, "suggestions": [*mine, *more][:MOST]}


def for_nobody(*, now: datetime, off_url: str, place: Place | None = None) -> dict[str, Any]:
    """Return what is suggested to who is nobody: what many people open."""
    span = analyses.last_days(LATELY.days, Purpose.IMPROVEMENT, now, place)
    try:
        found = analyses.popular(span)[:MOST]
    except PurposeRefused:
        found = []
    shown = [{"page": page, "why": "Many people open this."} for page in found]
    return {"personalised": False, "suggestions": shown, "off_url": off_url}


def _own(events: list[Recorded]) -> list[dict[str, str]]:
    """Return the pages that the person opened most, and then the one opened last, each with its reason."""
    opened = [one for one in events if one.kind == "page" and ":" not in one.page and one.page != "/"]
    often = [(page, times) for page, times in Counter(one.page for one in opened).most_common() if times >= TWICE]
    lines = [{"page": page, "why": f"You opened this {times} times in the last 30 days."} for page, times in often]
    if opened and opened[0].page not in {page for page, _ in often}:
        lines.append({"page": opened[0].page, "why": "You opened this last."})
    return lines[:MOST]
