"""The ledger of messages in counts: by kind and by what became of them."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from avow.communications import queries
from avow.people import desk
from avow.people.desk_roles import Area, May
from avow.web.desk.gate import staff_only


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
    shown["writes"] = desk.may(request.user, Area.CAMPAIGNS) is May.ACT
    return render(request, "avow/desk_messages.html", shown)
