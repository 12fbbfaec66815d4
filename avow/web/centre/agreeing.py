"""The answer to whether a newer text goes for what a person gave before it: yes, or that yes taken back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from avow.errors import Refused
from avow.vault import agreeing
from avow.web.centre.gate import person_of


@login_required
@require_POST
def agree(request: HttpRequest) -> HttpResponse:
    """Keep the yes, or take it back."""
    now, person = timezone.now(), person_of(request)
    if request.POST.get("say") != "yes":
        agreeing.take_back(person, now=now)
        messages.success(
            request, "That is taken back: what you gave before is kept to the text that it was given under."
        )
        return redirect("my-data")
    try:
        agreeing.agree(person, request.POST.get("version", ""), now=now)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("my-data")
    messages.success(request, "Kept. You can take it back here at any time.")
    return redirect("my-data")
