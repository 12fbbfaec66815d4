"""What every page needs: whose house this is and which doors stand open to this reader.

Holds:    beside the company's name, which the policy in force gives, and a change that is to be told, nothing is
          looked up.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from avow.communications import demo_box
from avow.people import company, desk, guards, passkeys, ports
from avow.people.desk_roles import Area
from avow.web.noticing import signed_in
from avow.web.reading import changing

Named = tuple[tuple[str, str], ...]
CENTRE: Named = (
    ("My data", "my-data"),
    ("What is recorded", "recorded"),
    ("Messages and choices", "messages"),
    ("My requests", "my-requests"),
    ("Who received what", "received-by"),
    ("The policy", "policy"),
    ("Delete", "delete"),
)
DESK: tuple[tuple[str, str, Area], ...] = (
    ("Wall", "wall", Area.WALL),
    ("Requests", "desk-requests", Area.REQUESTS),
    ("Cases", "desk-cases", Area.CASES),
    ("Messages", "desk-messages", Area.MESSAGES),
    ("Usage", "desk-usage", Area.USAGE),
    ("Improvement", "desk-improvement", Area.USAGE),
    ("Releases", "desk-releases", Area.RELEASES),
    ("Agents", "desk-agents", Area.AGENTS),
    ("Law", "desk-law", Area.LAW),
    ("Holds", "desk-holds", Area.HOLDS),
    ("Incidents", "desk-incidents", Area.INCIDENTS),
    ("Openings", "desk-openings", Area.OPENINGS),
    ("Flags", "desk-flags", Area.FLAGS),
    ("Policy", "desk-policy", Area.POLICY),
    ("Staff", "desk-staff", Area.STAFF),
)
OUTSIDE: Named = (
    ("The policy", "policy"),
    ("Questions", "questions"),
    ("Sign in", "account_login"),
    ("Create an account", "account_signup"),
)


@dataclass(frozen=True)
class Door:
    """One way in the navigation."""

    name: str
    path: str
    here: bool
    aside: bool = False


def house(request: HttpRequest) -> dict[str, object]:
    """Return what the frame of each page shows."""
    at_desk = request.path.startswith("/desk")
    return {
        "house": {
            "company": company.name(timezone.now()),
            "where": "Desk" if at_desk else "Doors",
            "looks_as": getattr(request, "looks_as", None),  # who sees this page of the desk and changes nothing of it
            "doors": doors(request, at_desk=at_desk),
            "demo_mail": demo_box.is_open(),
            "demo_texts": demo_box.shows_texts(),
            "changing": changing.banners(signed_in(request), timezone.now()),
            "accounts_here": settings.ACCOUNTS_HERE,
            "texts": settings.ACCOUNTS_HERE and ports.texts().can_send(),
            "passkeys": passkeys_for(request) if settings.ACCOUNTS_HERE else {},
            "third_parties": [
                {"name": name, "path": reverse("openid_connect_login", args=[id_])}
                for id_, name in guards.offers().items()
            ],
        }
    }


def passkeys_for(request: HttpRequest) -> dict[str, object]:
    """Return where passkeys work, and whether that is here: browsers give none to another name of this house."""
    at = passkeys.place()
    return {"at": at, "here": urlsplit(at).netloc == request.META.get("HTTP_HOST")} if at else {}


def doors(request: HttpRequest, *, at_desk: bool) -> list[Door]:
    """Return the doors that open for this reader; none that would be closed."""
    user = getattr(request, "user", None)  # an error may come before anybody is known
    if user is None or not user.is_authenticated:
        return doorway(request.path, OUTSIDE if settings.ACCOUNTS_HERE else OUTSIDE[:-1])
    if at_desk and desk.require(user):
        seen = tuple((name, view) for name, view, area in DESK if desk.may(user, area))
        return doorway(request.path, seen, (("Your own data", "my-data"), ("Sign out", "account_logout")))
    to_the_desk = (("Desk", "wall"),) if desk.require(user) else ()
    return doorway(request.path, CENTRE, (*to_the_desk, ("Sign out", "account_logout")))


def doorway(here: str, names: Named, aside: Named = ()) -> list[Door]:
    """Return the doors with these names; the reader is at the one whose address leads furthest to theirs."""
    paths = {view: reverse(view) for _, view in (*names, *aside)}
    reached = [path for path in paths.values() if f"{here}/".startswith(f"{path.rstrip('/')}/")]
    at = max(reached, key=len, default=None)
    ways = [Door(name, paths[view], paths[view] == at) for name, view in names]
    return [*ways, *(Door(name, paths[view], paths[view] == at, aside=True) for name, view in aside)]
