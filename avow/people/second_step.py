"""
The second step of a sign-in: a passkey, a code of an authenticator app, or one of the recovery codes.

Why allauth's own flow: it is well kept. This file is what it asks this room: how an account is called in the app, how
the picture of its secret is drawn, and that a code counts once.

Holds:    seeds and codes are sealed under the person's key (`authenticator_field`). A code counts once, also the one by
          which the app was set up (allauth alone would take that one again: ASVS 6.5.1). Recovery codes are shown once.
          Setting up, taking away and new recovery codes ask for a sign-in of the last minutes, are in the log, and the
          person is told. A sign-in that waits for its code ends with the account.
Assumes:  the cache that marks used codes is shared by every process (`people.cache`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import qrcode
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from qrcode.image.svg import SvgPathImage

from avow.people import company, handles, passkeys
from avow.people.models import Account

ASKED = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # with either of them a second step follows


@dataclass(frozen=True)
class SecondStep:
    """The authenticator app that is asked for its code after the first step."""

    since: datetime
    used_at: datetime | None


class SecondSteps(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's adapter for second steps."""

    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        """Say whether a second step follows; not for somebody who was erased while it was waited for."""
        return user is not None and bool(super().is_mfa_enabled(user, types))

    def get_totp_issuer(self) -> str:
        """Return what the app shows above the code: the company, as its policy names it."""
        return company.name(timezone.now())

    def get_totp_label(self, user: AbstractBaseUser) -> str:  # noqa: ARG002 - allauth's signature
        """Return what the app shows beside the company; the address is not put into one more place."""
        return "account"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return for whom passkeys are made; never what a request's Host says."""
        return passkeys.relying_party(timezone.now())

    def get_public_key_credential_user_entity(self, user: Account) -> dict[str, Any]:
        """Return what a passkey keeps of its account: the account's number, no name and no address."""
        number = handles.written(user.handle)
        return {"id": user.handle.encode(), "name": f"Account {number}", "display_name": f"Account {number}"}

    def build_totp_svg(self, url: str) -> SafeString:
        """Draw the secret for a camera, to stand in the page itself: the page shows no picture from elsewhere."""
        drawn: str = qrcode.make(url, image_factory=SvgPathImage, border=2).to_string(encoding="unicode")
        return mark_safe(drawn)  # noqa: S308  # nosec B308 B703 - drawn here, and holds nothing but a path


class SetUpApp(ActivateTOTPForm):  # type: ignore[misc]
    """allauth's form, whose code is used up by it."""

    def clean_code(self) -> str:
        """Take the code once."""
        code: str = super().clean_code()
        if not TOTP(Authenticator(user=self.user, type=Authenticator.Type.TOTP))._mark_code_used(code):  # noqa: SLF001
            raise get_adapter().validation_error("incorrect_code")
        return code


def of(account: Account) -> SecondStep | None:
    """Return the authenticator app of an account, or None where there is none."""
    app = Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).first()
    return SecondStep(app.created_at, app.last_used_at) if app else None


def is_asked(account: Account) -> bool:
    """Say whether a second step follows the first one."""
    return bool(get_adapter().is_mfa_enabled(account, ASKED))


def recovery_codes(account: Account) -> int:
    """Return how many recovery codes are left, for a day on which app or passkey is lost."""
    codes = Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(codes.wrap().get_unused_codes()) if codes else 0
