"""
The law on the desk: cases and holds, each signed by two officers; never whose they are.

Holds:    what an officer cannot do has no button, and is refused by the act all the same.
"""

from collections.abc import Callable
from datetime import date, datetime, time
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from avow.errors import AvowError, NotFound
from avow.people import queries
from avow.sharing import disclosures, disclosures_packing, disclosures_queries
from avow.sharing.disclosures import Wish
from avow.sharing.disclosures_states import CLASSES, Class
from avow.vault import holds, holds_ending
from avow.vault.models import Hold
from avow.web.centre.gate import person_of
from avow.web.desk.gate import staff_only

DAY = {"type": "date"}
NO_SPAN = {"required": disclosures.ENDLESS}


class Scope(forms.Form):
    """What every case and hold names."""

    address = forms.EmailField(label="Address of the account", help_text="Whose data it is about.")
    basis = forms.CharField(max_length=200, help_text="Where the order or basis lies: a file number, no names.")

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]
        self.fields["fields"] = forms.MultipleChoiceField(
            choices=[(field.name, field.label) for field in disclosures.in_scope()],
            widget=forms.CheckboxSelectMultiple,
            help_text="Only what is necessary; all of them is refused.",
        )

    def person(self) -> UUID:
        """Return whose address it is."""
        found = queries.person_at(self.cleaned_data["address"])
        if found is None:
            raise NotFound("There is no account with this address; nothing can be held or disclosed about it.")
        return found


class NewCase(Scope):
    """A case as an officer writes it down."""

    authority = forms.CharField(max_length=200, help_text="Who asks.")
    kind = forms.ChoiceField(label="It rests on", choices=[(one.value, words) for one, words in CLASSES.items()])
    since = forms.DateField(label="Values from", widget=forms.DateInput(attrs=DAY), error_messages=NO_SPAN)
    until = forms.DateField(label="Values until", widget=forms.DateInput(attrs=DAY), error_messages=NO_SPAN)
    necessity = forms.CharField(
        label="Why it is necessary", widget=forms.Textarea(attrs={"rows": 3}), help_text="Kept sealed with the case."
    )
    withheld_until = forms.DateField(
        label="Telling the person is forbidden until", widget=forms.DateInput(attrs=DAY), required=False,
        help_text="Empty: they are told at once.",
    )  # fmt: skip

    def wish(self) -> Wish:
        """Return what it asks for."""
        said = self.cleaned_data
        return Wish(
            said["authority"], Class(said["kind"]), said["basis"], self.person(), said["fields"],
            _moment(said["since"], time.min), _moment(said["until"], time.max), said["necessity"],
            _moment(said["withheld_until"], time.max),
        )  # fmt: skip


class NewHold(Scope):
    """A hold as an officer proposes it."""

    until = forms.DateField(
        label="Held until", widget=forms.DateInput(attrs=DAY), help_text="At most ninety days ahead.",
        error_messages={"required": holds.ENDLESS},
    )  # fmt: skip
    gagged = forms.BooleanField(label="Telling the person is forbidden", required=False)


@staff_only
def law(request: HttpRequest) -> HttpResponse:
    """Show cases and holds, and take new ones."""
    asked = request.POST.get("form")
    case = NewCase(request.POST if asked == "case" else None, prefix="case")
    hold = NewHold(request.POST if asked == "hold" else None, prefix="hold")
    if asked == "case" and case.is_valid():
        if _done(case, lambda: disclosures.draft(case.wish(), by=person_of(request), now=timezone.now())):
            return _back(request, "The case is drafted. A second officer must approve it before anything opens.")
    elif asked == "hold" and hold.is_valid() and _done(hold, lambda: _propose(hold, person_of(request))):
        return _back(request, "The hold is proposed. It keeps nothing until a second officer confirms it.")
    shown = {
        "officer": person_of(request), "case": case, "hold": hold,
        "holds": [(one, _can(one, person_of(request))) for one in _holds(person_of(request))],
        "cases": [(one, one.open_to(person_of(request))) for one in disclosures_queries.cases(person_of(request))],
    }  # fmt: skip
    return render(request, "avow/desk_law.html", shown, status=422 if case.errors or hold.errors else 200)


@staff_only
@require_POST
def step(request: HttpRequest, case: UUID, to: str) -> HttpResponse:
    """Take one step with a case; the hand-over answers with the package itself."""
    now, officer = timezone.now(), person_of(request)
    disclosures.find(case, by=officer)
    if to == "hand-over":
        content = disclosures_packing.hand_over(case, now=now)
        named = {
            "Content-Disposition": f'attachment; filename="case-{str(case)[:8]}.json"',
            "Cache-Control": "no-store",
        }
        return HttpResponse(content, content_type="application/json", headers=named)
    steps: dict[str, Callable[[], object]] = {
        "approve": lambda: disclosures.approve(case, by=officer, now=now),
        "pack": lambda: disclosures_packing.pack(case, by=officer, now=now),
        "withdraw": lambda: disclosures.withdraw(case, now=now),
    }
    if to not in steps:
        raise NotFound("There is no such step; the desk shows those that there are.")
    steps[to]()
    return redirect("desk-law")


@staff_only
@require_POST
def hold_step(request: HttpRequest, hold: UUID, to: str) -> HttpResponse:
    """Take one step with a hold."""
    now, officer = timezone.now(), person_of(request)
    longer = timezone.now() + holds.LONGEST
    holds.find(hold, by=officer)
    steps: dict[str, Callable[[], object]] = {
        "confirm": lambda: holds.confirm(hold, by=officer, now=now),
        "longer": lambda: holds.propose_longer(hold, until=longer, by=officer, now=now),
        "confirm-longer": lambda: holds.confirm_longer(hold, by=officer, now=now),
        "release": lambda: holds_ending.release(hold, now=now),
    }
    if to not in steps:
        raise NotFound("There is no such step; the desk shows those that there are.")
    steps[to]()
    return redirect("desk-law")


def _holds(officer: UUID) -> list[Hold]:
    """Return all holds but those on the officer who looks."""
    return list(Hold.objects.exclude(person=officer).order_by("-proposed_at"))


def _can(hold: Hold, officer: UUID) -> list[tuple[str, str]]:
    """Return what this officer can do with a hold now."""
    ways = []
    if hold.state == "proposed" and hold.proposed_by != officer:
        ways.append(("confirm", "Confirm it"))
    if hold.state == "standing" and hold.longer_until is None:
        ways.append(("longer", "Propose ninety days from now"))
    if hold.longer_until and hold.longer_by != officer:
        ways.append(("confirm-longer", "Confirm the longer end"))
    return [*ways, ("release", "End it now")] if hold.state != "ended" else []


def _propose(form: NewHold, officer: UUID) -> UUID:
    said = form.cleaned_data
    return holds.propose(
        form.person(), said["fields"], basis=said["basis"], until=_moment(said["until"], time.max), by=officer,
        now=timezone.now(), gagged=said["gagged"],
    )  # fmt: skip


def _done(form: forms.Form, act: Callable[[], object]) -> bool:
    """Do it, or say at the form why not."""
    try:
        act()
    except AvowError as refused:
        form.add_error(None, str(refused))
        return False
    return True


def _back(request: HttpRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("desk-law")


def _moment(day: date | None, at: time) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, at)) if day else None
