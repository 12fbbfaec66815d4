"""
Who works at the desk, and as what: each by their number, since when, and whether a second step guards them.

Holds:    an officer gives a role by a link, once, and takes any but their own away; who they are is asked once more
          before a link is made. Nobody's name or address is shown: staff are people too.
"""

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.errors import AvowError
from avow.people import desk, desk_invitations
from avow.people.desk_roles import WORDS, Area, Role
from avow.people.models import Account
from avow.web import words
from avow.web.centre.gate import once_more, person_of
from avow.web.desk.gate import staff_only


class Invitation(forms.Form):
    """A role to be given."""

    role = forms.ChoiceField(
        label="As what", widget=forms.RadioSelect,
        choices=[(str(role), f"{role}: {does}") for role, does in WORDS.items()],
    )  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One who works here."""

    account: Account
    own: bool

    @property
    def number(self) -> str:
        """Who, by the head of their number."""
        return words.head(self.account.person)

    @property
    def guarded(self) -> bool:
        """Whether the desk opens for them."""
        return desk.has_second_step(self.account)


@staff_only(Area.STAFF)
def staff(request: HttpRequest) -> HttpResponse:
    """Show who works here, and do what was pressed: make a link, take the desk away."""
    now, officer, link = timezone.now(), person_of(request), ""
    if taken := request.POST.get("take"):
        _take(request, taken, officer)
        return redirect("desk-staff")
    form = Invitation(request.POST or None)
    if form.is_valid():
        if page := once_more(request):
            return page
        link = desk_invitations.invite(Role(form.cleaned_data["role"]), now=now)
    rows = [Row(one, one.person == officer) for one in desk.staff()]
    shown = {"rows": rows, "form": form, "link": link, "roles": WORDS.items()}
    return render(request, "avow/desk_staff.html", shown, status=422 if form.errors else 200)


def _take(request: HttpRequest, number: str, officer: UUID) -> None:
    try:
        desk.take(UUID(number), now=timezone.now(), by=officer)
        messages.success(request, "This account may not use the desk any more.")
    except ValueError:
        messages.error(request, "That is no number of anybody here; press one of the buttons.")
    except AvowError as refused:
        messages.error(request, str(refused))
