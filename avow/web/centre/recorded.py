"""
What is recorded: what your browser sent by itself, day by day, and what it may be used for.

Holds:    forgetting a day, or all, is done when the page comes back; a second click finds nothing and says so.
"""

from datetime import UTC, date, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from avow.evidence import versions
from avow.people import resting
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.usage import choosing, forgetting, retaining
from avow.usage import recorded as usage
from avow.vault import choices
from avow.web.centre.gate import person_of
from avow.web.reading.recorded import Sheet

SAID = {
    ("personalise", True): "Personalisation is on again.",
    ("personalise", False): "Personalisation is off. What you are shown is what anybody is shown.",
    ("record", True): "What you use is recorded for you again, so that you can see it here.",
    ("rest", True): "Your data rests. Only what your account, its safety and the law need is done with it.",
    ("rest", False): "Your data is used again, as the policy and your other choices say.",
    ("record", False): "From now on, what you use is counted for nobody. What is below stays until you forget it.",
}


@login_required
def recorded(request: HttpRequest) -> HttpResponse:
    """Show what was recorded, newest first."""
    now, person = timezone.now(), person_of(request)
    found = usage.events(person, Purpose.RIGHTS, now=now)
    current = versions.in_force(now)
    sentences = [sentence.id for sentence, clause in current.bound.clauses if clause and NAMED & set(clause.promises)]
    shown = {
        "sheet": Sheet(found, now),
        "chosen": choosing.standing(person, now=now),
        "rests": choices.rests(person),
        "kept": retaining.days_kept(now),
        "sentences": sentences,
    }
    return render(request, "avow/recorded.html", shown)


NAMED = {Promise.COLLECTED_DATA, Promise.PERSONALISATION_CHOICE}


@login_required
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Forget one day, or all."""
    days = _days(request.POST.get("day", ""))
    gone = forgetting.forget_days(person_of(request), days, now=timezone.now())
    what = f"What was recorded on {days[0].day} {days[0]:%B %Y}" if days else "Everything that was recorded"
    messages.success(request, f"{what} is forgotten." if gone else "There was nothing left to forget.")
    return redirect("recorded")


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Switch one use on or off."""
    what, on = request.POST.get("what", ""), request.POST.get("on") == "yes"
    act = {"personalise": choosing.personalise, "record": choosing.record, "rest": resting.rest}.get(what)
    if act:
        act(person_of(request), on=on, now=timezone.now())
        messages.success(request, SAID[what, on])
    return redirect("recorded")


def _days(said: str) -> list[date] | None:
    """Return the day that was asked for; none means all."""
    if not said:
        return None
    try:
        return [datetime.strptime(said, "%Y-%m-%d").replace(tzinfo=UTC).date()]
    except ValueError:
        return [date.min]
