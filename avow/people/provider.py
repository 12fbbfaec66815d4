"""
What allauth's OpenID Connect provider asks this room: who somebody is, and what an application is told of them.

Why an adapter and no fork: the protocol's own checks stay allauth's; this file is all that it knows of persons
and keys.

Holds:    every address that it publishes begins with the configured one, whatever host a request names.
          The signing keys lie in the keyring (`provider_keys`). Name, address and phone open through the vault for
          purpose ACCOUNT, each only under its scope, each only if it was given. Who is being erased is told about to
          nobody.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.internal.private_keys import filter_keys
from allauth.idp.oidc.models import Client, PrivateKey
from django.conf import settings
from django.utils import timezone

from avow.people import application_sessions, phone_codes, provider_keys, subjects, tickets
from avow.people.models import Account
from avow.people.relying import SCOPES
from avow.policy.purposes import Purpose
from avow.vault.actor import SERVICE
from avow.vault.opening import open_field

NOT_OFFERED = ("device_authorization_endpoint", "registration_endpoint", "introspection_endpoint")


class Provider(DefaultOIDCAdapter):  # type: ignore[misc]
    """allauth's adapter for OpenID Connect."""

    def get_issuer(self) -> str:
        """Return the configured address, not the one that a request claims."""
        return issuer()

    def list_private_keys(self, *, did_activate: bool | None = None, is_active: bool | None = None) -> list[PrivateKey]:
        """Return the keys of the keyring."""
        there = provider_keys.keys(settings.KEYRING_FOLDER)
        keys: list[PrivateKey] = filter_keys(there, did_activate=did_activate, is_active=is_active)
        return keys

    def populate_server_metadata(self, data: dict[str, Any]) -> None:
        """Say what is really offered: the code flow, and another name for a person in each application."""
        for name, value in data.items():
            if name.endswith(("_endpoint", "_uri")) and isinstance(value, str):
                data[name] = self.get_issuer() + urlsplit(value).path
        for name in NOT_OFFERED:
            data.pop(name, None)
        data |= {
            "subject_types_supported": ["pairwise"],
            "scopes_supported": list(SCOPES),
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "claims_supported": [
                "sub",
                "name",
                "email",
                "email_verified",
                "phone_number",
                "phone_number_verified",
                "auth_time",
                "amr",
                "sid",
            ],
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
        }

    def get_user_sub(self, client: Client, user: Account) -> str:
        """Return the person's name at this application."""
        return subjects.enter(user.person, client.pk, now=timezone.now())

    def get_user_by_sub(self, client: Client, sub: str) -> Account | None:
        """Return whose name it is."""
        return subjects.account_at(client.pk, sub)

    def populate_id_token(self, id_token: dict[str, Any], client: Client, scopes: Iterable[str], **_: Any) -> None:  # noqa: ARG002
        """Say when, and by what, the person last showed who they are, and which browser's session it is."""
        shown = application_sessions.shown_in(context.request.POST, client.pk)
        if session := application_sessions.of(shown):
            id_token["auth_time"], id_token["sid"] = int(session.authenticated_at.timestamp()), session.sid
            if session.ways:
                id_token["amr"] = session.ways.split()

    def get_claims(
        self,
        purpose: str,  # noqa: ARG002 - allauth's signature
        user: Account,
        client: Client,
        scopes: Iterable[str],
        email: str | None = None,  # noqa: ARG002
        **_: Any,
    ) -> dict[str, Any]:
        """Return what the application is told."""
        claims: dict[str, Any] = {"sub": self.get_user_sub(client, user)}
        for scope in set(scopes) & set(TOLD):
            claims |= TOLD[scope](user)
        return {name: value for name, value in claims.items() if value is not None}


def issuer() -> str:
    """Return the name under which applications know this Avow: the configured address."""
    return settings.BASE_URL.rstrip("/")


def _name(user: Account) -> dict[str, Any]:
    return {"name": _opened(user.person, "name")}


def _phone(user: Account) -> dict[str, Any]:
    number = _opened(user.person, "phone")
    confirmed = number is not None and phone_codes.confirmed_at(user.person, now=timezone.now()) is not None
    return {"phone_number": number, "phone_number_verified": confirmed} if number else {}


def _email(user: Account) -> dict[str, Any]:
    address = EmailAddress.objects.filter(user=user, primary=True).select_related("user").first()
    return {"email": address.email, "email_verified": address.verified} if address else {}


def _ticket(user: Account) -> dict[str, Any]:
    return {"avow_ticket": tickets.issue(user.person, now=timezone.now())}


def _opened(person: UUID, field: str) -> str | None:
    return open_field(person, field, Purpose.ACCOUNT, by=SERVICE, now=timezone.now())


TOLD: Mapping[str, Callable[[Account], dict[str, Any]]] = MappingProxyType(
    {"profile": _name, "email": _email, "phone": _phone, "usage": _ticket}
)
