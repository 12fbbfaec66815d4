"""
What stricter law asks beyond a policy's text, as data, and what of it a text and its table leave open.

Why warnings and no verdict: the text is what the company promised, and is run as it stands; that a law asks more is
told beside it, with the sentence and the article, for somebody to decide. A demand that a mechanism keeps whatever the
text says is not warned of.

Holds:    pure; every demand is kept, judged by something that can be looked up, or always warned of. "strictest" is
          the union of all profiles. A promise that a demand names exists.
Assumes:  the table is read by engineers and corrected by lawyers (`law.toml` says its sources and its day).
Does not: give legal advice, or change what the service does, but for what `asks` is asked about (L4, by the gate).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from avow.errors import BadInput
from avow.policy.binding import BoundPolicy
from avow.policy.gaps import FOREIGN, gaps
from avow.policy.promises import Promise

BY_NAME = {str(promise): promise for promise in Promise}


class Profile(StrEnum):
    """Whose law is held against the text."""

    STRICTEST = "strictest"
    GDPR = "gdpr"
    CCPA = "ccpa"
    NONE = "none"


@dataclass(frozen=True)
class Needs:
    """What a text or its table must have; one of the three."""

    number: str = ""
    most: int = 0
    promise: str = ""
    gap: str = ""


@dataclass(frozen=True)
class Demand:
    """One thing that some law asks."""

    id: str
    asks: str
    articles: Mapping[Profile, str]
    tightens: tuple[Promise, ...]
    kept: str
    needs: Needs | None
    warn: str

    def asked_by(self, profile: Profile) -> str:
        """Return where this profile's law says so; empty when it does not."""
        if profile is Profile.STRICTEST:
            return "; ".join(self.articles.values())
        return self.articles.get(profile, "")


@dataclass(frozen=True)
class Warned:
    """One demand that the text leaves open."""

    demand: Demand
    article: str
    sentences: tuple[str, ...]  # the ids of those that it tightens


def profile_called(name: str) -> Profile:
    """Return the profile of this name, as a setting has it; BadInput for another."""
    try:
        return Profile(name)
    except ValueError:
        raise BadInput(f"AVOW_LAW is one of {', '.join(Profile)}; correct it.") from None


def asks(profile: Profile, demand: str) -> bool:
    """Say whether this profile's law makes the demand of this id."""
    return any(one.id == demand and one.asked_by(profile) for one in demands())


@cache
def demands() -> tuple[Demand, ...]:
    """Return what the laws ask, in the order of the table."""
    rows = tomllib.loads((files("avow.policy") / "law.toml").read_text(encoding="utf-8"))["demand"]
    return tuple(
        Demand(
            row["id"], row["asks"], {Profile(name): said for name, said in row["in"].items()},
            tuple(BY_NAME[name] for name in row["tightens"]), row.get("kept", ""),
            Needs(**row["needs"]) if "needs" in row else None, row.get("warn", ""),
        )
        for row in rows
    )  # fmt: skip


def warnings(bound: BoundPolicy, profile: Profile) -> list[Warned]:
    """Return what this profile's law asks and the text and its table leave open, in the order of the table."""
    silent = {gap.code for gap in gaps(bound)}
    found = []
    for demand in demands():
        article = demand.asked_by(profile)
        if article and not demand.kept and not (demand.needs and _has(bound, demand.needs, silent)):
            found.append(Warned(demand, article, _sentences(bound, demand)))
    return found


def _has(bound: BoundPolicy, needs: Needs, silent: set[str]) -> bool:
    if needs.gap:
        return needs.gap not in silent and FOREIGN.code not in silent
    if needs.promise:
        return bool(bound.by_promise(BY_NAME[needs.promise]))
    number = bound.number(needs.number)
    return number is not None and number.value <= needs.most


def _sentences(bound: BoundPolicy, demand: Demand) -> tuple[str, ...]:
    return tuple(
        sentence.id for sentence, clause in bound.clauses if clause and set(clause.promises) & set(demand.tightens)
    )
