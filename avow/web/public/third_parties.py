"""
The two steps of signing in by a third party: on the way there, and back.

Why around allauth's own views: on the way there it asks the third party for its addresses and would break when that is
down; on the way back it trusts the answer to have the protocol's form.

Holds:    a third party that is down, or answers what is no OpenID Connect, gives a page that says so; nothing is made.
          To connect one with an account that is open asks for a sign-in of the last minutes: it is another way in.
"""

from typing import cast

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView, OAuth2View
from allauth.utils import get_request_param
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from jwt import PyJWTError
from requests import RequestException

from avow.errors import Unavailable
from avow.people import guards
from avow.people.third_parties import DOWN
from avow.people.third_party_answers import Answers
from avow.web.centre.gate import account_of, sign_in_again

NONSENSE = (RequestException, PyJWTError, KeyError, ValueError)


def go(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the third party."""
    connects = get_request_param(request, "process") == AuthProcess.CONNECT and request.user.is_authenticated
    if connects and not guards.is_fresh(request, account_of(request), now=timezone.now()):
        return sign_in_again(request)
    return _guarded(OAuth2LoginView, request, provider_id)


def back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take what it answers."""
    return _guarded(OAuth2CallbackView, request, provider_id)


def _guarded(step: type[OAuth2View], request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        return cast("HttpResponse", step.adapter_view(Answers(request, provider_id))(request))
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except NONSENSE:
        raise Unavailable(DOWN) from None
