"""
The address at which a mail provider tells what became of our mail.

Holds:    it is there only where a provider is set that can prove a report to be its own. Whoever does not show the
          password, or the provider's signature, hears 401, and what is no report 400; neither says why, and nothing
          was changed.
"""

import importlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from avow.errors import BadInput, VerificationFailed
from avow.web import refusals

TEXT = "text/plain; charset=utf-8"


@csrf_exempt
@never_cache
@require_http_methods(["HEAD", "POST"])  # some ask by HEAD whether somebody is there
def reports(request: HttpRequest) -> HttpResponse:
    """Take reports."""
    if not (settings.MAIL_PROVIDER and settings.MAIL_PROVIDER.is_heard):
        return refusals.not_offered(request)
    if request.method == "HEAD":
        return HttpResponse(content_type=TEXT)
    taking = importlib.import_module("avow.communications.provider_reports")
    try:
        taking.take(request, settings.MAIL_PROVIDER, now=timezone.now())
    except VerificationFailed:
        return HttpResponse("Not taken.\n", status=401, content_type=TEXT)
    except BadInput:
        return HttpResponse("Not a report.\n", status=400, content_type=TEXT)
    return HttpResponse("Taken.\n", content_type=TEXT)
