"""The ledger of messages in counts: by kind and by what became of them."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from avow.communications import campaigns, queries
from avow.communications.campaign_states import State
from avow.communications.deciding import Reason
from avow.people import desk, ports
from avow.people.desk_roles import Area, May
from avow.web.desk.gate import staff_only

OUTCOMES = {
    "waiting": "waits to be handed over",
    "kept": "kept: there is no relay, and no provider",
    "sent": "handed over",
    "expired": "ended before it could go",
    "failed": "could not be delivered",
    "in-doubt": "in doubt",
    "withdrawn": "withdrawn",
    "suppressed": "stopped",
    "in-account": "in the account alone",
}
STATES = {
    State.DRAFT: "draft",
    State.GOING: "on its way",
    State.STOPPED: "stopped: it waits for you",
    State.ENDED: "ended",
}
REASONS = {
    Reason.SWITCHED_OFF: "switched off",
    Reason.ASKED_EARLIER: "the address asked earlier",
    Reason.OBJECTED: "objected",
    Reason.FROZEN: "their data rest",
    Reason.ERASING: "being erased",
    Reason.NOT_ALLOWED: "their policy does not allow it",
    Reason.NO_ADDRESS: "no confirmed address",
    Reason.CAME_BACK: "mail to them came back",
    Reason.ENOUGH: "letters enough this week",
    Reason.NO_MAIL: "the address is none",
    Reason.GATEWAY_REFUSED: "the text gateway refused it",
    Reason.GATEWAY_AWAY: "the text gateway did not take it in time",
}


@dataclass(frozen=True)
class Row:
    """One kind of message."""

    name: str
    by_state: tuple[int, ...]

    @property
    def all(self) -> int:
        """How many there were."""
        return sum(self.by_state)


@staff_only(Area.MESSAGES)
def letters(request: HttpRequest) -> HttpResponse:
    """Show the counts as a picture and as a table."""
    counted = queries.counts()
    states = sorted({state for _, state in counted})
    kinds = [
        Row(kind, tuple(counted.get((kind, state), 0) for state in states))
        for kind in sorted({kind for kind, _ in counted})
    ]
    shown = {"states": states, "kinds": kinds, "picture": [(row.name, row.all) for row in kinds]}
    now = timezone.now()
    shown |= {
        "campaigns": [(one, STATES[campaigns.state_of(one)]) for one in queries.newest_campaigns()],
        "arrives": queries.deliverability(now),
        "texts": queries.texts(now) if ports.texts().can_send() else None,
        "texts_an_hour": settings.TEXTS_AN_HOUR,
    }
    shown["writes"] = desk.may(request.user, Area.CAMPAIGNS) is May.ACT
    return render(request, "avow/desk_messages.html", shown)
