"""
The step of a sign-in at which an address is confirmed, for accounts that may have none.

Holds:    who has an address confirms it by its code before they are in, whatever a third party says of it.
          Without an address one came by a third party, since a password is entered with an address; nothing is asked.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage


class ConfirmAddress(EmailVerificationStage):  # type: ignore[misc]
    """allauth's stage, passed by accounts without an address."""

    def handle(self) -> Any:
        """Ask for the code where there is an address."""
        if self.login.user and not EmailAddress.objects.filter(user=self.login.user).exists():
            return None, True
        return super().handle()
