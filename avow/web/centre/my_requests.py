"""My requests: what a person asked for and wrote about, where it stands, by when it is answered, and what was said."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from avow.errors import BadInput
from avow.requests import case_queries, case_states, cases, queries, threads
from avow.requests.case_models import Case
from avow.requests.threads import Said
from avow.vault.actor import THE_PERSON
from avow.web.centre.gate import person_of
from avow.web.desk.requests import Row
from avow.web.public.written import Question

WRITERS = {"person": "You", "staff": "The company", "service": "The service"}


@dataclass(frozen=True)
class Mine:
    """One case of one's own."""

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

    @cached_property
    def said(self) -> list[tuple[str, Said]]:
        """What was said, with who said it."""
        return [(WRITERS[each.writer], each) for each in threads.read(self.case, by=THE_PERSON, now=self.now)]


@login_required
def my_requests(request: HttpRequest) -> HttpResponse:
    """Show one's requests and cases, with a form for a question."""
    return _page(request, person_of(request))


@login_required
@require_POST
def reply(request: HttpRequest, number: str) -> HttpResponse:
    """Add to a case; a closed one stays as it is, and a new one is opened."""
    try:
        case = cases.reply(person_of(request), number, request.POST.get("text", ""), now=timezone.now())
    except BadInput as wrong:
        messages.error(request, str(wrong))
    else:
        added = "Added to your case." if case.number == number else f"That case was closed; this is case {case.number}."
        messages.success(request, added)
    return redirect("my-requests")


def _page(request: HttpRequest, person: UUID) -> HttpResponse:
    now = timezone.now()
    mine = [Mine(case, now) for case in case_queries.of_person(person)]
    asked = [Row(line) for line in queries.of_person(person, now)]
    return render(request, "avow/my_requests.html", {"cases": mine, "asked": asked, "form": Question()})
