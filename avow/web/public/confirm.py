"""
The page behind a mailed link: what will happen, and the one button by which it happens.

Holds:    opening it changes nothing, by whatever method but POST. It is never cached or indexed, and asks for no
          sign-in: who cannot sign in has the same rights.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.requests import confirming, planning
from avow.requests.case_states import CaseKind
from avow.requests.confirming import Confirmed
from avow.requests.limits import LIMITS


def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link confirms; on POST, do it."""
    now = timezone.now()
    if request.method == "POST":
        return _sealed(_result(confirming.confirm(token, now=now)))
    case = confirming.look(token, now=now)
    erases = case.kind == CaseKind.ERASURE
    shown = {"case": case, "erases": erases, "limits": LIMITS}
    if erases and case.person:
        shown["stores"] = planning.counts(case.person)
    return _sealed(render(request, "avow/confirm.html", shown))


def _result(confirmed: Confirmed) -> HttpResponse:
    """Lead to the certificate, or hand over the copy."""
    if confirmed.export is None:
        return redirect("certificate", confirmed.erasure)
    made = confirmed.export
    named = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return HttpResponse(made.content, content_type=made.content_type, headers=named)


def _sealed(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
