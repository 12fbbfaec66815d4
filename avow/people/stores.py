"""
What this room answers for at export and erasure: the account, and the browsers that are signed in.

Holds:    after `forget`, `count` is 0 and no cookie and no password of the person opens anything;
          it may be repeated. The fields themselves are the vault's to export and forget.
Does not: hold the address a person gave up: its row goes when it is replaced.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from avow.people import application_sessions, deletion, handles, known_browsers, new_address, numbers, phone_codes
from avow.people.models import Account, ApplicationSession, Session, SignedInApplication
from avow.vault.stores import Exported, register_store

SECRET = "not in this file: whoever reads it could act in your place with it"  # noqa: S105  # nosec B105 - says why there is none

KINDS = {
    Authenticator.Type.WEBAUTHN: "passkey",
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}


class AccountStore:
    """How one signs in."""

    name = "account"
    title = "Your account"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:
        """Return the account and its addresses."""
        accounts = Account.objects.filter(person=person)
        yield Exported(
            "account", "How you sign in",
            tuple(_account(account) for account in accounts),
        )  # fmt: skip
        parties = SocialAccount.objects.filter(user__person=person).select_related("user")
        yield Exported(
            "third-parties", "Third parties by which you sign in", tuple(_third_party(one) for one in parties)
        )
        steps = Authenticator.objects.filter(user__person=person).order_by("created_at")
        yield Exported(
            "second-steps",
            "Passkeys, and what is asked after the first step of a sign-in",
            tuple(map(_second_step, steps)),
        )
        addresses = EmailAddress.objects.filter(user__person=person).select_related("user")
        rows = ({"address": a.email, "confirmed": a.verified, "in use": a.primary} for a in addresses)
        yield Exported("account-addresses", "Addresses you sign in with", tuple(rows))
        since = numbers.since(person)
        signs = ({"since": since},) if since else ()
        yield Exported("sign-in-number", "That your phone number signs you in", signs)
        at = phone_codes.confirmed_at(person, now=now)
        yield Exported("phone-confirmed", "When you confirmed your phone number", ({"at": at},) if at else ())

    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:
        """Close the account."""
        return deletion.close(person, request=request, now=now)

    def count(self, person: UUID) -> int:
        """Count accounts, addresses, addresses that wait, third parties and second steps."""
        addresses: int = EmailAddress.objects.filter(user__person=person).count()
        waiting = new_address.CODES.count(person)
        parties: int = SocialAccount.objects.filter(user__person=person).count()
        steps: int = Authenticator.objects.filter(user__person=person).count()
        accounts = Account.objects.filter(person=person).count()
        accounts += int(numbers.has(person))
        return accounts + addresses + waiting + parties + steps + phone_codes.count(person)


class SessionStore:
    """Browsers that are signed in."""

    name = "sessions"
    title = "Your sessions"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:
        """Return since when and until when browsers are signed in; what they hold opens with their cookies alone."""
        rows = Session.objects.filter(person=person, ends_at__gt=now).order_by("signed_in_at")
        shown = ({"signed in": row.signed_in_at, "ends": row.ends_at} for row in rows)
        yield Exported("sessions", "Browsers that are signed in", tuple(shown))
        seen = (
            {"address": one.address, "browser": one.agent, "first": one.since, "last": one.last}
            for one in known_browsers.of(person, now=now)
        )
        yield Exported("known-browsers", "Browsers that signed in within thirty days", tuple(seen))

    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:  # noqa: ARG002 - the protocol's signature
        """End every session, and forget where they were."""
        return deletion.end_sessions(person) + known_browsers.forget(person)

    def count(self, person: UUID) -> int:
        """Count sessions and known browsers."""
        return Session.objects.filter(person=person).count() + known_browsers.count(person)


class ApplicationStore:
    """Applications that one is signed in to."""

    name = "applications"
    title = "Applications you signed in to"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:  # noqa: ARG002 - the protocol's signature
        """Return which, since when, and the name under which each knows the person."""
        rows = SignedInApplication.objects.filter(person=person).order_by("since")
        shown = ({"application": row.client_id, "since": row.since, "knows you as": row.sub} for row in rows)
        yield Exported("applications", "Applications you signed in to", tuple(shown))
        sessions = ApplicationSession.objects.filter(person=person).order_by("authenticated_at")
        each = (
            {"application": one.client_id, "signed in": one.authenticated_at, "ends": one.ends_at} for one in sessions
        )
        yield Exported("application-sessions", "Sign-ins at applications", tuple(each))

    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:  # noqa: ARG002 - the protocol's signature
        """End the sign-ins and every token, and have the applications told."""
        return application_sessions.end_of_person(person, now=now)

    def count(self, person: UUID) -> int:
        """Count sign-ins and tokens."""
        return application_sessions.count(person)


def _third_party(one: SocialAccount) -> dict[str, Any]:
    return {"third party": one.provider, "knows you as": one.uid, "since": one.date_joined, "last": one.last_login}


def _second_step(one: Authenticator) -> dict[str, Any]:
    named = {"name": one.data["name"]} if one.type == Authenticator.Type.WEBAUTHN else {}
    return {
        "kind": KINDS[one.type], **named, "since": one.created_at, "last used": one.last_used_at, "secret": SECRET
    }  # fmt: skip


def _account(account: Account) -> dict[str, Any]:
    return {
        "account number": handles.written(account.handle),
        "sign-in": "password, of which only a hash is kept" if account.has_usable_password() else "no password",
        "opened": account.opened_at,
        "last sign-in": account.last_login,
    }


def register() -> None:
    """Register the room's stores: an erasure asks the later ones first, so sessions end before the account goes."""
    register_store(AccountStore())
    register_store(SessionStore())
    register_store(ApplicationStore())
