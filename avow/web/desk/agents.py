"""Agents on the desk: enter one, grant it fields, end it, and see what became of its errands; never whose they are."""

from datetime import datetime, time
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from avow.errors import AvowError
from avow.people import desk
from avow.people.desk_roles import Area, May
from avow.sharing import agents, agents_register, errands, errands_queries
from avow.vault import recipients
from avow.web.centre.received_by import told
from avow.web.desk.gate import staff_only


class NewAgent(forms.Form):
    """What the register says of an agent."""

    name = forms.CharField(max_length=100)
    service = forms.CharField(max_length=200, help_text="What it does for the company, in a few words.")
    purpose = forms.CharField(max_length=300, help_text="Why it needs data, as it would follow “because it …”.")
    place = forms.CharField(max_length=200, help_text="City and country in which it keeps the data.")
    site = forms.CharField(max_length=200, help_text="Its public site, with https://")
    contact = forms.CharField(max_length=200, help_text="Where a breach or a question is told.")
    subprocessors = forms.CharField(max_length=300, initial="none", label="Its own agents")
    endpoint = forms.CharField(max_length=300, help_text="Where errands go: https, or http on this machine.")


class NewGrant(forms.Form):
    """What an agent may receive, and on what it rests."""

    contract = forms.CharField(max_length=200, help_text="Where the signed contract lies.")
    until = forms.DateField(
        label="Reviewed by", widget=forms.DateInput(attrs={"type": "date"}), help_text="Past this day nothing is sent."
    )

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]
        self.fields["fields"] = forms.MultipleChoiceField(
            choices=[(field.name, field.label) for field in agents.grantable()],
            widget=forms.CheckboxSelectMultiple,
            help_text="Only what it needs for its service.",
        )


@staff_only(Area.AGENTS)
def all_agents(request: HttpRequest) -> HttpResponse:
    """Show agents and errands, and enter a new one."""
    form = NewAgent(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            made = agents.add(said.pop("name"), agents.Facts(**said), now=timezone.now())
        except AvowError as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("desk-agent", made)
    shown = {
        "form": form,
        "agents": agents_register.entries(timezone.now()),
        "lines": told(errands_queries.newest()),
    }
    return render(request, "avow/desk_agents.html", shown, status=422 if form.errors else 200)


@staff_only(Area.AGENTS)
def agent(request: HttpRequest, number: UUID) -> HttpResponse:
    """Show one agent, and grant it fields."""
    found, form = agents.find(number), NewGrant(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            agents.grant(
                number, form.cleaned_data["fields"], contract=form.cleaned_data["contract"],
                until=_end_of(form.cleaned_data["until"]), now=timezone.now(),
            )  # fmt: skip
        except AvowError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Granted. The public register shows it already.")
            return redirect("desk-agent", number)
    acts = desk.may(request.user, Area.AGENTS) is May.ACT  # whoever has the secret speaks for company and agent
    shown = {
        "agent": found, "form": form, "grants": agents.grants_of(number), "now": timezone.now(), "acts": acts,
        "key": agents.secret_of(found).hex() if acts and (settings.DEMO or request.GET.get("key")) else "",
    }  # fmt: skip
    return render(request, "avow/desk_agent.html", shown, status=422 if form.errors else 200)


@staff_only(Area.AGENTS)
@require_POST
def end(request: HttpRequest, number: UUID) -> HttpResponse:
    """End an agent: nothing goes there any more, except orders to delete."""
    recipients.end(agents.find(number).id, now=timezone.now())
    messages.success(request, "Ended. Nothing goes there any more, except orders to delete.")
    return redirect("desk-agents")


@staff_only(Area.AGENTS)
@require_POST
def end_grant(request: HttpRequest, number: UUID, grant: UUID) -> HttpResponse:
    """End one grant."""
    recipients.end_grant(grant, now=timezone.now())
    return redirect("desk-agent", number)


@staff_only(Area.AGENTS)
@require_POST
def again(request: HttpRequest, errand: UUID) -> HttpResponse:
    """Take up an errand that failed."""
    errands.again(errand)
    return redirect("desk-agents")


def _end_of(day: datetime) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.max))
