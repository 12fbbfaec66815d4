"""
Incidents on the desk: the register with its clocks, and one page for each, from which every step is taken.

Holds:    a step that cannot be taken has no form, and is refused by the act all the same. People stand there as counts,
          and as numbers for whoever opens a case for one of them; never by name. An incident about the officer who
          looks is not there.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.communications.letters import Letter
from avow.errors import AvowError, NotFound
from avow.people.desk_roles import Area
from avow.sharing import (
    incidents,
    incidents_counting,
    incidents_filing,
    incidents_queries,
    incidents_telling,
)
from avow.sharing import incidents_words as words
from avow.sharing.incidents_models import Incident, IncidentDecision
from avow.sharing.incidents_queries import Line
from avow.sharing.incidents_states import Step, possible
from avow.sharing.incidents_words import Topic
from avow.web.centre.gate import person_of
from avow.web.desk.gate import staff_only
from avow.web.desk.incident_forms import NewIncident, Tell, floor
from avow.web.desk.incident_steps import LOOKS, WAYS, At
from avow.web.desk.law import done

AT_ONCE = 50  # numbers of people on one page
PROPOSED = {
    Step.AUTHORITY_NOT_OWED: "that the authority need not be told",
    Step.PEOPLE_NOT_OWED: "that the people need not be told",
    Step.CLOSE: "that it is over",
}


@staff_only(Area.INCIDENTS)
def register(request: HttpRequest) -> HttpResponse:
    """Show the register, and take a new incident."""
    officer, now = person_of(request), timezone.now()
    form = NewIncident(request.POST or None, initial={"aware_at": floor(now)})
    if form.is_valid():
        number = form.cleaned_data["number"]
        if done(form, lambda: incidents.register(form.report(), number=number, by=officer, now=now)):
            messages.success(request, "The incident is registered. Its 72 hours run from when somebody became aware.")
            return redirect("desk-incident", number)
    lines = incidents_queries.lines(officer, now)
    return render(
        request, "avow/desk_incidents.html", {"lines": lines, "form": form}, status=422 if form.errors else 200
    )


@staff_only(Area.INCIDENTS)
def incident(request: HttpRequest, number: UUID) -> HttpResponse:
    """Show one incident, and take the step whose form was sent."""
    officer, now = person_of(request), timezone.now()
    row = incidents.find(number, by=officer)
    page, do = Page(row, officer, now), request.POST.get("do", "")
    if request.method == "POST" and page.takes(do, request):
        messages.success(request, WAYS[do].said)
        return redirect("desk-incident", number)
    return render(request, "avow/desk_incident.html", page.shown(request), status=422 if page.sent else 200)


@staff_only(Area.INCIDENTS)
def notice(request: HttpRequest, number: UUID, phase: int = 0) -> HttpResponse:
    """Hand the officer the authority's notice as a file: as it would be told now, or as it was told in a phase."""
    now = timezone.now()
    row = incidents.find(number, by=person_of(request))
    said = incidents_filing.as_told(row, phase, now=now) if phase else incidents_filing.next_document(row, now=now)
    if said is None:
        raise NotFound("The authority was told nothing in this phase, or its key was lost; the page lists the phases.")
    name = f"incident-{str(number)[:8]}-{phase or 'draft'}.txt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(said, content_type="text/plain; charset=utf-8", headers=headers)


@dataclass(frozen=True)
class Proposal:
    """What waits for a second officer."""

    one: IncidentDecision
    about: str
    why: str
    own: bool  # of the officer who looks, who cannot agree to it


@dataclass
class Page:
    """The page of one incident: what it shows, its forms, and what each does."""

    row: Incident
    officer: UUID
    now: datetime
    sent: forms.Form | None = None  # the form that was sent and refused, as it was typed
    do: str = ""
    letter: Letter | None = None

    def takes(self, do: str, request: HttpRequest) -> bool:
        """Take the step whose form was sent; False when the page is to show it again."""
        if do not in WAYS:
            raise NotFound("There is no such step; the incident’s page shows those that there are.")
        way, form = WAYS[do], WAYS[do].form(request.POST, prefix=do)
        self.do, self.sent = do, form
        if not form.is_valid():
            return False
        if isinstance(form, Tell) and "look" in request.POST:
            return self._look_at(form)
        at = At(self.row.pk, _number(request.POST.get("about", "")), self.officer, self.now)
        return done(form, lambda: way.act(at, form))

    def _look_at(self, form: Tell) -> bool:
        """Show the letter as everybody will read it."""
        try:
            self.letter = incidents_telling.preview(self.row, form.said(), now=self.now)
        except AvowError as refused:
            form.add_error(None, str(refused))
        return False

    def shown(self, request: HttpRequest) -> dict[str, object]:
        """Return what the page says."""
        row, waiting = self.row, incidents_queries.waiting(self.row)
        can = possible(row.place) - {Step(one.step) for one in waiting}  # what is proposed needs no second proposal
        after = _number(request.GET.get("after", "")) if request.GET.get("after") else None
        counts = incidents_counting.counts(row)
        numbers = incidents_counting.numbers(row, after=after, at_most=AT_ONCE)
        return {
            "line": Line(row, self.now, counts.here), "can": {step.name.lower() for step in can}, "counts": counts,
            "reach": incidents_counting.reach(row), "looks": incidents_queries.looks(row), "numbers": numbers,
            "next": numbers[-1] if len(numbers) == AT_ONCE else None,
            "filings": incidents_queries.filings(row), "said": words.of(row, now=self.now),
            "waiting": [self._proposal(one) for one in waiting],
            "decided": [(PROPOSED[Step(one.step)], one) for one in incidents_queries.decided(row)],
            "forms": self._forms(), "looking": self._looking(), "letter": self.letter, "do": self.do,
            "refused": None if self._is_shown(can) else self.sent,
        }  # fmt: skip

    def _is_shown(self, can: Collection[Step]) -> bool:
        """Say whether the form that was sent stands on the page, to carry its own errors."""
        needs = {**dict.fromkeys((*LOOKS, "named", "add"), Step.ASSESS), **{step.value: step for step in Step}}
        return needs.get(self.do) in can

    def _proposal(self, one: IncidentDecision) -> Proposal:
        """Return what waits for a second officer, with the first one's words."""
        why = words.text_of(self.row, one.reason, now=self.now)
        return Proposal(one, PROPOSED[Step(one.step)], why, one.first == self.officer)

    def _looking(self) -> list[tuple[str, str, forms.Form]]:
        """Return the ways of looking, each with its form."""
        return [(do, title, self._form(do)) for do, title in LOOKS.items()]

    def _forms(self) -> dict[str, forms.Form]:
        """Return the forms of all steps, filled with what is known; the one that was sent as it was typed."""
        last = words.newest(self.row, (Topic.CONSEQUENCES, Topic.MEASURES), now=self.now)
        known: dict[str, Any] = {topic.value: text for topic, text in last.items()}
        assessed = {"risk": self.row.risk, "fields_touched": self.row.fields, "records": self.row.records}
        filled = {"assess": known | assessed, "tell": known, "file": {"told_at": floor(self.now)}}
        return {do.replace("-", "_"): self._form(do, filled.get(do)) for do in WAYS}

    def _form(self, do: str, initial: dict[str, Any] | None = None) -> forms.Form:
        return self.sent if self.sent and self.do == do else WAYS[do].form(prefix=do, initial=initial)


def _number(said: str) -> UUID:
    """Return the number that a button stands for."""
    try:
        return UUID(said)
    except ValueError:
        return UUID(int=0)  # nobody's: whatever looks for it says that there is none
