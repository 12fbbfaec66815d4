"""
What somebody at the company proposes to give to a partner: one release, written down whole.

Why a specification with a hash: officers approve this text and no other. Whatever is changed afterwards has another
hash, and the approvals fall.

Holds:    a specification that can be read names a partner, whole days of one year, and either figures over declared
          pages or rows of declared columns. An identifier, an exact time or free text is no column.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from avow.errors import BadInput
from avow.evidence.entries import canonical

PAGE = re.compile(r"/[A-Za-z0-9/_.{}<>:-]{0,80}")
MOST_PAGES, MOST_DAYS, WEEK = 200, 31, 7
COLUMNS = ("weekday", "browser", "pages", "section")
NEVER = {
    "pid": "a person's name of a day", "ctx": "a session's mark", "at": "an exact time", "day": "an exact day",
    "page": "text that can hold anything", "feature": "text that can hold anything", "ip": "an address",
    "device": "a device's number", "name": "a person's name", "email": "an address", "phone": "a number of a person",
}  # fmt: skip


class Kind(StrEnum):
    """What is released; the value is what a partner's grant names."""

    FIGURES = "usage-figures"
    ROWS = "usage-rows"


TITLES = {Kind.FIGURES: "Figures on usage", Kind.ROWS: "Anonymous rows on usage"}


@dataclass(frozen=True)
class Spec:
    """One release, as it is proposed."""

    kind: Kind
    partner: UUID
    since: date
    until: date
    pages: tuple[str, ...] = ()  # the public list: declared for the site, never read from what people did
    per_day: int = 3  # pages of one person and day that count
    rho: int = 10  # thousandths
    columns: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    k: int = 11  # El Emam's precedent for a contracted recipient

    @property
    def days(self) -> int:
        """How many days it covers."""
        return (self.until - self.since).days + 1

    @property
    def every_day(self) -> list[date]:
        """Each of them."""
        return [self.since + timedelta(days=past) for past in range(self.days)]

    @property
    def title(self) -> str:
        """What people read."""
        return TITLES[self.kind]

    def written(self) -> dict[str, Any]:
        """Return it as it is kept."""
        days = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        lists = {"pages": list(self.pages), "columns": list(self.columns), "sensitive": list(self.sensitive)}
        return asdict(self) | {"partner": str(self.partner), "kind": self.kind.value} | days | lists

    @property
    def sha256(self) -> str:
        """The hash that officers approve."""
        return sha256(canonical(self.written())).hexdigest()


def read(given: Mapping[str, Any]) -> Spec:
    """Read a specification, or say in one sentence what is wrong with it."""
    try:
        made = Spec(
            kind=Kind(given["kind"]),
            partner=UUID(str(given["partner"])),
            since=date.fromisoformat(given["since"]),
            until=date.fromisoformat(given["until"]),
        )
    except (KeyError, ValueError, TypeError):
        raise BadInput("A release names its kind, a partner of the register, and its first and last day.") from None
    unknown = set(given) - set(made.written())
    if unknown:
        raise BadInput("The specification says something that no release knows; leave out what the form does not ask.")
    _check_days(made)
    return _figures(made, given) if made.kind is Kind.FIGURES else _rows(made, given)


def _figures(made: Spec, given: Mapping[str, Any]) -> Spec:
    pages = _names(given, "pages")
    if not pages or len(pages) > MOST_PAGES or any(not PAGE.fullmatch(page) for page in pages):
        raise BadInput(
            f"Figures count pages of a public list: one to {MOST_PAGES} addresses such as /reports/:id, one a line."
        )
    found = replace(made, pages=pages, per_day=_whole(given, "per_day", 3, 50), rho=_whole(given, "rho", 10, 1000))
    return replace(found, k=0)


def _rows(made: Spec, given: Mapping[str, Any]) -> Spec:
    if made.days > WEEK:
        raise BadInput(
            "Rows cover a week at most: then one weekday is one day, and each row of a class another person."
        )
    columns, sensitive = _names(given, "columns"), _names(given, "sensitive")
    for name in (*columns, *sensitive):
        if name in NEVER:
            raise BadInput(f"The column {name} is {NEVER[name]}; no release has it, so leave it out.")
        if name not in COLUMNS:
            raise BadInput(f"No catalogue declares such a column for rows; there are {', '.join(COLUMNS)}.")
    if "weekday" not in columns or len(columns) < 2 or not set(sensitive) <= set(columns) - {"weekday"}:  # noqa: PLR2004
        raise BadInput("Rows have the weekday and at least one other column, and what is sensitive is one of those.")
    return replace(
        made, columns=columns, sensitive=sensitive, k=_whole(given, "k", 11, 1000, least=5), rho=0, per_day=0
    )


def _check_days(made: Spec) -> None:
    if not 1 <= made.days <= MOST_DAYS or made.since.year != made.until.year:
        raise BadInput(
            f"A release covers one to {MOST_DAYS} days of one year, since its budget is that year's; choose others."
        )


def _names(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    named = given.get(name, [])
    if not isinstance(named, list | tuple) or not all(isinstance(one, str) for one in named):
        raise BadInput(f"`{name}` is a list of names.")
    return tuple(dict.fromkeys(one.strip() for one in named if one.strip()))


def _whole(given: Mapping[str, Any], name: str, usual: int, most: int, *, least: int = 1) -> int:
    number = given.get(name) or usual
    if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
        raise BadInput(f"`{name}` is a whole number from {least} to {most}.")
    return number
