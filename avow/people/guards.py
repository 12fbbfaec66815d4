"""
Which sign-in guards an account: its password, passkeys, a third party's; and whether a second step follows.

Why one place: the page that says so, the deletion that asks for it once more and the refusal to remove the last way
must not differ; what a person reads is what the door does.

Holds:    a password counts only with an address or a phone number, since the two are entered together. The last way
          is never taken away, also not by two clicks at once (the account is locked meanwhile). The person is told, and
          the log. A passkey counts for both steps. Recovery codes are no way in but for who has no address
          (`recovery`). What cannot be undone asks for a sign-in of the last minutes (`is_fresh`).
Does not: say how well a third party guards; its own pages do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from avow.errors import Refused
from avow.evidence.acts import Act
from avow.people import numbers, passkeys, recovery, second_step
from avow.people.models import Account
from avow.people.passkeys import Passkey
from avow.people.second_step import SecondStep
from avow.policy.promises import Promise, keeps
from avow.vault.attesting import attest

FRESH = timedelta(minutes=5)
NUMBER = "You sign in with this number; add another way first: a passkey, a third party, or an address."
ONLY = "This is the only way into your account; add another one first: a password, a passkey or a third party."
AMR = {"password": "pwd", "totp": "otp", "recovery_codes": "otp", "webauthn": "pop"}
PASSWORD = Promise.PASSWORD_PROTECTION
FIRST: Mapping[str, Promise] = {
    "password": PASSWORD,
    "socialaccount": Promise.THIRD_PARTY_SIGN_IN,
    "passkey": Promise.SECURITY_MEASURES,
}


class LastWay(Refused):
    """Without this way nobody could sign in to the account any more."""

    code = "last-way-to-sign-in"
    http_status = 409


@dataclass(frozen=True)
class ThirdParty:
    """One third party by which the account is entered."""

    number: int
    provider: str
    name: str
    since: datetime
    open: bool  # whether it can be used: it may have been taken out of the settings


@dataclass(frozen=True)
class Guards:
    """What guards one account."""

    password: bool
    address: bool
    third_parties: tuple[ThirdParty, ...]
    passkeys: tuple[Passkey, ...]
    app: SecondStep | None  # whose code follows a first step
    recovery_codes: int

    @property
    def ways(self) -> int:
        """How many ways lead in."""
        own = self.password + len(self.passkeys) if settings.ACCOUNTS_HERE else 0
        return own + sum(party.open for party in self.third_parties)

    @property
    def second(self) -> bool:
        """Whether a second step follows a password or a third party's sign-in."""
        return self.app is not None or bool(self.passkeys)

    @property
    def recoverable(self) -> bool:
        """Whether recovery codes are of use: beside a second step, and where no mail can bring one back in."""
        return self.second or not self.address


@keeps(Promise.THIRD_PARTY_SIGN_IN)
def guarding(account: Account, offered: Mapping[str, str] | None = None) -> Guards:
    """Return what guards this account; `offered` are the third parties taken, those of the settings unless given."""
    address = recovery.has_address(account)
    rows = SocialAccount.objects.filter(user=account).order_by("date_joined", "pk")
    offered = offers() if offered is None else offered
    parties = (
        ThirdParty(
            row.pk, row.provider, offered.get(row.provider, row.provider), row.date_joined, row.provider in offered
        )
        for row in rows
    )
    return Guards(
        account.has_usable_password() and (address or numbers.has(account.person)),
        address,
        tuple(parties),
        passkeys.of(account),
        second_step.of(account),
        second_step.recovery_codes(account),
    )


