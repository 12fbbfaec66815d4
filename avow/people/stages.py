"""
The steps of a sign-in that are ours: an address is confirmed, for accounts that may have none; a second step follows.

Holds:    who has an address confirms it by its code before they are in, whatever a third party says of it.
          Without an address one came by a third party or a passkey, since a password is entered with an address;
          nothing is asked.
          After a recovery code that brought somebody back in, the passkey that they lost is not asked for; an app is.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest

from avow.people import recovery, second_step


class ConfirmAddress(EmailVerificationStage):  # type: ignore[misc]
    """allauth's stage, passed by accounts without an address."""

    def handle(self) -> Any:
        """Ask for the code where there is an address."""
        if self.login.user and not EmailAddress.objects.filter(user=self.login.user).exists():
            return None, True
        return super().handle()


class AskSecondStep(AuthenticateStage):  # type: ignore[misc]
    """allauth's stage, passed by who lost their passkey and came with a recovery code."""

    def _should_handle(self, request: HttpRequest) -> bool:
        account = self.login.user
        if account is not None and recovery.is_under_way(request, account) and second_step.of(account) is None:
            return False
        return bool(super()._should_handle(request))
