"""
The company's own applications, which sign people in through Avow by OpenID Connect.

Why no page that asks for consent: these applications are the company's own, so nobody else receives anything; a
button that one cannot refuse would only pretend to be a choice. What each receives stands on "How you sign in". An
application of anybody else is a recipient and needs a grant (`vault.egress`); it cannot be registered here.

Holds:    registering twice changes nothing but what differs. A secret rests as a slow hash. A feature names one
          declared field and why it needs it; where it leads back to is an address of the application's own, and so is
          where it is told that somebody signed out.
          Only a registered redirect address is answered, and with a code alone: nothing reaches a page's script.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from allauth.idp.oidc.models import Client
from django.db import transaction

from avow.errors import BadInput, NotFound
from avow.people.catalogue import declared

SCOPES = ("openid", "profile", "email", "phone", "usage")
TOLD = {  # what a scope lets an application know, in words
    "openid": "a name of yours that no other application has",
    "profile": "your name",
    "email": "your address",
    "phone": "your phone number",
    "usage": "a ticket that names you to us alone",
}
GIVABLE = ("name", "phone")  # an address is confirmed by a code, on its own page
LONGEST_REASON = 300  # characters


@dataclass(frozen=True)
class Feature:
    """One function of an application that needs a field, with the reason that people read."""

    field: str
    reason: str
    back: str = ""  # where the person goes on; the application's start when empty


@dataclass(frozen=True)
class Application:
    """One registered application as pages show it."""

    client_id: str
    name: str
    start: str
    receives: str


@transaction.atomic
def register(
    client_id: str,
    *,
    name: str,
    redirect_uris: Sequence[str],
    secret: str,
    features: Mapping[str, Feature] | None = None,
    told_at: str = "",
    scopes: Sequence[str] = SCOPES,
    now: datetime,
) -> None:
    """Register an application, or bring its registration up to date; `openid` is always among its scopes."""
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise BadInput(f"There is no scope {unknown[0]}; an application can have {', '.join(SCOPES)}.")
    if not redirect_uris or not all(_is_whole(uri) for uri in redirect_uris):
        raise BadInput("An application needs at least one redirect address, complete with https:// and without a *.")
    client = Client.objects.filter(pk=client_id).first() or Client(pk=client_id, created_at=now)
    if client._state.adding or not client.check_secret(secret):  # noqa: SLF001 - Django's documented flag
        client.set_secret(secret)
    client.name, client.skip_consent, client.allow_uri_wildcards = name, True, False
    client.set_redirect_uris(list(redirect_uris))
    client.set_scopes([scope for scope in SCOPES if scope == "openid" or scope in scopes])
    client.set_grant_types(["authorization_code", "refresh_token"])
    client.set_response_types(["code"])
    client.data = {"features": _written(features or {}, redirect_uris), "told_at": _own(told_at, redirect_uris)}
    client.save()


def feature(client_id: str, name: str) -> tuple[Application, Feature]:
    """Return a registered feature; what nobody registered does not exist."""
    client = Client.objects.filter(pk=client_id).first()
    found = (client.data or {}).get("features", {}).get(name) if client else None
    if client is None or found is None:
        raise NotFound("No application here has a function by this name; go back to it, and follow its link again.")
    return _application(client), Feature(**found)


def is_registered(client_id: str, redirect_uri: str) -> bool:
    """Say whether an address is one of the application's, letter by letter (RFC 9700 2.1)."""
    client = Client.objects.filter(pk=client_id).first()
    return client is not None and redirect_uri in client.get_redirect_uris()


def told_at(client_id: str) -> str:
    """Return where an application is told that somebody signed out; empty where it did not ask."""
    client = Client.objects.filter(pk=client_id).first()
    return str((client.data or {}).get("told_at", "")) if client else ""


def applications(client_ids: Sequence[str] | None = None) -> list[Application]:
    """Return the registered applications, or these of them."""
    rows = Client.objects.order_by("name", "pk")
    return [_application(client) for client in (rows if client_ids is None else rows.filter(pk__in=client_ids))]


def origins() -> list[str]:
    """Return where forms of ours may lead on to: the applications' own origins."""
    uris = {uri for client in Client.objects.all() for uri in client.get_redirect_uris()}
    return sorted({origin(uri) for uri in uris})


def origin(uri: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _application(client: Client) -> Application:
    receives = [TOLD[scope] for scope in client.get_scopes()]
    return Application(client.pk, client.name, origin(client.get_redirect_uris()[0]) + "/", ", ".join(receives))


def _written(features: Mapping[str, Feature], redirect_uris: Sequence[str]) -> dict[str, dict[str, str]]:
    own = {origin(uri) for uri in redirect_uris}
    return {name: _one(one, origin(redirect_uris[0]) + "/", own) for name, one in features.items()}


def _one(one: Feature, start: str, own: set[str]) -> dict[str, str]:
    if one.field not in GIVABLE:
        raise BadInput(f"A feature can ask for one of {', '.join(GIVABLE)}; register it with one of these.")
    declared(one.field)
    if not 0 < len(one.reason) <= LONGEST_REASON:
        raise BadInput(f"A feature says in up to {LONGEST_REASON} characters why it needs the field; add its reason.")
    back = one.back or start
    if origin(back) not in own:
        raise BadInput("A feature leads back to its own application; give an address at one of its redirect addresses.")
    return {"field": one.field, "reason": one.reason, "back": back}


def _own(address: str, redirect_uris: Sequence[str]) -> str:
    if address and not (_is_whole(address) and origin(address) in {origin(uri) for uri in redirect_uris}):
        raise BadInput(
            "An application is told of sign-outs at its own address; give one beside its redirect addresses."
        )
    return address


def _is_whole(uri: str) -> bool:
    parts = urlsplit(uri)
    return parts.scheme in {"https", "http"} and bool(parts.hostname) and not parts.fragment and "*" not in uri
