"""
Since when a policy is in force, as policies say it.

Why this order: a label that says "effective" beats one that says "updated", a
visible line beats an invisible field, and a date without a label counts only
where it stands alone near the top.

Holds:    a date that does not exist (31 February) or that can be read in two ways
          (5/6/2024) is refused with its line; it is never guessed.
Does not: know time zones. A day begins at midnight UTC.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from avow.errors import PolicyUnreadable
from avow.policy.abbreviations import MONTHS
from avow.policy.front_matter import FrontMatter

NEAR_TOP = 12  # texts in which a bare date counts
REACH = 90  # characters after a label in which its date must begin
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
SHAPES = (
    re.compile(r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(
        rf"\b(?P<name>{MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s+(?P<y>\d{{4}})(?!\d)", re.IGNORECASE
    ),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?\s+(?:day\s+)?(?:of\s+|de\s+|d['’])?"
        rf"(?P<name>{MONTH})\.?,?\s+(?:de\s+|del\s+)?(?P<y>\d{{4}})(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(r"(?<!\d)(?P<y>\d{4})\s*[年년]\s*(?P<m>\d{1,2})\s*[月월]\s*(?P<d>\d{1,2})\s*[日일]"),
    re.compile(r"(?<![\d.])(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})(?!\d)"),
    re.compile(r"(?<![\d/-])(?P<one>\d{1,2})[/-](?P<two>\d{1,2})[/-](?P<y>\d{4})(?!\d)"),
)
EFFECTIVE = re.compile(
    r"\beffective\b|\bin (?:effect|force) (?:since|from|as of)|\bvalid (?:from|since|as of)"
    r"|\b(?:comes?|came|enters?|entered) into (?:effect|force)"
    r"|gültig (?:ab|seit)|in kraft (?:seit|ab)|tritt am|entrée en vigueur|en vigueur"
    r"|entrada en vigor|vigente desde|vigencia|in vigore|geldig vanaf|van kracht|em vigor"
    r"|生效|施行日|発効日|시행일",
    re.IGNORECASE,
)
UPDATED = re.compile(
    r"\b(?:last|most recently)\s+(?:updated|modified|revised|changed|amended)"
    r"|\blast\s+(?:update|revision|modification|change)"
    r"|^\W*(?:updated|revised|modified|dated?|version(?: of| date)?|as of|published)\b"
    r"|letzte (?:aktualisierung|änderung)|zuletzt (?:aktualisiert|geändert)|^\W*stand\b"
    r"|dernière (?:mise à jour|modification)|mise à jour|última (?:actualización|modificación|atualização)"
    r"|ultimo aggiornamento|ultima modifica|laatst (?:bijgewerkt|gewijzigd)"
    r"|最終更新|更新日期|最后更新|最近更新|改定日|制定日|최종 수정",
    re.IGNORECASE,
)
EFFECTIVE_KEYS = ("effective", "effective_date", "effective_from", "effective_at", "in_force")
UPDATED_KEYS = ("last_updated", "last_modified", "updated", "updated_at", "lastmod", "date")


@dataclass(frozen=True)
class Dated:
    """A text that may hold the date, and its line."""

    text: str
    line: int


def effective_date(name: str, front: FrontMatter, texts: Sequence[Dated], attributes: Sequence[Dated]) -> date | None:
    """Return the day from which the policy counts, or None when it does not say."""
    for text, line in _candidates(front, texts, attributes):
        if (day := read_date(text, name, line)) is not None:
            return day
    return None


def _candidates(front: FrontMatter, texts: Sequence[Dated], attributes: Sequence[Dated]) -> Iterator[tuple[str, int]]:
    """Give the places to look at, the best first."""
    near, bare = texts[:NEAR_TOP], [t for t in texts[:NEAR_TOP] if _is_bare(t.text)]
    yield from _labelled(EFFECTIVE, near)
    yield from _keyed(front, EFFECTIVE_KEYS)
    yield from _labelled(UPDATED, near)
    yield from ((a.text, a.line) for a in attributes if "datetime" in a.text)
    yield from ((t.text, t.line) for t in bare)
    yield from _keyed(front, UPDATED_KEYS)
    yield from _labelled(EFFECTIVE, texts[NEAR_TOP:])
    yield from _labelled(UPDATED, texts[NEAR_TOP:])


def _labelled(label: re.Pattern[str], texts: Iterable[Dated]) -> Iterator[tuple[str, int]]:
    for dated in texts:
        if found := label.search(dated.text):
            yield dated.text[found.start() : found.end() + REACH], dated.line


def _keyed(front: FrontMatter, keys: Iterable[str]) -> Iterator[tuple[str, int]]:
    yield from ((front.values[k], front.lines[k]) for k in keys if front.get(k))


def _is_bare(text: str) -> bool:
    """Say whether a text is a date and nothing else."""
    return any(shape.fullmatch(text.strip(" ().:,*")) for shape in SHAPES)


def read_date(text: str, name: str, line: int) -> date | None:
    """Return the first date in a text, or None when there is none."""
    found = [match for shape in SHAPES if (match := shape.search(text))]
    if not found:
        return None
    first = min(found, key=lambda match: (match.start(), -match.end()))
    try:
        return _to_date(first.groupdict(), name, line)
    except ValueError:
        raise PolicyUnreadable(
            f"{name}, line {line}: there is no day “{first.group().strip()}”; correct the effective date."
        ) from None


def _to_date(parts: dict[str, str], name: str, line: int) -> date:
    year = int(parts["y"])
    if "one" in parts:
        month, day = _month_and_day(int(parts["one"]), int(parts["two"]), name, line)
        return date(year, month, day)
    month = MONTHS[parts["name"].casefold()] if "name" in parts else int(parts["m"])
    return date(year, month, int(parts["d"]))


def _month_and_day(one: int, two: int, name: str, line: int) -> tuple[int, int]:
    """Read 5/13 and 13/5; refuse 5/6, which half of the world reads the other way round."""
    last_month = 12
    if one != two and one <= last_month and two <= last_month:
        raise PolicyUnreadable(
            f"{name}, line {line}: “{one}/{two}” can be two dates; "
            "write the month as a word, or the date as YYYY-MM-DD."
        )
    return (two, one) if one > last_month else (one, two)
