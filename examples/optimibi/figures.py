"""
Made-up figures of a made-up customer, "Harbour Bakery", plausible and the same at every start.

Why a seed per report: adding a report changes no other, and a test can count on the numbers.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

LAST_DAY = date(2024, 5, 31)
WEEKEND = 5  # the first weekday of one


@dataclass(frozen=True)
class Report:
    """One report: what it shows, and how."""

    number: int
    title: str
    says: str  # one sentence
    kind: str  # line, bars or funnel
    unit: str
    rows: tuple[tuple[str, int], ...]

    @property
    def path(self) -> str:
        """Its address on this site, by its name; Avow's collector keeps names of pages, and never a number in them."""
        return f"/reports/{self.name}"

    @property
    def name(self) -> str:
        """Its title, as a part of an address."""
        return self.title.lower().replace(" ", "-")

    @property
    def short(self) -> str:
        """Its other address, by its number."""
        return f"/reports/{self.number}"

    @property
    def total(self) -> int:
        """All its figures together; of a funnel, who came in at the top."""
        return self.rows[0][1] if self.kind == "funnel" else sum(value for _, value in self.rows)


def visitors(dice: random.Random) -> tuple[tuple[str, int], ...]:
    """Return thirty days: quiet weekends, a slow rise, some noise."""
    days = [LAST_DAY - timedelta(days=29 - at) for at in range(30)]
    return tuple(
        (f"{day:%-d %b}", round((410 + 6 * at) * (0.62 if day.weekday() >= WEEKEND else 1) * dice.uniform(0.9, 1.1)))
        for at, day in enumerate(days)
    )


def shares(dice: random.Random, names: tuple[str, ...], first: int) -> tuple[tuple[str, int], ...]:
    """Return falling figures, one to a name."""
    values = [round(first * 0.68**at * dice.uniform(0.9, 1.1)) for at in range(len(names))]
    return tuple(zip(names, sorted(values, reverse=True), strict=True))


PAGES = ("/bread", "/", "/opening-hours", "/order", "/jobs", "/recipes/rye")
ORIGINS = ("Search", "Typed in", "Newsletter", "A town's web page", "A food blog")
STEPS = ("Saw the order page", "Chose a loaf", "Gave an address", "Ordered")
HOURS = tuple(f"{hour}:00" for hour in range(6, 20, 2))


def all_reports() -> dict[int, Report]:
    """Return every report by its number."""
    made = (
        (42, "Visitors per day", "Thirty days of Harbour Bakery's site.", "line", "visitors", visitors),
        (
            17,
            "Top pages",
            "Which pages were opened most in May.",
            "bars",
            "views",
            partial(shares, names=PAGES, first=5200),
        ),
        (
            23,
            "Order funnel",
            "How far people come on the way to an order.",
            "funnel",
            "people",
            partial(shares, names=STEPS, first=1900),
        ),
        (
            58,
            "Where visitors come from",
            "What led people to the site in May.",
            "bars",
            "visits",
            partial(shares, names=ORIGINS, first=4100),
        ),
        (71, "Busy hours", "When the site is used on a working day.", "bars", "views", hours),
    )
    return {
        number: Report(number, title, says, kind, unit, rows(random.Random(number)))  # noqa: S311 - figures, no secrets
        for number, title, says, kind, unit, rows in made
    }


def hours(dice: random.Random) -> tuple[tuple[str, int], ...]:
    """Return a day with its peak before breakfast and another after work."""
    shape = (180, 420, 260, 210, 190, 330, 240)
    return tuple((hour, round(value * dice.uniform(0.92, 1.08))) for hour, value in zip(HOURS, shape, strict=True))


REPORTS = all_reports()
