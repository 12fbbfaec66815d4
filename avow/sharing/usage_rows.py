"""
Rows on use, before they are made coarse: one for each person and day, with four plain things about that day.

Holds:    weekday, family of the browser, how many pages in a rough number, and the part of the site where the day
          began. No name, no time, no address of a page.
          The weekday is never made coarser (`generalising` says why).
"""

from collections.abc import Collection, Sequence
from typing import Any

import ibis  # type: ignore[import-untyped]

from avow.sharing import aggregating
from avow.sharing.hierarchies import Hierarchy, of
from avow.sharing.spec import Spec

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
BROWSERS = ("Firefox", "Chromium", "Safari", "other")
PAGES = (("1", "1 to 3"), ("2 to 3", "1 to 3"), ("4 to 9", "4 or more"), ("10 or more", "4 or more"))


def ladders(columns: Sequence[str], rows: Sequence[dict[str, str]]) -> list[Hierarchy]:
    """Return how each of these columns is made coarser; the weekday first, with no coarser level."""
    sections = sorted({row["section"] for row in rows})
    every = {
        "weekday": of("weekday", *[(day,) for day in DAYS]),
        "browser": of("browser", *[(name, "*") for name in BROWSERS]),
        "pages": of("pages", *[(number, rough, "*") for number, rough in PAGES]),
        "section": of("section", *[(name, "*") for name in sections or ["/"]]),
    }
    return [every[name] for name in columns]


def rows(events: Any, spec: Spec, *, left_out: Collection[int]) -> list[dict[str, str]]:
    """Return one row for each person and day."""
    there = aggregating.visits(events, spec, left_out=left_out)
    began = there.page.argmin(there["at"])
    days = there.group_by("day", "pid").aggregate(
        pages=there.count(), first=began, browser=ibis.coalesce(there.browser.argmin(there["at"]), "other")
    )
    plain = days.select("day", "pages", "first", "browser").to_pyarrow().to_pylist()
    return [
        {
            "weekday": DAYS[one["day"].weekday()],
            "browser": one["browser"] if one["browser"] in BROWSERS else "other",
            "pages": _roughly(one["pages"]),
            "section": "/" + one["first"].split("/")[1] if one["first"].startswith("/") else "/",
        }
        for one in plain
    ]


def _roughly(pages: int) -> str:
    limits = (1, 3, 9)
    return PAGES[sum(pages > limit for limit in limits)][0]
