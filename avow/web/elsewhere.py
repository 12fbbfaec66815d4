"""
The account app, switched off: a company that keeps its own identity server lets it alone sign people in.

Then any OpenID Connect `sub` of that server is the link to a person here. The server's word opens the account, and
nothing of ours does: no password, no passkey, no recovery code, and no application is signed in through us.

Holds:    what is off answers as if it had never been there, whoever asks and however. A second step that somebody set
          up, or that the desk asks for, stays.
Does not: sign up by itself: whoever comes for the first time reads what is asked for, and may leave it empty.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from avow.web import refusals

OFF = frozenset(
    {
        "account_signup", "account_signup_by_passkey", "account_signup_by_number", "signup-number-code",
        "account_reset_password", "account_confirm_password_reset_code", "account_complete_password_reset",
        "account_change_password", "account_set_password",
        "mfa_login_webauthn", "mfa_signup_webauthn", "mfa_add_webauthn", "recover",
        "idp:oidc:configuration", "idp:oidc:jwks", "authorization", "identity-token", "identity-revoke",
        "idp:oidc:userinfo", "idp:oidc:logout",
    }
)  # fmt: skip
READ_ONLY = frozenset({"account_login"})  # leads to the company's own sign-in; nobody enters a password


class Elsewhere:
    """Django middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Refuse what is off."""
        if settings.ACCOUNTS_HERE or request.resolver_match is None:
            return None
        name = request.resolver_match.view_name
        if name in OFF or (name in READ_ONLY and request.method == "POST"):
            return refusals.not_offered(request)
        return None
