"""
Releases on the desk: propose, check, approve, publish, hand over; and what is left of the budget.

Holds:    each button is one act of `avow.sharing`; what it refuses is said in its own sentence, on the same page.
          A link is shown once, in the answer to the click that made it.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from avow.errors import AvowError, BadInput
from avow.people.desk_roles import Area
from avow.sharing import handing_over, proposing, release_queries, releasing, spending
from avow.sharing.release_queries import Line
from avow.web.centre.gate import person_of
from avow.web.desk.gate import staff_only
from avow.web.desk.release_forms import FORMS, Proposal

STATES = {
    "proposed": "proposed: its check comes first",
    "refused": "refused, until it is mended",
    "checked": "checked: waits for the approval of two officers",
    "approved": "approved by two officers: may be published",
    "publishing": "being published",
    "published": "published",
    "withdrawn": "withdrawn",
}
DONE = {
    "check": "Checked.", "approve": "Approved.", "publish": "Published.", "withdraw": "Withdrawn.",
    "revoke": "Every link of it is closed.",
}  # fmt: skip
ACTS: dict[str, Callable[[UUID, UUID, datetime], object]] = {
    "check": lambda release, _officer, now: releasing.check(release, now=now),
    "approve": lambda release, officer, now: releasing.approve(release, officer, now=now),
    "publish": lambda release, _officer, now: releasing.publish(release, now=now),
    "revoke": lambda release, _officer, now: handing_over.revoke(release, now=now),
    "withdraw": lambda release, _officer, _now: proposing.withdraw(release),
}


@staff_only(Area.RELEASES)
def releases(request: HttpRequest) -> HttpResponse:
    """Show the list and the budget, and take a proposal."""
    now, kind = timezone.now(), request.POST.get("kind", "")
    forms = {name: form(request.POST if name == kind else None, prefix=name) for name, form in FORMS.items()}
    if kind in forms and forms[kind].is_valid():
        try:
            made = proposing.propose(forms[kind].given(), by=person_of(request), now=now)
            return redirect("desk-release", made)
        except BadInput as refused:
            forms[kind].add_error(None, str(refused))
    year = now.year
    steps = release_queries.burn_down(year, now=now)
    shown = {
        "lines": [(line, STATES[line.row.state]) for line in release_queries.lines()],
        "forms": [(form, form.kind.value, form.kind.name.lower()) for form in forms.values()],
        "steps": steps, "year": year, "limits": spending.limits(now),
        "picture": [(f"{step.what}", step.left) for step in steps],
    }  # fmt: skip
    return render(
        request, "avow/desk_releases.html", shown, status=422 if any(f.errors for f in forms.values()) else 200
    )


@staff_only(Area.RELEASES)
def release(request: HttpRequest, number: UUID) -> HttpResponse:
    """Show one release, and do what its buttons say."""
    line = release_queries.line(number)
    if line is None:
        raise Http404
    act = request.POST.get("act", "")
    if act == "link":
        return _link(request, line)
    if act == "change":
        return _change(request, line)
    if act in ACTS:
        try:
            ACTS[act](number, person_of(request), timezone.now())
            messages.success(request, DONE[act])
        except AvowError as refused:
            messages.error(request, str(refused))
        return redirect("desk-release", number)
    return _page(request, line)


def _link(request: HttpRequest, line: Line) -> HttpResponse:
    """Make a link and show it this once."""
    try:
        token = handing_over.make_link(line.row.pk, now=timezone.now())
    except AvowError as refused:
        messages.error(request, str(refused))
        return redirect("desk-release", line.row.pk)
    return _page(request, line, link=settings.BASE_URL + reverse("partner", args=[token]))


def _change(request: HttpRequest, line: Line) -> HttpResponse:
    """Replace the specification by what the form says."""
    form = FORMS[line.row.kind](request.POST)
    if form.is_valid():
        try:
            proposing.change(line.row.pk, form.given())
            messages.success(request, "Changed; what was found and approved of the old text is void.")
            return redirect("desk-release", line.row.pk)
        except AvowError as refused:
            form.add_error(None, str(refused))
    return _page(request, line, form=form)


def _page(request: HttpRequest, line: Line, *, link: str = "", form: Proposal | None = None) -> HttpResponse:
    own = line.row.approvals.filter(officer=person_of(request)).exists()
    shown = {
        "line": line, "state": STATES[line.row.state], "figures": line.row.figures, "link": link, "own": own,
        "form": form or FORMS[line.row.kind](initial=_initial(line)),
        "may_change": line.row.state in {"proposed", "refused", "checked", "approved"},
    }  # fmt: skip
    return render(request, "avow/desk_release.html", shown, status=422 if form and form.errors else 200)


def _initial(line: Line) -> dict[str, object]:
    spec = line.row.spec
    lists = {"pages": "\n".join(spec["pages"]), "columns": " ".join(spec["columns"][1:])}
    return {**spec, **lists, "sensitive": next(iter(spec["sensitive"]), "")}
