"""
What the lake is asked: each question written once, as an ibis expression.

    analysis      visits by day, top pages, and apart from them how much of it was programs
    improvement   pages that fail, features and how many people found them
    popular       what many people open, for a home page that is nobody's own

Why one module: purposes are decided here and nowhere else. Rows of people who objected to a purpose are left out by
the names that their keys give for those days, and days whose text did not name the purpose by their dates, but for who
agreed that a newer text goes for them.

Holds:    no number is shown unless at least FEW people stand behind it on one and the same day; "people" are people by
          day: nobody is counted across days, because nobody can be, and so one person on five days is no crowd. A row
          that is nobody's (who forgot, or wants not to be followed) counts as a view and as no person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import ibis  # type: ignore[import-untyped]
from django.conf import settings

from avow.errors import PurposeRefused
from avow.evidence import versions
from avow.people import families
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose, allowed
from avow.usage import lake, rows
from avow.usage.places import Place
from avow.vault import choices, governing, persons, pseudonyms

FEW = 5  # people; fewer are not counted out
MOST = 12  # lines of a list


@dataclass(frozen=True)
class Span:
    """Which days are asked about, for what, and when."""

    since: date
    until: date
    purpose: Purpose
    now: datetime
    place: Place | None = None


@dataclass(frozen=True)
class Day:
    """How many people came on a day; None: fewer than FEW."""

    day: date
    people: int | None
    events: int | None


@dataclass(frozen=True)
class Page:
    """How a page was used and answered; people None: fewer than FEW."""

    page: str
    views: int
    people: int | None
    failed: int
    broken: int

    @property
    def share(self) -> float:
        """Which share of the answers were failures."""
        return self.failed / self.views if self.views else 0.0


@dataclass(frozen=True)
class Feature:
    """How often a feature was used and by how many; None: fewer than FEW, and 0 where nobody did."""

    name: str
    uses: int | None
    people: int | None


def last_days(days: int, purpose: Purpose, now: datetime, place: Place | None = None) -> Span:
    """Return the span of these last days, today included."""
    today = now.astimezone(UTC).date()
    return Span(today - timedelta(days=days - 1), today, purpose, now, place)


def visits(span: Span) -> list[Day]:
    """Return each day with its people, also the empty ones."""
    found = {row["day"]: row for row in _ask(span, _by_day)}
    none = {"people": 0, "most": 0, "events": 0}
    return [_day(day, found.get(day, none)) for day in _days(span)]


def bots(span: Span) -> int:
    """Return how many events programs sent that said so; they are in no other answer."""
    return lake.ask(lambda: int(_of_bots(span).count().to_pyarrow().as_py()))


def _of_bots(span: Span) -> Any:
    events = _named_events(span)
    return events.filter(events.browser == families.BOT)


def pages(span: Span) -> list[Page]:
    """Return the pages with the most people first; those of fewer than FEW are left out of the list's numbers."""
    return [
        Page(row["page"], row["views"], _shown(row, row["views"]), row["failed"], row["broken"])
        for row in _ask(span, _by_page)
    ]


def failing(span: Span) -> list[Page]:
    """Return pages that were answered by an error, the worst first; seen by enough people to be nobody's own."""
    found = [page for page in pages(span) if page.failed and page.people is not None]
    return sorted(found, key=lambda page: (-page.share, -page.failed, page.page))[:MOST]


def features(span: Span, declared: Iterable[str]) -> list[Feature]:
    """Return the declared features, and those that were used, the least found first."""
    used = {row["feature"]: row for row in _ask(span, _by_feature)}
    none = {"people": 0, "most": 0, "uses": 0}
    lines = [(name, used.get(name, none)) for name in sorted({*declared, *used})]
    shown = [(name, row["uses"], _shown(row, row["uses"])) for name, row in lines]
    found = [Feature(name, people and uses, people) for name, uses, people in shown]
    return sorted(found, key=lambda one: (FEW if one.people is None else one.people and one.people + FEW, one.name))


def popular(span: Span) -> list[str]:
    """Return the pages that enough people opened on one day, the most opened first; no templates, no front page."""
    rows_ = _ask(span, _by_page)
    return [row["page"] for row in rows_ if row["most"] >= FEW and ":" not in row["page"] and row["page"] != "/"]


