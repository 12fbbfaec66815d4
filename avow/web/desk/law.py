"""
The law on the desk: cases, each signed by two officers; never whose they are. Holds have a page of their own (`holds`).

Holds:    what an officer cannot do has no button, and is refused by the act all the same.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from avow.errors import AvowError, NotFound
from avow.people import desk, queries
from avow.people.desk_roles import Area, May
from avow.sharing import disclosures, disclosures_packing, disclosures_queries
from avow.sharing.disclosures import Wish
from avow.sharing.disclosures_states import CLASSES, Class
from avow.vault import holds
from avow.vault.models import Hold
from avow.web.centre.gate import person_of
from avow.web.desk.gate import staff_only

DAY = {"type": "date"}
NO_SPAN = {"required": disclosures.ENDLESS}


class Scope(forms.Form):
    """What every case, and every hold, names."""

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
    """A case as an officer writes it down, about an account or about what a hold kept of an erased person."""

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

    def __init__(self, *given: object, kept: Sequence[Hold] = (), **named: object) -> None:
        super().__init__(*given, **named)
        if kept:
            self.fields["address"].required = False
            self.fields["hold"] = forms.ChoiceField(
                label="Or what a hold kept of an erased person", required=False,
                choices=[("", "no hold"), *((str(one.pk), f"{one.basis}, until {one.until:%d %B %Y}") for one in kept)],
                help_text="Instead of an address.",
            )  # fmt: skip
            self.order_fields(["address", "hold"])

    def wish(self) -> Wish:
        """Return what it asks for."""
        said = self.cleaned_data
        hold = UUID(said["hold"]) if said.get("hold") else None
        person = self.person() if said["address"] else None
        return Wish(
            said["authority"], Class(said["kind"]), said["basis"], person, said["fields"],
            moment(said["since"], time.min), moment(said["until"], time.max), said["necessity"],
            moment(said["withheld_until"], time.max), hold,
        )  # fmt: skip


@staff_only(Area.LAW)
def law(request: HttpRequest) -> HttpResponse:
    """Show cases, and take new ones."""
    officer, now = person_of(request), timezone.now()
    said = request.POST if request.POST.get("form") == "case" else None
    case = NewCase(said, prefix="case", kept=holds.keeping(apart_from=officer, now=now))
    if case.is_valid() and done(case, lambda: disclosures.draft(case.wish(), by=officer, now=now)):
        messages.success(request, "The case is drafted. A second officer must approve it before anything opens.")
        return redirect("desk-law")
    signs = desk.may(request.user, Area.LAW) is May.ACT
    shown = {
        "officer": officer, "case": case,
        "cases": [(one, one.open_to(officer)) for one in disclosures_queries.cases(officer, now, signs=signs)],
    }  # fmt: skip
    return render(request, "avow/desk_law.html", shown, status=422 if case.errors else 200)


@staff_only(Area.LAW)
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


def done(form: forms.Form, act: Callable[[], object]) -> bool:
    """Do it, or say at the form why not."""
    try:
        act()
    except AvowError as refused:
        form.add_error(None, str(refused))
        return False
    return True


def moment(day: date | None, at: time) -> datetime | None:
    """Return the first or the last moment of a day, or none of none."""
    return timezone.make_aware(datetime.combine(day, at)) if day else None
