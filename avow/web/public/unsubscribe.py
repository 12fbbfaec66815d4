"""
The page behind the link in a letter.

Holds:    opening it changes nothing: mailbox providers and virus scanners follow links. A button, or the provider's one
          click (RFC 8058), acts; both work without sign-in, cookie or proof of origin, since the link itself is the
          proof, and answer 200 without leading elsewhere. A second click says the same as the first.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from avow.communications import footers, unsubscribing
from avow.communications.classes import ABOUT, MessageClass, Topic
from avow.communications.unsubscribing import Standing
from avow.errors import BadInput

ONE_CLICK = "You get no more of these letters."


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page, or do what its button or the mailbox provider says."""
    if request.method != "POST":
        return page(request, unsubscribing.look(token, now=timezone.now()))
    if request.POST.get("List-Unsubscribe") == "One-Click":
        unsubscribing.one_click(token, now=timezone.now())
        return HttpResponse(ONE_CLICK, content_type="text/plain; charset=utf-8")
    return page(request, act(token, request.POST.get("end", "")), acted=True)


def act(token: str, what: str) -> Standing:
    """Do what a button says."""
    now = timezone.now()
    if what in {"this", "all"}:
        return unsubscribing.end(token, everything=what == "all", now=now)
    if what == "undo":
        return unsubscribing.undo(token, now=now)
    raise BadInput("This form did not say what to end, so nothing was changed. Open the link in the letter again.")


def page(request: HttpRequest, standing: Standing, *, acted: bool = False) -> HttpResponse:
    """Render the page."""
    kind = standing.kind
    shown = {
        "standing": standing,
        "acted": acted,
        "about": ABOUT[kind] if kind else "any of the four topics",
        "legal": kind is MessageClass.NOTICE,
        "topics": [(ABOUT[topic], topic in standing.off) for topic in Topic],
        "sentence": footers.sentence(kind or Topic.ANNOUNCEMENTS, timezone.now()),
        "alerts": Topic.SECURITY_ALERTS in {kind, *standing.off},
    }
    return render(request, "avow/unsubscribe.html", shown)
