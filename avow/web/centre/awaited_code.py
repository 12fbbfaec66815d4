"""
The page that asks for a code which was sent to show that an address, or a number, is one's own.

Holds:    a wrong code is said where it was typed; what is not awaited any more leads back to the person's data. A
          message that did not go is said above, with what to do.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.errors import BadInput, NotFound
from avow.web.centre.gate import person_of


@dataclass(frozen=True)
class Words:
    """What the page says."""

    title: str
    field: str  # of which of one's data
    sent: str  # where the code went
    leave: str
    done: str
    digits: bool  # whether a code is of digits alone
    again: str = ""  # where to post for another code, if that is offered here


def page(
    request: HttpRequest,
    words: Words,
    confirm: Callable[..., None],
    is_waiting: Callable[..., bool],
    *,
    trouble: Callable[..., str] = lambda *_, **__: "",
) -> HttpResponse:
    """
    Ask for the code, and take it.

    confirm(person, code, now=…): BadInput for another code, NotFound when none is awaited. is_waiting(person, now=…).
    trouble(person, now=…): what is wrong with the message that brings the code, in a sentence.
    """
    now, person, refusal = timezone.now(), person_of(request), None
    if request.method == "POST":
        try:
            confirm(person, request.POST.get("code", ""), now=now)
        except BadInput as wrong:
            refusal = str(wrong)
        except NotFound as gone:
            messages.error(request, str(gone))
            return redirect("my-data")
        else:
            messages.success(request, words.done)
            return redirect("my-data")
    if not is_waiting(person, now=now):
        return redirect("my-data")
    shown = {"words": words, "refusal": refusal, "trouble": trouble(person, now=now)}
    return render(request, "avow/awaited_code.html", shown, status=422 if refusal else 200)
