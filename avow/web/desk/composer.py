"""
Write to everyone about a topic: first a draft and whom it would reach, then, in a second step, the sending.

Holds:    nothing goes before the second step, and sending twice is sending once. Who reads it is never named here.
"""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.communications import campaigns, footers, previewing
from avow.communications.classes import ABOUT, Topic
from avow.communications.models import Campaign
from avow.errors import BadInput
from avow.people.desk_roles import Area, May
from avow.web.centre.gate import person_of
from avow.web.desk.gate import staff_only


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
    """Keep a draft, or show the form with what is wrong."""
    form = Writing(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            draft = campaigns.compose(**form.cleaned_data, now=timezone.now())
        except BadInput as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("desk-campaign", number=draft.pk)
    return render(request, "avow/desk_write.html", {"form": form}, status=422 if form.errors else 200)


@staff_only(Area.CAMPAIGNS)
def campaign(request: HttpRequest, number: UUID) -> HttpResponse:
    """Show a draft with whom it would reach, or how far it is; send it at the button."""
    if request.method == "POST":
        campaigns.start(number, by=person_of(request), now=timezone.now())
        messages.success(request, "It is on its way. This page shows how far it is.")
        return redirect("desk-campaign", number=number)
    return render(request, "avow/desk_campaign.html", shown(campaigns.find(number)))


def shown(row: Campaign) -> dict[str, object]:
    """Return what the page of a campaign shows."""
    topic, now = Topic(row.topic), timezone.now()
    reach = None if row.started_at else previewing.reach(topic, now=now)
    return {"row": row, "about": ABOUT[topic], "reach": reach, "because": " ".join(footers.because(topic, now))}
