"""
Openings on the desk: which officer may open whose data and why, what was opened, what was refused.

Holds:    a case is opened with a reason and an end, and never on oneself; the law has a page of its own, where two
          officers sign. Values are shown on a press, to the officer whose case it is, in the form that its reason
          allows; a comparison answers yes or no. A case on the officer who looks is not in the list.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.errors import AvowError
from avow.people import desk
from avow.people.desk_roles import Area, Role
from avow.policy.purposes import ALWAYS, Purpose
from avow.vault import catalogue, comparing, opening, opening_cases
from avow.vault.actor import Actor, staff
from avow.vault.catalogue import PersonalField
from avow.vault.forms import Form
from avow.vault.models import OpeningCase
from avow.vault.opening_cases import OpeningReason
from avow.web import words
from avow.web.centre.gate import person_of
from avow.web.desk.gate import staff_only
from avow.web.desk.whose import asked, whose
from avow.web.reading.openings import Opened, by_field, refused

BY_TWO = "law"  # its reason; such a case comes with a disclosure that two officers signed, and from nowhere else
NOT_SUPPORTS = frozenset({BY_TWO, OpeningReason.SECURITY})  # support looks at somebody's own wish alone
LOOKS_FOR = {OpeningReason.SECURITY: Purpose.SECURITY}  # every other look is for a right of the person


class NewCase(forms.Form):
    """A case as an officer opens it."""

    whose = asked("Whose data")
    reason = forms.ChoiceField(label="Why you look", help_text="The person reads it on their page.")
    reference = forms.CharField(
        label="Your file number", max_length=40, required=False, help_text="Such as 2026/113. No name, no address."
    )
    hours = forms.IntegerField(
        label="Hours until it ends", min_value=1, max_value=24, initial=8, help_text="24 at most; it ends by itself."
    )

    def __init__(self, *given: object, role: Role | None, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]
        without = NOT_SUPPORTS if role is Role.SUPPORT else {BY_TWO}
        reason = cast("forms.ChoiceField", self.fields["reason"])
        reason.choices = [(one.value, one.label) for one in OpeningReason if one not in without]

    def open(self, officer: UUID, now: datetime) -> UUID:
        """Open it."""
        said = self.cleaned_data
        return opening_cases.open_case(
            whose(said["whose"]), officer=officer, reason=OpeningReason(said["reason"]), now=now,
            reference=said["reference"], lasts=timedelta(hours=said["hours"]),
        )  # fmt: skip


class Comparison(forms.Form):
    """What somebody gave, to be held against what is kept."""

    field = forms.ChoiceField(label="Which field")
    given = forms.CharField(label="What you were given", max_length=320, help_text="Five times a day for each field.")

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]
        self.fields["field"] = forms.ChoiceField(
            label="Which field", choices=[(one.name, one.label) for one in catalogue.fields() if _is_kept(one)]
        )


@dataclass(frozen=True)
class Row:
    """One case on the desk."""

    case: OpeningCase
    now: datetime

    @property
    def reason(self) -> str:
        """Why, in words."""
        return OpeningReason(self.case.reason).label

    @property
    def stands(self) -> bool:
        """Whether something can still be opened under it."""
        return self.case.since <= self.now < self.case.ends

    @property
    def officer(self) -> str:
        """Who looks, by the head of their number."""
        return words.head(self.case.officer)

    @property
    def person(self) -> str:
        """Whose data, by the head of their number."""
        return words.head(self.case.person)


@staff_only(Area.OPENINGS)
def openings(request: HttpRequest) -> HttpResponse:
    """Show cases and counts, and open a case."""
    now, officer = timezone.now(), person_of(request)
    form = NewCase(request.POST or None, role=desk.role_of(request.user))
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("desk-opening", form.open(officer, now))
        except AvowError as no:
            form.add_error(None, str(no))
    rows = [Row(case, now) for case in opening_cases.listed(apart_from=officer)]
    found = refused(now)
    shown = {
        "form": form, "standing": [row for row in rows if row.stands], "ended": [row for row in rows if not row.stands],
        "opened": Opened(now), "refused": found, "by_field": by_field(found),
    }  # fmt: skip
    return render(request, "avow/desk_openings.html", shown, status=422 if form.errors else 200)


@staff_only(Area.OPENINGS)
def opened(request: HttpRequest, case: UUID) -> HttpResponse:
    """Show one case, and do what was pressed: look, compare, end."""
    now, officer = timezone.now(), person_of(request)
    found, what = opening_cases.find(case, by=officer), request.POST.get("do", "")
    if what == "end":
        opening_cases.end(case, now=now)
        messages.success(request, "The case has ended. Nothing opens under it any more.")
        return redirect("desk-openings")
    form = Comparison(request.POST if what == "compare" else None)
    values, answer, no = [], None, ""
    try:
        if what == "look":
            values = _look(found, officer, now)
        elif what == "compare" and form.is_valid():
            answer = _compare(found, form, officer, now)
    except AvowError as refusal:
        no = str(refusal)
    shown = {
        "row": Row(opening_cases.find(case), now), "own": found.officer == officer, "form": form, "values": values,
        "looked": what == "look" and not no, "answer": answer, "no": no,
    }  # fmt: skip
    return render(request, "avow/desk_opening.html", shown, status=422 if form.errors or no else 200)


def _look(case: OpeningCase, officer: UUID, now: datetime) -> list[tuple[str, str]]:
    """Open what is kept, in the form that this case is given: label and value."""
    purpose = LOOKS_FOR.get(OpeningReason(case.reason), Purpose.RIGHTS)
    wanted = [one for one in catalogue.fields() if _is_kept(one) and purpose in one.purposes | ALWAYS]
    values = opening.open_fields(case.person, [one.name for one in wanted], purpose, by=_under(case, officer), now=now)
    return [(one.label, values[one.name]) for one in wanted if one.name in values]


def _compare(case: OpeningCase, form: Comparison, officer: UUID, now: datetime) -> bool:
    said, purpose = form.cleaned_data, LOOKS_FOR.get(OpeningReason(case.reason), Purpose.RIGHTS)
    return comparing.compare(case.person, said["field"], said["given"], purpose, by=_under(case, officer), now=now)


def _under(case: OpeningCase, officer: UUID) -> Actor:
    """Act as the officer who looks, under this case alone; another's does not open for them."""
    return staff(officer, case=case.pk)


def _is_kept(field: PersonalField) -> bool:
    """Say whether a field has values in the vault that the desk may see something of."""
    return field.at_the_desk is not Form.COMPARED
