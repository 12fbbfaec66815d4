"""
What follows from allauth's own news.

Holds:    the first confirmation of an address is recorded; an exchange records itself (`new_address`). So is every
          change of the second step of a sign-in.
"""

from typing import Any

from allauth.account import signals as allauth_signals
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from avow.evidence.acts import Act
from avow.people import alerts
from avow.people.models import Account
from avow.policy.promises import Promise
from avow.vault.attesting import attest


@receiver(allauth_signals.email_confirmed, dispatch_uid="avow.people.address_verified")
def record_verified(email_address: EmailAddress, **_: Any) -> None:
    """Record that somebody confirmed an address by its code."""
    attest(email_address.user.person, Act.ADDRESS_VERIFIED, promise=Promise.GIVEN_DATA, now=timezone.now())


@receiver(mfa_signals.authenticator_used, dispatch_uid="avow.people.code_used")
def tell_of_few_codes(user: Account, authenticator: Authenticator, **_: Any) -> None:
    """Tell somebody who used a recovery code how few are left."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        alerts.code_used(user, now=timezone.now())


CHANGES = (mfa_signals.authenticator_added, mfa_signals.authenticator_removed, mfa_signals.authenticator_reset)


@receiver(CHANGES, dispatch_uid="avow.people.second_step_changed")
@transaction.atomic
def record_second_step(user: Account, **_: Any) -> None:
    """Record that an authenticator was added or taken away, or that there are new recovery codes."""
    attest(user.person, Act.SIGN_IN_CHANGED, promise=Promise.PASSWORD_PROTECTION, now=timezone.now())
