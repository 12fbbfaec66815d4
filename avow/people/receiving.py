"""
What follows from allauth's own news.

Holds:    the first confirmation of an address is recorded; an exchange records itself (`new_address`).
"""

from typing import Any

from allauth.account import signals as allauth_signals
from allauth.account.models import EmailAddress
from django.dispatch import receiver
from django.utils import timezone

from avow.evidence.acts import Act
from avow.policy.promises import Promise
from avow.vault.attesting import attest


@receiver(allauth_signals.email_confirmed, dispatch_uid="avow.people.address_verified")
def record_verified(email_address: EmailAddress, **_: Any) -> None:
    """Record that somebody confirmed an address by its code."""
    attest(email_address.user.person, Act.ADDRESS_VERIFIED, promise=Promise.GIVEN_DATA, now=timezone.now())
