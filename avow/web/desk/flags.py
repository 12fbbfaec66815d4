"""
Flags on the desk: accounts that are a child's, it seems, or of somebody who died; put, looked at, decided.

Holds:    only an officer decides, and nobody about their own account, which is not in the list. What an erasure takes
          is shown on the page before its button is pressed, and the officer says that they saw it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.errors import AvowError
from avow.people.desk_roles import Area
from avow.requests import flags as acts
from avow.requests.flag_models import Decision, Flag, FlagKind
from avow.vault.stores import stores
from avow.web import words
from avow.web.centre.gate import person_of
from avow.web.desk.gate import staff_only
from avow.web.desk.whose import asked, whose


class NewFlag(forms.Form):
    """An account to be looked at."""

    whose = asked("Whose account")
    kind = forms.ChoiceField(label="Why", widget=forms.RadioSelect, choices=FlagKind.choices)
    reference = forms.CharField(
        label="Your file number", max_length=40, required=False, help_text="Of what you read. No name, no address."
    )


class Said(forms.Form):
    """What becomes of it."""

    decision = forms.ChoiceField(label="What becomes of it", widget=forms.RadioSelect, choices=Decision.choices)
    seen = forms.BooleanField(label="I read what an erasure takes, and that nothing brings it back", required=False)

    def clean(self) -> None:
        """Ask for the tick before an erasure."""
        super().clean()
        if self.cleaned_data.get("decision") == Decision.ERASE and not self.cleaned_data["seen"]:
            self.add_error("seen", "Read what goes, and tick this; an erasure cannot be undone.")


@dataclass(frozen=True)
class Row:
    """One flag on the desk."""

    flag: Flag

    @property
    def because(self) -> str:
        """What was said."""
        return FlagKind(self.flag.kind).label

    @property
    def person(self) -> str:
        """Whose account, by the head of their number."""
        return words.head(self.flag.person)

    @property
    def put_by(self) -> str:
        """Who put it, by the head of theirs."""
        return words.head(self.flag.put_by)

    @property
    def decided(self) -> str:
        """What an officer said."""
        return Decision(self.flag.decision).label if self.flag.decision else ""


@staff_only(Area.FLAGS)
def all_flags(request: HttpRequest) -> HttpResponse:
    """Show every flag but those on who looks, and put one."""
    now, officer = timezone.now(), person_of(request)
    form = NewFlag(request.POST or None)
    if form.is_valid() and _put(form, officer, now):
        messages.success(request, "The data of this account rests until it is decided.")
        return redirect("desk-flags")
    rows = [Row(one) for one in acts.listed(apart_from=officer)]
    return render(request, "avow/desk_flags.html", {"rows": rows, "form": form}, status=422 if form.errors else 200)


@staff_only(Area.FLAGS)
def flag(request: HttpRequest, number: UUID) -> HttpResponse:
    """Show one flag and what an erasure would take, and take the decision."""
    officer = person_of(request)
    found = acts.find(number, by=officer)
    form = Said(request.POST or None)
    if form.is_valid():
        try:
            acts.decide(number, Decision(form.cleaned_data["decision"]), by=officer, now=timezone.now())
            messages.success(request, "It is decided, and its person reads it on their page.")
        except AvowError as refused:
            messages.error(request, str(refused))
        return redirect("desk-flags")
    shown = {"row": Row(found), "form": form, "goes": [store.title for store in stores()]}
    return render(request, "avow/desk_flag.html", shown, status=422 if form.errors else 200)


def _put(form: NewFlag, officer: UUID, now: datetime) -> bool:
    said = form.cleaned_data
    try:
        acts.put(whose(said["whose"]), FlagKind(said["kind"]), by=officer, now=now, reference=said["reference"])
    except AvowError as refused:
        form.add_error(None, str(refused))
        return False
    return True
