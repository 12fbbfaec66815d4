"""One sentence whole: what it binds to, what keeps, proves and watches it, and what was recorded."""

import inspect
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from avow.errors import NotFound
from avow.evidence import queries, shown
from avow.evidence.queries import CheckedDay, Logged
from avow.evidence.states import LatestResult, State
from avow.evidence.versions import Version
from avow.policy.bases import BASES, Basis
from avow.policy.numbers import NUMBERS, OBEYED
from avow.policy.promises import CHECKS, Promise
from avow.policy.purposes import Purpose
from avow.policy.trace import Mark, Row
from avow.requests.limits import LIMITS
from avow.web import words
from avow.web.reading import register
from avow.web.reading.standing import Standing, standings

NEWEST = 8  # log entries that a page names
DAYS = 90


@dataclass(frozen=True)
class Watch:
    """One live check with its newest result and its last days."""

    name: str
    latest: LatestResult | None
    days: tuple[CheckedDay, ...]

    @property
    def words(self) -> str:
        """Its name as a person reads it."""
        return self.name.replace("-", " ").capitalize()

    @property
    def tries(self) -> str:
        """What it does, in the words of its own source."""
        return (inspect.getdoc(CHECKS[self.name].run) or "").partition("\n\n")[0].replace("\n", " ")

    @property
    def at(self) -> datetime | None:
        """When it last ran."""
        return self.latest.at if self.latest else None

    @property
    def passed(self) -> bool:
        """Whether its promise held then."""
        return self.latest is not None and self.latest.state is not State.FAILING

    @property
    def why(self) -> str:
        """What it said."""
        return self.latest.why if self.latest else ""

    @property
    def every(self) -> str:
        """How often it runs."""
        return words.span(CHECKS[self.name].every.total_seconds()).removeprefix("1 ")

    @property
    def due(self) -> datetime | None:
        """When it runs next."""
        return self.at + CHECKS[self.name].every if self.at else None

    @property
    def shown_to_fail(self) -> str:
        """When a test last saw it fail, and how."""
        known = shown.read().get(self.name)
        if not known:
            return "no test has seen it fail yet, so it does not count as proof"
        still = (
            ""
            if shown.is_shown(self.name)
            else "; the source has changed since, so it does not count until the test has run again"
        )
        return f"{known['on']}: {known['how']}{still}"

    @property
    def history(self) -> list[tuple[str, bool]]:
        """Its days as strokes."""
        return [
            (f"{day.day}: {words.counted(day.held, 'run')} passed, {day.failed} failed", not day.failed)
            for day in self.days
        ]

    @property
    def spark_title(self) -> str:
        """The strokes in words."""
        failed = sum(bool(day.failed) for day in self.days)
        return f"{words.counted(len(self.days), 'day')}, of which {failed} with a failure"


@dataclass(frozen=True)
class Proof:
    """What the page of one sentence shows."""

    standing: Standing
    row: Row
    before: Standing | None
    after: Standing | None

    def __getattr__(self, name: str) -> object:
        """Speak for the sentence itself in what is not about its proof."""
        return getattr(self.standing, name)

    @property
    def keepers(self) -> tuple[Mark, ...]:
        """The acts that keep it."""
        return self.row.keepers

    @property
    def proofs(self) -> tuple[Mark, ...]:
        """The tests that prove it."""
        return self.row.proofs

    @property
    def no_proofs(self) -> str:
        """What to say where no test is named."""
        if register.proofs_at_hand():
            return "No test proves this sentence yet."
        return "The tests are kept with the source and are not installed here."

    @property
    def since(self) -> datetime | None:
        """Since when it fails, if it does."""
        evidence = self.standing.evidence
        return evidence.since if evidence and evidence.state is State.FAILING else None

    @property
    def limits(self) -> tuple[str, ...]:
        """What the mechanism does not reach yet, in the words that a certificate carries."""
        reaching = {Promise.DE_IDENTIFY, Promise.ACCESS_AND_ERASE} & set(self.row.promises)
        return LIMITS if reaching and self.row.keepers else ()

    @property
    def numbers(self) -> list[tuple[str, str]]:
        """The numbers that it sets, each with what it counts, and whether anything obeys it."""
        set_here = self.standing.clause.numbers if self.standing.clause else ()
        return [
            (
                NUMBERS[name].capitalize(),
                f"{value}" if name in OBEYED else f"{value}; no mechanism obeys this number yet",
            )
            for name, value in set_here
        ]

    @property
    def is_consent_by_use(self) -> bool:
        """Whether it says that use is consent, on which nothing may rest alone."""
        return Promise.BASIS_PER_PURPOSE in self.row.promises

    @property
    def bases(self) -> list[tuple[Purpose, Basis]]:
        """Every purpose with what it rests on."""
        return list(BASES.items())

    @cached_property
    def checks(self) -> list[Watch]:
        """The live checks of its promises."""
        promises = set(self.row.promises)
        latest = {one.check: one for one in (self.standing.evidence.checks if self.standing.evidence else ())}
        named = sorted(name for name, check in CHECKS.items() if promises & set(check.promises))
        days = queries.days(named, most=DAYS)
        return [Watch(name, latest.get(name), tuple(days.get(name, ()))) for name in named]

    @cached_property
    def entries(self) -> list[Logged]:
        """The newest entries of the log about its promises."""
        return queries.newest(self.row.promises, most=NEWEST)


def proof(version: Version, sentence_id: str, *, now: datetime) -> Proof:
    """Return the whole proof of one sentence of this version."""
    found = standings(version.bound, now)
    place = next((n for n, standing in enumerate(found) if standing.id == sentence_id), None)
    if place is None:
        raise NotFound("The policy in force has no sentence with this number; it may have one in another version.")
    row = register.rows(version.bound)[sentence_id]
    return Proof(
        found[place], row, found[place - 1] if place else None, found[place + 1] if place + 1 < len(found) else None
    )
