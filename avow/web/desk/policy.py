"""
Publish a new text of the policy: look at what it would change, then publish; and see whom the notices have reached.

Holds:    the first step writes nothing. What is published is byte for byte what was looked at. A text that is refused
          comes back with the sentence that says why, and with what was pasted.
Does not: ask a second officer to confirm; whoever has the desk may publish.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.communications import announcing, changes, notices, publishing
from avow.communications.changes import Changed
from avow.communications.notices import Reach
from avow.communications.publishing import Proposed
from avow.errors import AvowError
from avow.people.desk_roles import Area
from avow.web.desk.gate import staff_only
from avow.web.reading import changing

STAGES = (
    ("due", "not told yet"),
    ("account_only", "in the account, no mail"),
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
    def title(self) -> str:
        """What the picture shows."""
        return f"Notices of version {self.changed.version.number}, by how far they came"

    @property
    def announced(self) -> bool:
        """Whether it stands on the site."""
        return announcing.of_version(self.changed.version.sha256) is not None


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
    now = timezone.now()
    if request.method != "POST":
        return page(request)
    given = pasted(request)
    try:
        proposed = publishing.propose(*given.raw, now=now)
        if request.POST.get("step") != "publish":
            return page(request, given, proposed)
        version = publishing.publish(*given.raw, text=given.announcement, by="the desk", now=now)
    except AvowError as refused:
        return page(request, given, refusal=str(refused))
    messages.success(request, f"Version {version.number} is published and announced; the notices are on their way.")
    return redirect("desk-policy")


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
    reached = [Reached(one, notices.reach(one.version.sha256)) for one in reversed(changes.later())]
    shown = {
        "given": given,
        "proposed": proposed,
        "changes": changing.beside(proposed.changes) if proposed else (),
        "counts": changing.counted(proposed.changes) if proposed else (),
        "refusal": refusal,
        "reached": reached,
    }
    return render(request, "avow/desk_policy.html", shown, status=422 if refusal else 200)
