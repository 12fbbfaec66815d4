"""What a page tells of a change of the policy: to all while it is coming or fresh, to a person until they accepted."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse

from avow.communications import announcing, changes, notices
from avow.communications.changes import Changed
from avow.policy.diff import Change, Piece, pieces
from avow.policy.judging import RANK, Class

MEANS = {
    Class.WORDING: "says the same in other words",
    Class.NARROWING: "allows less than before",
    Class.WIDENING: "allows more than before",
    Class.UNCLEAR: "not decided by a rule; treated as if it allowed more",
}


@dataclass(frozen=True)
class Banner:
    """One change as every page tells it."""

    changed: Changed
    text: str
    mark: str | None  # the version, for a reader who has not accepted it: makes a page that carried the notice known
    now: datetime

    @property
    def path(self) -> str:
        """Where the change is shown."""
        return reverse("changes", args=self.changed.path)

    @property
    def effective(self) -> date:
        """From when it governs."""
        return self.changed.version.effective_date

    @property
    def is_coming(self) -> bool:
        """Whether it does not govern yet."""
        return self.now < self.changed.effective_at


def banners(person: UUID | None, now: datetime) -> list[Banner]:
    """Return what to tell this reader, the newest change first."""
    later = changes.later()
    if not later:
        return []
    owed = {row.version for row in notices.open_for(person)} if person else set()
    found = [one for one in later if one.is_to_tell(now) or one.version.sha256 in owed]
    return [_banner(one, now, is_owed=one.version.sha256 in owed) for one in reversed(found)]


@dataclass(frozen=True)
class Beside:
    """One changed sentence with its words marked."""

    change: Change

    @property
    def sides(self) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
        """Before and after, in pieces."""
        return pieces(self.change.before, self.change.after)

    @property
    def before(self) -> tuple[Piece, ...]:
        """What it said."""
        return self.sides[0]

    @property
    def after(self) -> tuple[Piece, ...]:
        """What it says."""
        return self.sides[1]

    @property
    def class_name(self) -> str:
        """The class by its name."""
        return self.change.class_.value

    @property
    def means(self) -> str:
        """The class in words."""
        return MEANS[self.change.class_]


def beside(found: tuple[Change, ...]) -> list[Beside]:
    """Return the changes as a page shows them."""
    return [Beside(change) for change in found]


def counted(found: tuple[Change, ...]) -> list[tuple[str, str, int]]:
    """Count the changes of each class, what goes furthest first."""
    by_class = {one: sum(change.class_ is one for change in found) for one in sorted(Class, key=RANK.__getitem__)}
    return [(one.value, MEANS[one], number) for one, number in reversed(by_class.items()) if number]


def _banner(one: Changed, now: datetime, *, is_owed: bool) -> Banner:
    said = announcing.of_version(one.version.sha256)
    return Banner(one, said.text if said else "", one.version.sha256 if is_owed else None, now)
