"""What every page needs: whose house this is and which doors stand open to this reader.

Holds:    beside the company's name, which the policy in force gives, nothing is looked up.
"""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from avow.communications import demo_box
from avow.people import company, desk

CENTRE = (("My data", "my-data"), ("Messages and choices", "messages"), ("The policy", "policy"), ("Delete", "delete"))
DESK = (("Wall", "wall"), ("Requests", "desk-requests"), ("Messages", "desk-messages"))
OUTSIDE = (("The policy", "policy"), ("Sign in", "account_login"), ("Create an account", "account_signup"))


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
            "doors": doors(request, at_desk=at_desk),
            "demo_mail": demo_box.is_open(),
        }
    }


def doors(request: HttpRequest, *, at_desk: bool) -> list[Door]:
    """Return the doors that open for this reader; none that would be closed."""
    user = getattr(request, "user", None)  # an error may come before anybody is known
    if user is None or not user.is_authenticated:
        return [door(request, *named) for named in OUTSIDE]
    if at_desk and desk.require(user):
        return [*(door(request, *named) for named in DESK), door(request, "Your own data", "my-data", aside=True)]
    ways = [door(request, *named) for named in CENTRE]
    ways += [door(request, "Desk", "wall", aside=True)] if desk.require(user) else []
    return [*ways, door(request, "Sign out", "account_logout", aside=True)]


def door(request: HttpRequest, name: str, view: str, *, aside: bool = False) -> Door:
    """Return one door; the reader is at it when the address lies below its own."""
    path = reverse(view)
    return Door(
        name,
        path,
        request.path.rstrip("/") == path.rstrip("/") or request.path.startswith(f"{path.rstrip('/')}/"),
        aside,
    )
