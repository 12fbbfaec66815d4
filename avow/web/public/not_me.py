"""
The page behind "this was not me" in a letter.

Holds:    opening it changes nothing; its button does, without signing in and without proof of origin beyond the link.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from avow.people import not_me as acts


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """Say what the button does, or do it."""
    now = timezone.now()
    claim = acts.read(token, now=now)
    done = acts.act(claim, now=now) if request.method == "POST" else None
    return render(request, "avow/not_me.html", {"claim": claim, "done": done})
