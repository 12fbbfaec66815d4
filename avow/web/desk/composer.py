"""
Write to everyone about a topic: first a draft and whom it would reach, then, in a second step, the sending.

Holds:    nothing goes before the second step, and sending twice is sending once. Who reads it is never named here.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.communications import campaigns, footers, previewing, queries
from avow.communications.campaign_states import MOVES, State, Stop
from avow.communications.classes import ABOUT, Topic
from avow.communications.deciding import Reason
from avow.communications.models import Campaign
from avow.errors import BadInput, NotFound
from avow.people.desk_roles import Area, May
from avow.web.centre.gate import person_of
from avow.web.desk.gate import staff_only
from avow.web.desk.letters import OUTCOMES, REASONS, STATES


class Writing(forms.Form):
    """What a message to all consists of."""

    topic = forms.ChoiceField(label="Topic", choices=[(topic, ABOUT[topic].capitalize()) for topic in campaigns.LETTER])
    subject = forms.CharField(label="Subject", max_length=campaigns.SUBJECT)
    text = forms.CharField(
        label="Text", widget=forms.Textarea, max_length=campaigns.TEXT,
        help_text="Plain text. The sentence of the policy and the links that end such letters are added beneath.",
    )  # fmt: skip


@staff_only(Area.CAMPAIGNS, May.ACT)
def write(request: HttpRequest) -> HttpResponse:
    """Keep a draft, or show the form: empty, with what an earlier message said, or with what is wrong."""
    form = Writing(request.POST or None, initial=_earlier(request.GET.get("like", "")))
    if request.method == "POST" and form.is_valid():
        try:
            draft = campaigns.compose(**form.cleaned_data, now=timezone.now())
        except BadInput as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("desk-campaign", number=draft.pk)
    return render(request, "avow/desk_write.html", {"form": form}, status=422 if form.errors else 200)


def _earlier(said: str) -> dict[str, str]:
    """Return what an earlier message said, to begin from."""
    try:
        row = campaigns.find(UUID(said))
    except (ValueError, NotFound):
        return {}
    return {"topic": row.topic, "subject": row.subject, "text": row.text}


ACTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "stop": ("Stop it for now", "Stopped. What waits stays in the queue until it goes on or ends."),
        "go-on": ("Let it go on", "It goes on where it stopped."),
        "end-here": ("End it for good", "Ended. What waited is not mailed, and nobody else is written to."),
    }
)
STOPS = {
    Stop.DESK: "somebody at the desk stopped it",
    Stop.LATE: "nothing of it went for more than an hour, so what it says may be out of date",
    Stop.RETURNED: "too many of its mails came back",
    Stop.SPAM: "too many people called it spam",
}


@staff_only(Area.CAMPAIGNS)
def campaign(request: HttpRequest, number: UUID) -> HttpResponse:
    """Show a draft with whom it would reach, or how far it is; send, stop, resume or end it at the button."""
    if request.method == "POST":
        now, act = timezone.now(), request.POST.get("act", "start")
        if act == "start":
            campaigns.start(number, by=person_of(request), now=now)
            messages.success(request, "It is on its way. This page shows how far it is.")
        else:
            messages.success(request, _act(act, number, now))
        return redirect("desk-campaign", number=number)
    return render(request, "avow/desk_campaign.html", shown(campaigns.find(number)))


def _act(act: str, number: UUID, now: datetime) -> str:
    """Do what a button says, and return what to tell."""
    acts = {"stop": campaigns.stop, "go-on": campaigns.go_on, "end-here": campaigns.end_here}
    if act not in acts:
        raise BadInput("There is no such button here; reload the page and use one of those that it shows.")
    acts[act](number, now=now)
    return ACTS[act][1]


def shown(row: Campaign) -> dict[str, object]:
    """Return what the page of a campaign shows."""
    topic, now = Topic(row.topic), timezone.now()
    state = campaigns.state_of(row)
    reach = previewing.reach(topic, now=now) if state is State.DRAFT else None
    return {
        "row": row, "about": ABOUT[topic], "reach": reach, "because": " ".join(footers.because(topic, now)),
        "state": STATES[state], "stopped": STOPS[Stop(row.stopped_for)] if state is State.STOPPED else "",
        "acts": [(act, ACTS[act][0]) for act, move in MOVES.items() if act in ACTS and state in move.begins],
        **({} if state is State.DRAFT else _progress(row, now)),
    }  # fmt: skip


def _progress(row: Campaign, now: datetime) -> dict[str, object]:
    """Return how far a campaign is, as a picture and its table."""
    how = queries.progress(row, now)
    lines = [
        (f"{OUTCOMES.get(state, state)}{f': {why}' if (why := REASONS.get(Reason(reason), '')) else ''}", number)
        for (state, reason), number in how.by_outcome.items()
    ]
    became = Counter[str]()
    for (state, _), number in how.by_outcome.items():
        became[OUTCOMES.get(state, state)] += number
    return {"progress": how, "lines": lines, "picture": list(became.items()), "moment": now}