def offers() -> dict[str, str]:
    """Return the third parties that this installation takes, by their stable name."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", ())
    return {app["provider_id"]: app["name"] for app in apps}


@transaction.atomic
def disconnect(account: Account, number: int, *, now: datetime, offered: Mapping[str, str] | None = None) -> bool:
    """Take a third party away; False when it was gone already, LastWay when nothing else would lead in."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    row = SocialAccount.objects.filter(user=account, pk=number).first()
    if row is None:
        return False
    guards = guarding(account, offered)
    if guards.ways - any(party.number == number and party.open for party in guards.third_parties) < 1:
        raise LastWay(ONLY)
    row.delete()
    attest(account.person, Act.SIGN_IN_CHANGED, promise=Promise.THIRD_PARTY_SIGN_IN, now=now)
    get_adapter().send_notification_mail("socialaccount/email/account_disconnected", account)
    return True


@transaction.atomic
def take_passkey_away(account: Account, number: int, *, now: datetime) -> bool:
    """Take a passkey away; False when it was gone already, LastWay when nothing else would lead in."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    guards = guarding(account)
    if number not in {key.number for key in guards.passkeys}:
        return False
    if guards.ways == 1:
        raise LastWay(ONLY)
    Authenticator.objects.filter(user=account, pk=number).delete()
    _drop_codes_of_no_use(account)
    attest(account.person, Act.SIGN_IN_CHANGED, promise=Promise.SECURITY_MEASURES, now=now)
    get_adapter().send_notification_mail("mfa/email/webauthn_removed", account)
    return True


@transaction.atomic
def take_app_away(account: Account, *, now: datetime) -> bool:
    """Take the authenticator app away; False when there was none. Codes go with it where an address brings one back."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    if not Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).delete()[0]:
        return False
    _drop_codes_of_no_use(account)
    attest(account.person, Act.SIGN_IN_CHANGED, promise=Promise.PASSWORD_PROTECTION, now=now)
    get_adapter().send_notification_mail("mfa/email/totp_deactivated", account)
    return True


def _drop_codes_of_no_use(account: Account) -> None:
    """Remove recovery codes beside which nothing is left, but for who has no other way back in."""
    guards = guarding(account)
    if guards.address and not guards.second:
        Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES).delete()


@transaction.atomic
def give_up_number(person: UUID, *, now: datetime) -> None:
    """Let the phone number open the account no more; LastWay when nothing else would."""
    if not numbers.has(person):
        return
    guards = guarding(Account.objects.select_for_update().get(person=person))
    if guards.ways - (guards.password and not guards.address) < 1:
        raise LastWay(NUMBER)
    numbers.give_up(person, now=now)


def way_of(request: HttpRequest) -> Promise:
    """Return the promise about the way by which this session was entered: by its first step."""
    records = request.session.get("account_authentication_methods") or []
    return next((FIRST[step] for record in reversed(records) if (step := _first_step(record))), PASSWORD)


def _first_step(record: Mapping[str, Any]) -> str | None:
    """Name the first step that a record of allauth's is about; None for a second step."""
    if record.get("method") == "mfa":
        return "passkey" if record.get("passwordless") else None
    return str(record["method"]) if record.get("method") in FIRST else None


def is_fresh(request: HttpRequest, account: Account, *, now: datetime) -> bool:
    """Say whether the person showed who they are within the last minutes."""
    return timedelta(0) <= now - shown_at(request, account) < FRESH


def shown_at(request: HttpRequest, account: Account) -> datetime:
    """Return when the person last showed who they are: at the sign-in, or once more since."""
    times = [record["at"] for record in get_authentication_records(request, account)]
    row = getattr(request.session, "row", None)
    if row is not None and row.signed_in_at:
        times.append(row.signed_in_at.timestamp())
    return datetime.fromtimestamp(max(times, default=0), UTC)


def methods(request: HttpRequest, account: Account) -> str:
    """Return by what, in the words of RFC 8176; a third party's sign-in has none there."""
    words = {AMR.get(record.get("type", record["method"])) for record in get_authentication_records(request, account)}
    found = sorted(word for word in words if word)
    return " ".join([*found, "mfa"] if len(found) > 1 or "pop" in found else found)
