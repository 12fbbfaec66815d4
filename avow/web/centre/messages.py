"""
Messages and choices: what is written to a person and why, a switch for each kind, and what was written or stopped.

Holds:    one form holds all switches, on and off alike; a kind that is none of ours changes nothing at all.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages as django_messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from avow.communications import bounces, footers, keeping, opting_out, queries
from avow.communications.classes import ABOUT, PURPOSE, Kind, MessageClass, Topic, kind_of
from avow.communications.deciding import Reason
from avow.communications.keeping import Shown
from avow.communications.opting_out import EVERYTHING, Off
from avow.communications.queries import Written
from avow.errors import BadInput
from avow.evidence import versions
from avow.web.centre.gate import person_of
from avow.web.centre.my_data import justified
from avow.web.words import counted

KINDS = {
    MessageClass.CODE: (
        "Codes",
        "A code that you asked for a moment ago, to sign up, to confirm an address or to set a new password.",
    ),
    MessageClass.SECURITY: (
        "Security",
        "That your password or address was changed, or that somebody tried to use your address.",
    ),
    MessageClass.ANSWER: ("Answers", "The answer to a request of your own."),
    MessageClass.BREACH: ("Incidents", "That something went wrong with your data, and what you can do."),
}
OUTCOMES = {
    "waiting": "waits to go out",
    "kept": "kept here: this service sends no mail",
    "sent": "handed over to be delivered",
    "expired": "ended before it could go out",
    "failed": "could not be delivered",
    "in-doubt": "the mail server went away while it took this one; it was not sent again",
    "withdrawn": "withdrawn",
    "suppressed": "stopped",
    "in-account": "shown here alone",
}
REASONS = {
    Reason.SWITCHED_OFF: "you switched its mail off",
    Reason.ASKED_EARLIER: "this address earlier asked not to be written to",
    Reason.OBJECTED: "you objected to being written to",
    Reason.FROZEN: "your data rest, as you asked",
    Reason.NOT_ALLOWED: "the policy under which you gave your address does not allow it",
    Reason.ENOUGH: "you had letters enough by mail this week",
    Reason.NO_MAIL: "its address is none that mail could go to",
    Reason.CAME_BACK: "mail to your address came back",
    Reason.NO_ADDRESS: "there is no address of yours that was confirmed",
}
STANDS = {
    Topic.ANNOUNCEMENTS: "What is new in our products.",
    Topic.SECURITY_ALERTS: "What you should know to keep your account safe. Switched off, alerts are still shown here.",
    Topic.NEW_VERSIONS: "That there is a new version, and what changed.",
    Topic.USAGE: "A summary of your own use, made for you alone.",
    MessageClass.NOTICE: "Changes of the policy and the like. Switched off, they are still shown here, and still hold.",
}
MAILED = frozenset({"waiting", "sent"})
WAYS = {
    "account": "by you, here",
    "link": "by the link in a letter",
    "one-click": "by the button of your mailbox",
    "mail": "by your mail to us",
    "spam": "since you told your mailbox that a letter of ours is spam",
    "mail-provider": "by way of the company that carries our mail",
}


@dataclass(frozen=True)
class Unswitched:
    """Why a message may come without asking."""

    name: str
    means: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """One switch with the sentence of the policy beside it."""

    kind: Kind
    off: Off | None
    sentence: tuple[str, str] | None

    @property
    def name(self) -> str:
        """What it is about."""
        return "Mail of legal notices" if self.kind is MessageClass.NOTICE else ABOUT[self.kind].capitalize()

    @property
    def means(self) -> str:
        """What comes, and what still comes when it is off."""
        return STANDS[self.kind]

    @property
    def by(self) -> str:
        """How it was switched off."""
        return WAYS.get(self.off.way, "") if self.off else ""


@dataclass(frozen=True)
class Letter:
    """One message that is kept: what it says, if anything is kept of that, and what became of its mail."""

    number: UUID | None
    words: str
    at: datetime
    outcome: str
    text: str = ""
    read_at: datetime | None = None


def kinds(now: datetime) -> list[Unswitched]:
    """Return every kind of message that has no switch, with the sentences that allow its purpose."""
    current = versions.in_force(now)
    return [Unswitched(name, means, justified(current, PURPOSE[kind])) for kind, (name, means) in KINDS.items()]


def choices(person: UUID, now: datetime) -> list[Choice]:
    """Return every switch as it stands."""
    off = opting_out.standing_off(person, now)
    return [Choice(kind, off.get(kind), footers.sentence(kind, now)) for kind in EVERYTHING]


def letters(person: UUID, now: datetime) -> list[Letter]:
    """Return what is kept of messages to this person, the newest first: in the account, and what is on its way."""
    kept = keeping.shown_to(person, now)
    numbers = {shown.message for shown in kept}
    others = [written for written in queries.written_to(person, now) if written.number not in numbers]
    found = [_kept(shown) for shown in kept] + [_on_its_way(written) for written in others]
    return sorted(found, key=lambda letter: letter.at, reverse=True)


def _kept(shown: Shown) -> Letter:
    outcome = OUTCOMES.get(shown.state, shown.state)
    if why := REASONS.get(Reason(shown.reason)):
        outcome = f"{outcome}: {why}"
    if shown.state in MAILED and shown.text:
        outcome = f"{outcome}, and shown here"
    words = shown.subject or f"A message about {ABOUT.get(kind_of(shown.kind), shown.kind)}"
    return Letter(shown.message, words, shown.at, outcome, shown.text, shown.read_at)


def _on_its_way(written: Written) -> Letter:
    outcome = OUTCOMES.get(written.state, written.state)
    return Letter(None, written.letter.replace("-", " ").capitalize(), written.at, outcome)


@login_required
def messages(request: HttpRequest) -> HttpResponse:
    """Show what is written, what can be switched, and what was written."""
    now, person = timezone.now(), person_of(request)
    switches = choices(person, now)
    shown = {
        "kinds": kinds(now),
        "choices": switches,
        "asked_earlier": any(choice.off and choice.off.since is None for choice in switches),
        "letters": letters(person, now),
        "unread": keeping.unread(person, now),
        "came_back": bounces.is_dead(person, now=now),
        "kept_days": keeping.LASTS.days,
    }
    return render(request, "avow/messages.html", shown)


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Turn the switches as the form says, or all of them at once."""
    now, person = timezone.now(), person_of(request)
    wanted = {kind_of(name) for name in request.POST.getlist("on")}
    if not wanted <= set(EVERYTHING):
        raise BadInput(
            "One of these switches does not exist, so none was turned. Go back, reload the page, and choose."
        )
    if request.POST.get("all") in {"on", "off"}:
        wanted = set(EVERYTHING) if request.POST["all"] == "on" else set()
    stopped = opting_out.choose(person, wanted, way="account", now=now)
    said = f"Saved at {now:%H:%M:%S} UTC."
    django_messages.success(request, f"{said} {counted(stopped, 'queued mail')} stopped." if stopped else said)
    return redirect("messages")


@login_required
@require_POST
def read(request: HttpRequest, number: UUID) -> HttpResponse:
    """Mark one message as read."""
    keeping.mark_read(person_of(request), number, now=timezone.now())
    return redirect("messages")


@login_required
@require_POST
def write_again(request: HttpRequest) -> HttpResponse:
    """Write to the address again to which mail came back."""
    bounces.lift(person_of(request), now=timezone.now())
    django_messages.success(request, "We write to your address again. If a letter comes back once more, we stop.")
    return redirect("messages")
