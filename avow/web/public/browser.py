"""
The page of a browser without account: what was recorded of it; its cookie is the only proof, and proof enough.

Holds:    works without an account and without JavaScript. Another browser's history cannot be reached from here, and
          a lost cookie's by nobody; the page says so. Forgetting is an erasure with a certificate.
Does not: tie a browser to an account, whoever is signed in.
"""

import json
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from avow.policy.purposes import Purpose
from avow.requests import erasing
from avow.sharing import incidents_for_people
from avow.usage import browsers, choosing, cookies, retaining
from avow.usage import recorded as usage
from avow.usage.cookies import OFF
from avow.usage.stores import UsageStore
from avow.vault import persons
from avow.vault.actor import THE_PERSON
from avow.web.reading.recorded import Sheet


@never_cache
def browser(request: HttpRequest) -> HttpResponse:
    """Show what this browser recorded."""
    now, person = timezone.now(), _person(request)
    found = usage.events(person, Purpose.RIGHTS, now=now) if person else []
    shown = {
        "sheet": Sheet(found, now),
        "known": person is not None,
        "off": request.COOKIES.get(cookies.NAME) == OFF,
        "kept": retaining.days_kept(now),
        "incidents": incidents_for_people.of(person, now=now) if person else [],
    }
    answer = render(request, "avow/browser.html", shown)
    if shown["incidents"] and person and request.method == "GET":
        incidents_for_people.seen(person, now=now)
    return answer


@never_cache
def export(request: HttpRequest) -> HttpResponse:
    """Hand over what this browser recorded, as JSON."""
    now, person = timezone.now(), _person(request)
    parts = UsageStore().export(person, now=now) if person else ()
    body = json.dumps({part.name: part.rows for part in parts}, default=_plain, indent=1)
    named = {"Content-Disposition": 'attachment; filename="this-browser.json"'}
    return HttpResponse(body, content_type="application/json", headers=named)


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Erase this browser's history, and take its cookie away."""
    return _with_cookie(_erase(request), "")


@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Record nothing more of this browser: its person objects, and the cookie says so from now on."""
    if person := _person(request):
        choosing.record(person, on=False, now=timezone.now())
        return _with_cookie(_erase(request), OFF)
    messages.success(request, "Nothing is recorded of this browser from now on.")
    return _with_cookie(redirect("browser"), OFF)


@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    """Take the wish to be left alone back."""
    messages.success(request, "What this browser uses is recorded again from the next page on.")
    return _with_cookie(redirect("browser"), "")


def _erase(request: HttpRequest) -> HttpResponse:
    person = _person(request)
    if person is None:
        messages.success(request, "Nothing is recorded under this browser; there was nothing to forget.")
        return redirect("browser")
    asked = erasing.ask(person, by=THE_PERSON, now=timezone.now())
    return redirect("certificate", asked.number)


def _person(request: HttpRequest) -> UUID | None:
    """Return whose cookie was sent; nobody once an erasure began."""
    person = browsers.person_of(request.COOKIES.get(cookies.NAME))
    return person if person and persons.standing(person).erasing_since is None else None


def _with_cookie(answer: HttpResponse, instead: str) -> HttpResponse:
    """Put the cookie's place in order: another value, or none."""
    if instead:
        answer.set_cookie(
            cookies.NAME, instead, max_age=cookies.YEAR, httponly=True, samesite="Lax", secure=settings.SECURE
        )
    else:
        answer.delete_cookie(cookies.NAME, samesite="Lax")
    return answer


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
