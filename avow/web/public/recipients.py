"""Who receives what: the register of agents as everybody may read it, and how often the law has asked."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from avow.evidence import versions
from avow.policy.promises import Promise
from avow.sharing import agents_register, disclosures_queries


def recipients(request: HttpRequest) -> HttpResponse:
    """Show the register."""
    return render(request, "avow/recipients.html", shown(timezone.now()))


def shown(now: datetime) -> dict[str, object]:
    """Return what the page says."""
    return {
        "agents": agents_register.entries(now),
        "law": disclosures_queries.counts(),
        "sentences": _sentences(now, {Promise.AGENT_REGISTER, Promise.AGENT_NECESSITY}),
    }


def _sentences(now: datetime, promises: set[Promise]) -> list[str]:
    """Name the sentences of the policy in force that make these promises."""
    bound = versions.in_force(now).bound.clauses
    return [sentence.id for sentence, clause in bound if clause and promises & set(clause.promises)]
