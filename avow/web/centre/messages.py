"""Messages and choices: what is written to a person and why, and what was written lately."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from avow.communications import queries
from avow.communications.classes import PURPOSE, MessageClass
from avow.communications.queries import Written
from avow.evidence import versions
from avow.web.centre.gate import person_of
from avow.web.centre.my_data import justified

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
}
OUTCOMES = {
    "waiting": "waits to go out",
    "kept": "kept here: this service sends no mail",
    "sent": "handed to the mail relay",
    "expired": "ended before it could go out",
    "failed": "could not be delivered",
    "withdrawn": "withdrawn",
}


@dataclass(frozen=True)
class Kind:
    """Why a message may come without asking."""

    name: str
    means: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Letter:
    """One message that is kept."""

    written: Written

    @property
    def at(self) -> datetime:
        """When it was written."""
        return self.written.at

    @property
    def words(self) -> str:
        """Which letter it is."""
        return self.written.letter.replace("-", " ").capitalize()

    @property
    def outcome(self) -> str:
        """What became of it."""
        return OUTCOMES.get(self.written.state, self.written.state)


def kinds(now: datetime) -> list[Kind]:
    """Return every kind of message with the sentences that allow its purpose."""
    current = versions.in_force(now)
    return [Kind(name, means, justified(current, PURPOSE[kind])) for kind, (name, means) in KINDS.items()]


@login_required
def messages(request: HttpRequest) -> HttpResponse:
    """Show what is written and what was."""
    now = timezone.now()
    letters = [Letter(written) for written in queries.written_to(person_of(request), now)]
    return render(request, "avow/messages.html", {"kinds": kinds(now), "letters": letters})
