"""The demo's letters, for whoever tries Avow out; there is no such page where mail really goes out."""

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from avow.communications import demo_box
from avow.communications.demo_box import Kept

CODE = re.compile(r"^\s*([A-Z0-9]{3,5}-?[A-Z0-9]{3,5})\s*$", re.MULTILINE)  # a code stands on a line of its own


@dataclass(frozen=True)
class Letter:
    """One letter, with its code if it carries one."""

    kept: Kept

    @property
    def code(self) -> str | None:
        """The code in the letter."""
        found = CODE.search(self.kept.text)
        return found[1] if found else None


def letters(request: HttpRequest) -> HttpResponse:
    """Show the letters, newest first; demo_box refuses elsewhere."""
    found = [Letter(kept) for kept in demo_box.read(timezone.now())]
    return render(request, "avow/demo_mail.html", {"letters": found})
