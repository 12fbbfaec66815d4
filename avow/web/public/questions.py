"""Ask anything: whether signed in or not, and see how fast questions were answered until now."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.evidence import versions
from avow.people import company
from avow.people.models import Account
from avow.policy.promises import Promise
from avow.requests import case_queries, cases, clocks
from avow.requests.planning import clauses_of
from avow.web import words
from avow.web.public.written import Question, Written, leave


def questions(request: HttpRequest) -> HttpResponse:
    """Show the form and the figures; take in a question."""
    now, signed_in = timezone.now(), isinstance(request.user, Account)
    form = (Question if signed_in else Written)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _taken(request, form)
    version = versions.in_force(now)
    speed = case_queries.first_answers()
    shown = {
        "form": form, "signed_in": signed_in, "contact": company.contact(now), "days": clocks.answer_days(version),
        "sentences": clauses_of(version, Promise.QUESTIONS, Promise.QUESTIONS_ANSWERED), "speed": speed,
        "median": _said(speed.median), "slowest": _said(speed.slowest), "fewest": case_queries.FEWEST,
    }  # fmt: skip
    return render(request, "avow/questions.html", shown, status=422 if form.errors else 200)


def _taken(request: HttpRequest, form: Question) -> HttpResponse:
    now = timezone.now()
    if isinstance(request.user, Account):
        case = cases.ask(request.user.person, form.cleaned_data["text"], now=now)
        messages.success(request, f"Your question has the number {case.number}. The answer comes here, and by mail.")
        return redirect("my-requests")
    assert isinstance(form, Written)
    leave(form, now)
    messages.success(request, "Your question was sent. Its number comes by mail within a minute; the answer follows.")
    return redirect("questions")


def _said(took: timedelta | None) -> str:
    return words.span(took.total_seconds()) if took is not None else ""
