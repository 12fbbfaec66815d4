"""
What this room answers for at export and erasure: events, what was sent along with them, and a browser's row.

Holds:    `export` gives each row that `count` counts. Of a cookie it says the fingerprint, which opens nothing: with
          the value, whoever reads the copy could act as that browser. After `forget` nothing leads from an event to
          the person, and what is still on its way becomes nobody's.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from avow.errors import PurposeRefused
from avow.policy.purposes import Purpose
from avow.usage import browsers, contexts, cookies, forgetting, recorded
from avow.usage.models import Browser, Context
from avow.usage.recorded import Recorded
from avow.vault.stores import Exported, Used, register_store

MOST = 5  # pages and features that a digest names


class UsageStore:
    """What was recorded by itself."""

    name = "usage"
    title = "What was recorded of your use"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:
        """Return the events, everything that was sent along and when, and a browser's own row."""
        found = recorded.events(person, Purpose.RIGHTS, now=now)
        yield Exported("usage-events", "What was recorded of your use", tuple(_row(one) for one in found))
        sent = contexts.opened(person, Purpose.RIGHTS, now=now).values()
        yield Exported(
            "usage-circumstances", "What your browser or device sent along", tuple(map(_circumstances, sent))
        )
        browser = Browser.objects.filter(person=person)
        yield Exported("usage-browsers", "A browser known by its cookie alone", tuple(map(_browser, browser)))

    def digest(self, person: UUID, *, since: datetime, until: datetime, now: datetime) -> Used | None:
        """Return on how many days the person came, and what they opened most."""
        try:
            found = recorded.events(person, Purpose.COMMUNICATION, now=now, since=since.date())
        except PurposeRefused:
            return None
        within = [one for one in found if since <= one.at < until]
        opened = Counter(f"{one.page}: {one.feature}" if one.feature else one.page for one in within)
        most = sorted(opened.items(), key=lambda each: (-each[1], each[0]))[:MOST]
        return Used(len({one.at.date() for one in within}), tuple(most))

    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:  # noqa: ARG002 - the protocol's
        """Give the events to nobody, and remove the rest."""
        return forgetting.forget(person, now=now) + browsers.forget(person, now=now)

    def count(self, person: UUID) -> int:
        """Count events, contexts and the browser."""
        held = Context.objects.filter(person=person).count()
        return (recorded.count(person) if held else 0) + held + Browser.objects.filter(person=person).count()


def _row(one: Recorded) -> dict[str, object]:
    return {
        "at": one.at,
        "kind": one.kind,
        "page": one.page,
        "feature": one.feature,
        "answered": one.status,
        "came from": one.referrer,
        "said besides": one.properties,
        "IP address": one.sent.get("ip"),
        "device": one.sent.get("device"),
        "cookie": one.sent.get("cookie"),
        "browser": one.sent.get("agent") or one.browser,
    }


def _circumstances(opened: contexts.Opened) -> dict[str, object]:
    day, sent = opened
    return {
        "day": day.isoformat(),
        "IP address": sent.get("ip"),
        "device": sent.get("device"),
        "cookie": sent.get("cookie"),
        "browser": sent.get("agent"),
    }


def _browser(row: Browser) -> dict[str, object]:
    return {
        "cookie": cookies.fingerprint(bytes(row.cookie)),
        "since": row.since.isoformat(),
        "last day": row.last_day.isoformat(),
    }


def register() -> None:
    """Register the room's store."""
    register_store(UsageStore())
