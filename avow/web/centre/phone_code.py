"""The code that shows a phone number to be one's own, and the yes to its use."""

from datetime import datetime
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from avow.errors import BadInput, NotFound, NotYet, Unavailable
from avow.people import numbers, phone_codes, phone_use
from avow.web.centre import awaited_code
from avow.web.centre.awaited_code import Words
from avow.web.centre.gate import once_more, person_of
from avow.web.words import TEXTS

WORDS = Words(
    title="Confirm the number",
    field="phone",
    sent="sent to your phone",
    leave="Not now",
    done="The number is confirmed.",
    digits=True,
    again="phone-code-send",
)


@login_required
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Send a code to the number."""
    try:
        place = get_adapter().get_client_ip(request)
        phone_codes.begin(person_of(request), now=timezone.now(), place=place)
    except (NotFound, NotYet, Unavailable) as refused:
        messages.error(request, str(refused))
        return redirect("my-data")
    return redirect("phone-code")


@login_required
@require_POST
def use(request: HttpRequest) -> HttpResponse:
    """Keep the yes to calls and texts, or take it back."""
    on = request.POST.get("on") == "yes"
    try:
        phone_use.allow(person_of(request), on=on, now=timezone.now())
    except BadInput as refused:
        messages.error(request, str(refused))
        return redirect("my-data")
    messages.success(request, "You may be called or texted about the service." if on else "That is taken back.")
    return redirect("my-data")


@login_required
def phone_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code, and take it; of who signs in with a number, only when they showed who they are."""
    if request.method == "POST" and numbers.has(person_of(request)) and (asked := once_more(request)):
        return asked
    return awaited_code.page(request, WORDS, phone_codes.confirm, phone_codes.is_waiting, trouble=trouble)


def trouble(person: UUID, *, now: datetime) -> str:
    """Say what is wrong with the message that brings the code, if something is."""
    became = phone_codes.became(person, now=now)
    return TEXTS[became] if became else ""
