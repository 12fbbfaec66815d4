"""
Cases on the desk: the list with its clocks, and one case with what was said in it.

Holds:    the list shows no name and opens nothing. Looking at one takes it up (`looking`): it is recorded under the
          person's key, and they see that somebody looked. No case is closed from here before it was answered.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.errors import AvowError, Refused
from avow.people.desk_roles import Area, May
from avow.requests import answering, case_queries, case_states, flags, looking
from avow.requests import cases as acts
from avow.requests.case_models import Case
from avow.requests.case_states import CONFIRMED_BY_MAIL, CaseKind, CaseState
from avow.requests.flag_models import FlagKind
from avow.vault import actor
from avow.web import words
from avow.web.centre.gate import person_of
from avow.web.desk.gate import staff_only

OWN = "This case is your own; another one of the desk answers it."
WRITERS = {"person": "They wrote", "staff": "We answered", "service": "The service wrote"}


class Answer(forms.Form):
    """What an officer writes."""

    text = forms.CharField(label="Your answer", max_length=acts.LONGEST, widget=forms.Textarea)


@dataclass(frozen=True)
class Row:
    """One case on the desk."""

    case: Case
    now: datetime

    @property
    def about(self) -> str:
        """What it is about."""
        return case_states.about(self.case.kind)

    @property
    def stands(self) -> str:
        """Where it stands, or how it ended."""
        return case_states.stands(self.case.state, self.case.outcome)

    @property
    def used(self) -> float:
        """How much of the time for a first answer has passed, or had when it came."""
        until = self.case.answered_at or self.now
        given: timedelta = self.case.due_at - self.case.received_at
        return float((until - self.case.received_at) / given) if given else 1.0

    @property
    def late(self) -> bool:
        """Whether the promised day has passed."""
        return self.case.late(self.now)

    @property
    def clock(self) -> str:
        """The clock in words."""
        if self.case.answered_at:
            took = (self.case.answered_at - self.case.received_at).total_seconds()
            return f"answered after {words.span(took)}"
        return f"due {words.ago(self.case.due_at, self.now)}"


@staff_only(Area.CASES)
def cases(request: HttpRequest) -> HttpResponse:
    """Show every case, the open ones first."""
    now = timezone.now()
    found = [Row(case, now) for case in case_queries.unfinished()]
    shown = {"rows": found, "ended": [Row(case, now) for case in case_queries.ended()], "late": case_queries.late(now)}
    return render(request, "avow/desk_cases.html", shown)


@staff_only(Area.CASES, May.ACT)
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Show one case, and do what its form says."""
    found, now = acts.find(number), timezone.now()
    if found.person == person_of(request):
        raise Refused(OWN)
    form = Answer(request.POST if request.POST.get("do") == "answer" else None)
    if request.method == "POST" and (form.is_valid() or request.POST.get("do") != "answer"):
        return _do(request, found, form, now)
    said = looking.take_up(found, officer=person_of(request), now=now)
    shown = {
        "row": Row(found, now), "form": form, "can_confirm": _can_confirm(found), "kinds": sorted(CONFIRMED_BY_MAIL),
        "said": [(WRITERS[one.writer], one) for one in said],
        "can_close": found.is_open and found.answered_at is not None, "known": found.person is not None,
    }  # fmt: skip
    return render(request, "avow/desk_case.html", shown, status=422 if form.errors else 200)


def _do(request: HttpRequest, found: Case, form: Answer, now: datetime) -> HttpResponse:
    """Do what was pressed; a refusal is shown on the case's own page."""
    by, what = actor.staff(person_of(request)), request.POST.get("do", "")
    try:
        if what == "answer":
            last = bool(request.POST.get("last"))
            answering.answer(found, form.cleaned_data["text"], by=by, now=now, last=last)
            messages.success(request, "The answer is in the thread, and on its way by mail.")
        elif what == "close":
            answering.close(found, by=by, now=now)
            messages.success(request, "The case is closed.")
        elif what in set(FlagKind) and found.person is not None:
            flags.put(found.person, FlagKind(what), by=person_of(request), now=now, reference=found.number)
            messages.success(request, "The data of this account rests, and an officer decides what becomes of it.")
        elif what in set(CONFIRMED_BY_MAIL):
            answering.treat_as(found, CaseKind(what), by=by, now=now)
            messages.success(request, "A link to confirm it goes to the address on file.")
    except AvowError as refused:
        messages.error(request, str(refused))
    return redirect("desk-case", found.number)


def _can_confirm(found: Case) -> bool:
    return found.person is not None and found.state == CaseState.DESK