def _ask(span: Span, question: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lake.ask(lambda: question(allowed_events(span)).to_pyarrow().to_pylist())
    return found


@keeps(Promise.PURPOSE_LIMIT)
def allowed_events(span: Span) -> Any:
    """Return people's events that may be read for the purpose: by the texts then and now, and by each one's choice."""
    events = _named_events(span)
    return _without_who_said_no(events.filter(events.browser != families.BOT), span)


def _named_events(span: Span) -> Any:
    """Return the events of the days whose text named the purpose, if the one in force does."""
    in_force = governing.in_force(span.now).bound.purposes
    if not allowed(span.purpose, collected_under=in_force, in_force=in_force):
        raise PurposeRefused(f"The policy in force does not name {span.purpose.value}; nothing was read for it.")
    events = lake.events(span.since, span.until, place=span.place)
    shut = _shut(span)
    if shut:
        agreed = pseudonyms.pseudonyms(_agreed(span, shut))
        events = events.filter(~events.day.isin(shut) | events.pid.isin(_names(agreed)))
    return events


def _shut(span: Span) -> list[date]:
    """Return the days whose text does not reach as far, but for who agreed."""
    return [day for day in _days(span) if not _reaches(span, _text(day, span.now))]


def _without_who_said_no(events: Any, span: Span) -> Any:
    shut = set(_shut(span))
    silent = pseudonyms.pseudonyms(_may_not(span, [day for day in _days(span) if day not in shut]))
    if silent:
        events = events.anti_join(ibis.memtable({"pid": _names(silent)}), "pid")
    return events


def _days(span: Span) -> list[date]:
    return [span.since + timedelta(days=n) for n in range((span.until - span.since).days + 1)]


def _names(of: Mapping[tuple[UUID, date], str]) -> list[int]:
    return [rows.signed(bytes.fromhex(name)) for name in of.values()]


def _may_not(span: Span, days: list[date]) -> set[tuple[UUID, date]]:
    """Return whose rows of which days may not be read: who said no, and who never accepted a text that names it."""
    said_no = choices.who_said_no(span.purpose)
    narrow = {
        policy: persons.who_stands_by(_stands(span, policy, wide=False))
        for policy in {_text(day, span.now) for day in days}
    }
    return {(one, day) for day in days for one in narrow[_text(day, span.now)]} | {
        (one, day) for day in _days(span) for one in said_no
    }


def _agreed(span: Span, days: Iterable[date]) -> set[tuple[UUID, date]]:
    """Return whose rows may be read although the text of their day did not allow it: who agreed to one that does."""
    of = {
        text: persons.who_stands_by(_stands(span, text, wide=True)) for text in {_text(day, span.now) for day in days}
    }
    return {(one, day) for day in days for one in of[_text(day, span.now)]}


def _reaches(span: Span, collected: str) -> bool:
    """Say whether the purpose is read for on days of this text without anybody's agreement."""
    current = governing.in_force(span.now)
    since = governing.purposes_since(current.sha256, collected, current)
    return span.purpose in since & governing.purposes_under(collected)


def _stands(span: Span, collected: str, *, wide: bool) -> list[tuple[str, str]]:
    """Return the texts, accepted and agreed to, that reach this purpose for what came under a text, or do not."""
    current, texts = governing.in_force(span.now), [version.sha256 for version in versions.all_versions()]
    return [
        (accepted, agreed)
        for accepted in texts
        for agreed in ([] if wide else [""]) + (texts if settings.OLD_DATA_ASKS else [])
        if wide is (span.purpose in governing.purposes_since(accepted, collected, current, agreed=agreed))
    ]


def _text(day: date, now: datetime) -> str:
    """Return the text in force at the end of a day; before the first, the first."""
    return versions.in_force(min(datetime.combine(day, time.max, UTC), now)).sha256


def _by_day(events: Any) -> Any:
    days = events.group_by("day").aggregate(people=_people(events), events=events.count())
    return days.mutate(most=days.people).order_by("day")


def _by_page(events: Any) -> Any:
    of_pages = events.filter(events.kind == "page")
    failed, broken = of_pages.status >= 400, of_pages.status >= 500  # noqa: PLR2004 - as HTTP counts
    by_day = of_pages.group_by(["page", "day"]).aggregate(
        views=of_pages.count(),
        people=_people(of_pages),
        failed=failed.fill_null(False).sum(),
        broken=broken.fill_null(False).sum(),
    )
    return (
        by_day.group_by("page")
        .aggregate(
            views=by_day.views.sum(),
            people=by_day.people.sum(),
            most=by_day.people.max(),
            failed=by_day.failed.sum(),
            broken=by_day.broken.sum(),
        )
        .order_by([ibis.desc("people"), ibis.desc("views"), "page"])
    )


def _by_feature(events: Any) -> Any:
    used = events.filter((events.kind == "feature") & events.feature.notnull())
    by_day = used.group_by(["feature", "day"]).aggregate(people=_people(used), uses=used.count())
    return by_day.group_by("feature").aggregate(
        people=by_day.people.sum(), most=by_day.people.max(), uses=by_day.uses.sum()
    )


def _people(events: Any) -> Any:
    """Count the people of one day: names that lead to somebody, since what is nobody's has another name each time."""
    return events.pid.nunique(where=events.ctx != rows.NOBODYS)


def _day(day: date, row: dict[str, Any]) -> Day:
    people = _shown(row, row["events"])
    return Day(day, people, row["events"] if people is not None else None)


def _shown(row: dict[str, Any], happened: int) -> int | None:
    """Return the number of people if nobody can be told by it."""
    if not happened:
        return 0
    return int(row["people"]) if row["most"] >= FEW else None
