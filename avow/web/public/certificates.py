"""
A certificate of erasure, or how far the erasure is: found by its number alone, since its person has no account now.

Holds:    the page is never cached or indexed; until the log has recorded the certificate it
          shows the stores ticking off and turns into the certificate by itself.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from avow.errors import BeingRecorded, NotFound
from avow.people import company
from avow.requests import certificates
from avow.requests.certificates import Certificate
from avow.requests.states import Kind, State

UNDER_WAY = {
    State.ASKED: ("Your erasure has been asked for", "It begins within seconds. Nothing has been destroyed yet."),
    State.ERASING: (
        "Your erasure is under way",
        "Each store forgets in turn. Then your key is destroyed, and the certificate is recorded in the log.",
    ),
    State.ERASED: ("Your data is erased", "Your key is destroyed. The log is recording the certificate now."),
    State.COMPLETE: ("Your data is erased", "The log is recording the certificate now."),
}


@dataclass(frozen=True)
class Sheet:
    """A certificate as its page shows it."""

    found: Certificate

    @property
    def number(self) -> str:
        """Its public number."""
        return self.found.number

    @property
    def recorded(self) -> bool:
        """Whether it can be downloaded."""
        return self.found.statement is not None

    @property
    def title(self) -> str:
        """What is going on."""
        return UNDER_WAY[self.found.state][0]

    @property
    def says(self) -> str:
        """The certificate, or its progress, in one sentence."""
        if not self.recorded:
            return UNDER_WAY[self.found.state][1]
        return (
            f"{company.name(timezone.now())} has destroyed the one key that opened the personal data of whoever holds "
            "this certificate. What is still stored under that key no longer opens here; what this does not reach "
            "stands below."
        )

    @cached_property
    def body(self) -> dict[str, Any]:
        """What the statement itself says: its second line."""
        return dict(json.loads(self.found.statement.split(b"\n")[1])) if self.found.statement else {}

    @property
    def erased_at(self) -> datetime:
        """When the key was destroyed."""
        return datetime.fromisoformat(self.body["erased_at"])

    @property
    def held(self) -> list[dict[str, Any]]:
        """What a legal duty keeps, and until when."""
        return [{**hold, **_moments(hold)} for hold in self.body.get("held", [])]

    @property
    def effective(self) -> date:
        """From which day the policy applied that was in force then."""
        return date.fromisoformat(self.body["policy"]["effective"])

    @property
    def path(self) -> str:
        """Where the statement can be downloaded."""
        return reverse("certificate-file", args=[self.number])

    @property
    def file_name(self) -> str:
        """What the downloaded file is called."""
        return f"certificate-{self.number[:8]}.txt"


def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """Show the certificate or its progress."""
    response = render(request, "avow/certificate.html", {"certificate": Sheet(erasure(number))})
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def statement(request: HttpRequest, number: str) -> HttpResponse:
    """Hand over the statement itself, byte for byte."""
    sheet = Sheet(erasure(number))
    if sheet.found.statement is None:
        raise BeingRecorded("The certificate is being recorded in the log; ask again in a second.")
    return HttpResponse(
        sheet.found.statement,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{sheet.file_name}"', "Cache-Control": "no-store"},
    )


def erasure(number: str) -> Certificate:
    """Return the erasure of this number; a request of another kind has no certificate."""
    found = certificates.read(number)
    if found.kind is not Kind.ERASURE:
        raise NotFound("There is no certificate by that number; check that all 32 characters were copied.")
    return found


def _moments(hold: dict[str, Any]) -> dict[str, datetime]:
    """Read back the moments that a certificate says of a hold."""
    said = ("until", "collected_from", "collected_to")
    return {name: datetime.fromisoformat(hold[name]) for name in said if hold.get(name)}
