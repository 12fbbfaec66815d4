"""
Holds on the desk: what the law has kept, until when, who signed; never whose it is.

Holds:    what an officer cannot do has no button, and is refused by the act all the same. One moment is read at the
          beginning and given to everything, so that a page offers no day that the act then refuses.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from avow.errors import AvowError, NotFound
from avow.people.desk_roles import Area
from avow.vault import holds as acts
from avow.vault import holds_ending, holds_prolonging
from avow.vault.holds_states import MEANING, OVER, State
from avow.vault.models import Hold
from avow.web import words
from avow.web.centre.gate import person_of
from avow.web.desk.gate import staff_only
from avow.web.desk.law import DAY, Scope, done, moment


class NewHold(Scope):
    """A hold as an officer proposes it."""

    since = forms.DateField(
        label="Only values given from", widget=forms.DateInput(attrs=DAY), required=False,
        help_text="Empty: from the first.",
    )  # fmt: skip
    to = forms.DateField(
        label="Only values given up to", widget=forms.DateInput(attrs=DAY), required=False,
        help_text="Empty: to the last, also what is given while the hold stands.",
    )  # fmt: skip
    until = forms.DateField(
        label="Held until", widget=forms.DateInput(attrs=DAY), help_text="At most ninety days ahead.",
        error_messages={"required": acts.ENDLESS},
    )  # fmt: skip
    gagged = forms.BooleanField(label="Telling the person is forbidden", required=False)

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)
        self.fields["fields"].help_text = "Only what is necessary; everything else goes when its person is erased."

    def propose(self, officer: UUID, now: datetime) -> UUID:
        """Propose it."""
        said = self.cleaned_data
        given = acts.Dates(moment(said["since"], time.min), moment(said["to"], time.max))
        return acts.propose(
            self.person(), said["fields"], basis=said["basis"], until=acts.end_of(said["until"], now), by=officer,
            now=now, gagged=said["gagged"], given=given,
        )  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One hold on the desk, as one officer sees it at one moment."""

    hold: Hold
    officer: UUID
    now: datetime

    @property
    def meaning(self) -> str:
        """Where it stands, in words."""
        return MEANING[State(self.hold.state)]

    @property
    def used(self) -> float:
        """How much of its time has passed since it was proposed or last prolonged."""
        return float((self.now - self.hold.until_set_at) / (self.hold.until - self.hold.until_set_at))

    @property
    def clock(self) -> str:
        """The clock in words."""
        return f"ends {words.ago(self.hold.until, self.now)}"

    @property
    def signed(self) -> list[str]:
        """Who signed what, by number."""
        one = self.hold
        both = [
            ("proposed", one.proposed_by, "confirmed", one.confirmed_by),
            ("later end proposed", one.longer_by, "confirmed", one.prolonged_by),
            ("release proposed", one.release_by, "confirmed", one.released_by),
        ]
        return [
            f"{what} by {self._named(first)}" + (f", {then} by {self._named(second)}" if second else "")
            for what, first, then, second in both
            if first
        ]

    @property
    def ways(self) -> list[tuple[str, str]]:
        """What this officer can do with it at one click: the step and the words on its button."""
        one, own = self.hold, self.officer
        found = []
        if one.state == State.PROPOSED:
            found = [("confirm", "Confirm it")] if one.proposed_by != own else []
            found += [("refuse", "Take it back" if one.proposed_by == own else "Refuse it")]
        elif acts.stands(one, now=self.now):
            found = [("confirm-longer", "Confirm the later end")] if one.longer_until and one.longer_by != own else []
            if one.release_by is None:
                found += [("release", "Propose to release it")]
            elif one.release_by != own:
                found += [("confirm-release", "Release it: destroy what it keeps, now")]
        return found

    @property
    def waits(self) -> bool:
        """Whether something of this officer's waits for another."""
        one = self.hold
        waiting = ((one.proposed_by, one.confirmed_by), (one.release_by, one.released_by))
        longer = one.longer_until is not None and one.longer_by == self.officer
        return longer or any(first == self.officer and second is None for first, second in waiting)

    @property
    def latest(self) -> date | None:
        """The last day to which it can be prolonged now, if it can."""
        latest = self.now + acts.LONGEST
        return latest.date() if acts.stands(self.hold, now=self.now) and latest > self.hold.until else None

    def _named(self, officer: UUID) -> str:
        return "you" if officer == self.officer else f"officer {words.head(officer)}"


@staff_only(Area.HOLDS)
def holds(request: HttpRequest) -> HttpResponse:
    """Show every hold but those on the officer who looks, and take new ones."""
    officer, now = person_of(request), timezone.now()
    form = NewHold(request.POST if request.method == "POST" else None, prefix="hold")
    if form.is_valid() and done(form, lambda: form.propose(officer, now)):
        messages.success(request, "The hold is proposed. It keeps nothing until a second officer confirms it.")
        return redirect("desk-holds")
    rows = [Row(one, officer, now) for one in Hold.objects.exclude(person=officer).order_by("until", "pk")]
    shown = {
        "form": form, "officer": officer, "rows": [row for row in rows if row.hold.state not in OVER],
        "over": [row for row in reversed(rows) if row.hold.state in OVER],
    }  # fmt: skip
    return render(request, "avow/desk_holds.html", shown, status=422 if form.errors else 200)


@staff_only(Area.HOLDS)
@require_POST
def step(request: HttpRequest, hold: UUID, to: str) -> HttpResponse:
    """Take one step with a hold; a refusal is shown on the page of holds."""
    now, officer = timezone.now(), person_of(request)
    acts.find(hold, by=officer)
    steps: dict[str, tuple[Callable[[], object], str]] = {
        "confirm": (lambda: acts.confirm(hold, by=officer, now=now), "The hold stands."),
        "refuse": (lambda: acts.refuse(hold, by=officer, now=now), "The hold does not come into force."),
        "longer": (
            lambda: holds_prolonging.propose_longer(hold, until=_wanted(request, now), by=officer, now=now),
            "A later end is proposed; a second officer confirms it.",
        ),
        "confirm-longer": (
            lambda: holds_prolonging.confirm_longer(hold, by=officer, now=now, seen=_seen(request)),
            "The hold is prolonged.",
        ),
        "release": (
            lambda: holds_ending.propose_release(hold, by=officer, now=now),
            "Its release is proposed; it keeps on until a second officer confirms.",
        ),
        "confirm-release": (
            lambda: holds_ending.confirm_release(hold, by=officer, now=now),
            "The hold has ended, and what it kept is destroyed.",
        ),
    }
    if to not in steps:
        raise NotFound("There is no such step; the desk shows those that there are.")
    act, said = steps[to]
    try:
        act()
    except AvowError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said)
    return redirect("desk-holds")


def _wanted(request: HttpRequest, now: datetime) -> datetime | None:
    """Return the end of the day that was chosen, or None when it is no day."""
    try:
        return acts.end_of(date.fromisoformat(request.POST.get("until", "")), now)
    except ValueError:
        return None


def _seen(request: HttpRequest) -> datetime | None:
    """Return the end that stood on the officer's page."""
    try:
        return datetime.fromisoformat(request.POST.get("seen", ""))
    except ValueError:
        return None
