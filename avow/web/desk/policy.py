"""
Publish a new text of the policy: look at what it would change, then publish; and see whom the notices have reached.

Holds:    the first step writes nothing. What is published is byte for byte what was looked at. A text that is refused
          comes back with the sentence that says why, and with what was pasted.
          Beyond wording it waits for another officer (`next_text`), and stands here with what it would do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.communications import announcing, changes, next_text, notices, publishing
from avow.communications.changes import Changed
from avow.communications.models import NextText
from avow.communications.notices import Reach
from avow.communications.publishing import Proposed
from avow.errors import AvowError, NotFound
from avow.evidence.versions import Version
from avow.people.desk_roles import Area
from avow.web.centre.gate import person_of
from avow.web.desk.gate import staff_only
from avow.web.reading import changing, foreseen
from avow.web.reading.changing import Beside
from avow.web.reading.foreseen import Foreseen

SETTLES = frozenset({"approve", "withdraw"})
PUBLISHED = "Version {} is published and announced; the notices are on their way."
PUT = "It waits for another officer, who publishes it from this page. Nothing is published yet."
STAGES = (
    ("due", "not told yet"),
    ("account_only", "in the account, no mail"),
    ("bounced", "mail came back, not shown yet"),
    ("mailed", "mailed, not shown yet"),
    ("shown", "shown on a page"),
    ("accepted", "shown and accepted by use"),
)


@dataclass(frozen=True)
class Reached:
    """How far one version's notice has come."""

    changed: Changed
    reach: Reach

    @property
    def rows(self) -> list[tuple[str, int]]:
        """Each stage with its people."""
        return [(said, getattr(self.reach, name)) for name, said in STAGES]

    @property
    def coverage(self) -> list[tuple[date, int]]:
        """How many in 100 it had reached, day by day."""
        return notices.coverage(self.changed.version.sha256, now=timezone.now())

    @property
    def title(self) -> str:
        """What the picture shows."""
        return f"Notices of version {self.changed.version.number}, by how far they came"

    @property
    def announced(self) -> bool:
        """Whether it stands on the site."""
        return announcing.of_version(self.changed.version.sha256) is not None


@dataclass(frozen=True)
class Waits:
    """A text that waits for its second officer, and what publishing it would do today."""

    row: NextText
    own: bool
    proposed: Proposed | None
    against: str  # what stands against it today
    changes: Sequence[Beside]
    foreseen: Foreseen | None = None

    @classmethod
    def of(cls, row: NextText, officer: UUID) -> "Waits":
        """Judge it as it would be judged now."""
        try:
            found = publishing.propose(bytes(row.text), bytes(row.clauses), now=timezone.now())
        except AvowError as refused:
            return cls(row, row.put_by == officer, None, str(refused), ())
        effects = foreseen.foresee(found, now=timezone.now())
        return cls(row, row.put_by == officer, found, "", changing.beside(found.changes), effects)


@dataclass(frozen=True)
class Pasted:
    """What an officer gave."""

    text: str
    table: str
    announcement: str

    @property
    def raw(self) -> tuple[bytes, bytes]:
        """Text and table as they will be frozen."""
        return self.text.encode(), self.table.encode()


@staff_only(Area.POLICY)
def publish(request: HttpRequest) -> HttpResponse:
    """Show the form, what a text would change, or publish it."""
    now, officer = timezone.now(), person_of(request)
    if request.method != "POST":
        return page(request)
    given, step = pasted(request), request.POST.get("step", "")
    try:
        if step in SETTLES:
            return _settled(request, step, officer, now)
        if step != "publish":
            return page(request, given, publishing.propose(*given.raw, now=now))
        made = next_text.submit(*given.raw, text=given.announcement, by=officer, now=now)
    except AvowError as refused:
        return page(request, given, refusal=str(refused))
    messages.success(request, PUBLISHED.format(made.number) if isinstance(made, Version) else PUT)
    return redirect("desk-policy")


def _settled(request: HttpRequest, step: str, officer: UUID, now: datetime) -> HttpResponse:
    """Publish the text that waits, or withdraw it."""
    number = _number(request.POST.get("number", ""))
    if step == "withdraw":
        next_text.withdraw(number, by=officer, now=now)
        messages.success(request, "The text is withdrawn; nothing was published.")
    else:
        version = next_text.approve(number, by=officer, now=now)
        messages.success(request, PUBLISHED.format(version.number))
    return redirect("desk-policy")


def _number(said: str) -> UUID:
    try:
        return UUID(said)
    except ValueError:
        raise NotFound(next_text.GONE) from None


def pasted(request: HttpRequest) -> Pasted:
    """Return what was uploaded or pasted, with the line ends that a file has."""
    return Pasted(*(_given(request, name) for name in ("text", "table", "announcement")))


def _given(request: HttpRequest, name: str) -> str:
    file = request.FILES.get(f"{name}_file")
    given = file.read().decode(errors="replace") if file else request.POST.get(name, "")
    return given.replace("\r\n", "\n")


def page(
    request: HttpRequest, given: Pasted | None = None, proposed: Proposed | None = None, refusal: str = ""
) -> HttpResponse:
    """Render the page."""
    row = next_text.waiting()
    waits = Waits.of(row, person_of(request)) if row and not proposed else None
    reached = [Reached(one, notices.reach(one.version.sha256)) for one in reversed(changes.later())]
    shown = {
        "given": given,
        "proposed": proposed,
        "changes": changing.beside(proposed.changes) if proposed else (),
        "counts": changing.counted(proposed.changes) if proposed else (),
        "foreseen": foreseen.foresee(proposed, now=timezone.now()) if proposed else None,
        "refusal": refusal,
        "reached": reached,
        "waits": waits,
    }
    return render(request, "avow/desk_policy.html", shown, status=422 if refusal else 200)
