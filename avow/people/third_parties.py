"""
Signing in by a third party: what allauth asks this room on that way.

Why an address never links by itself: who controls the third party's word on an address would own the account here.
Somebody whose address is registered already signs in with their password and connects the third party then.

Holds:    an account made so has its own person and key and no password, and records the policy that it was made under.
          Its address counts only after our own code came back from it. Of what the third party tells, the name and the
          address stand in the form of the sign-up for as long as that lasts, sealed in the session; nothing else is
          looked at, nothing is kept, and its tokens are dropped at once.
          A third party that is down or answers nonsense gives a page that says so; nothing is half made.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from requests import RequestException, Session

from avow.errors import Unavailable
from avow.people import enrolment, security_events
from avow.people.models import Account
from avow.people.patience import Patience
from avow.people.security_events import Event

DOWN = "This third party does not answer at the moment. Nothing was changed here; try again in a while, or another way."


class ThirdParties(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """allauth's adapter for third parties."""

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Account:  # noqa: ARG002
        """Take the name along to the form; drop all else."""
        sociallogin.account.extra_data = {"name": data["name"]} if data.get("name") else {}
        account: Account = sociallogin.user
        return account

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:  # noqa: ARG002 - allauth's signature
        """Drop the third party's token before anything of this sign-in is put down, also in the sealed session."""
        sociallogin.token = None

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, str]:
        """Fill the form with what the third party told."""
        told = [address.email for address in sociallogin.email_addresses]
        return {"email": told[0] if told else "", "name": sociallogin.account.extra_data.get("name", "")}

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Form | None = None) -> Account:  # noqa: ARG002
        """Open an account of its own, and connect the third party with it."""
        assert form is not None  # SOCIALACCOUNT_AUTO_SIGNUP is off
        account = enrolment.open_account(sociallogin.user, None, now=timezone.now())
        sociallogin.account.user = account
        sociallogin.account.save()
        if email := form.cleaned_data.get("email"):
            EmailAddress.objects.create(user=account, email=email, verified=False, primary=True)
        return account

    def get_requests_session(self) -> Session:
        """Ask third parties with patience that ends."""
        return Patience()

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:  # noqa: ARG002
        """Lead back to the page that says how one signs in."""
        return reverse("sign-in-ways")

    def on_authentication_error(
        self,
        request: HttpRequest,  # noqa: ARG002 - allauth's signature
        provider: Any,  # noqa: ARG002
        error: Any = None,  # noqa: ARG002
        exception: Any = None,
        extra_context: Any = None,  # noqa: ARG002
    ) -> None:
        """Say when the third party is down; what else went wrong has a page of allauth's."""
        security_events.note(Event.THIRD_PARTY_REFUSED)
        if isinstance(exception, RequestException):
            raise Unavailable(DOWN)
