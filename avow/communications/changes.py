"""
The change that each version brought, as pages, letters and checks speak of it.

Holds:    a version that follows another has one change; the first has none. What changed is computed from the frozen
          texts and is never stored, so it cannot differ from them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

from avow.errors import NotFound
from avow.evidence import versions
from avow.evidence.versions import Version
from avow.policy.diff import Change, diff, worst
from avow.policy.judging import Class

FRESH = timedelta(days=30)  # for so long after it took effect, everybody is still told of a change
SHOWN_IN_A_LETTER = 12


@dataclass(frozen=True)
class Changed:
    """One version with the one before it."""

    before: Version
    version: Version

    @property
    def changes(self) -> tuple[Change, ...]:
        """What changed, sentence by sentence."""
        return between(self.before, self.version)

    @property
    def class_(self) -> Class:
        """How far the change goes as a whole."""
        return worst(self.changes)

    @property
    def effective_at(self) -> datetime:
        """The moment from which the text governs."""
        return effective_at(self.version)

    def is_to_tell(self, now: datetime) -> bool:
        """Say whether everybody is told of it: it is to come, or is fresh."""
        return self.version.published_at <= now <= self.effective_at + FRESH

    @property
    def path(self) -> tuple[int, int]:
        """The two numbers of its page."""
        return self.before.number, self.version.number


def between(old: Version, new: Version) -> tuple[Change, ...]:
    """Return what changed between any two versions."""
    return _between(old.sha256, old.clauses, new.sha256, new.clauses)


def effective_at(version: Version) -> datetime:
    """Return midnight UTC of the day on which a version takes effect."""
    return datetime.combine(version.effective_date, time(), UTC)


def changed(policy: str) -> Changed:
    """Return the change that a version brought; the first brought none."""
    version = versions.read(policy)
    if not version.parent:
        raise NotFound("The first version of the policy changed nothing; /policy/versions lists them all.")
    return Changed(versions.read(version.parent), version)


def later() -> list[Changed]:
    """Return the change of every version but the first, the oldest first."""
    found = versions.all_versions()
    return [Changed(before, version) for before, version in pairwise(found)]


def in_words(changes: tuple[Change, ...]) -> str:
    """Say what changed in plain lines, for a letter."""
    lines = [f"§ {one.id}, {one.fortune.value} ({one.class_.value}):\n{_quoted(one)}" for one in changes]
    more = len(lines) - SHOWN_IN_A_LETTER
    return "\n\n".join([*lines[:SHOWN_IN_A_LETTER], *([f"and {more} more."] if more > 0 else [])])


def _quoted(change: Change) -> str:
    said = (("It said: ", change.before), ("It says: ", change.after))
    return "\n".join(f"  {lead}{text}" for lead, text in said if text)


@lru_cache(maxsize=32)
def _between(old: str, _old_table: bytes, new: str, _new_table: bytes) -> tuple[Change, ...]:
    return diff(versions.read(old).bound, versions.read(new).bound)
