"""
Tell the company's applications that somebody signed out or was erased, so that they end their own sessions.

    POST <where the application asked for it>      application/x-www-form-urlencoded
    logout_token=<JWT: iss, sub, aud, iat, exp, jti, events, sid>

Why here: it leaves the machine, and this room has the one wire. Why no grant: the application is the company's own, and
what it is told is the name that it knows already.

Holds:    a notice is written in the transaction in which the sign-in ends, and told by the worker at once; what is not
          taken is told again, for about a day. The token is good for two minutes and for one application.
          An application that asked for nothing is told nothing.
Assumes:  who receives it checks the signature, as the standard asks.
Source:   OpenID Connect Back-Channel Logout 1.0, sections 2.4 to 2.8.
"""

import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import jwt
from allauth.core.internal import jwkkit
from procrastinate.contrib.django import app

from avow.errors import Unavailable
from avow.people import provider, relying, signals
from avow.sharing.errands_states import TRIES
from avow.sharing.logouts_models import LogoutNotice
from avow.vault import wire

TELL = "sharing.tell_logout"
GOOD = timedelta(minutes=2)
LEFT, OVER = timedelta(days=1), timedelta(days=2)  # the queue tries for about a day
EVENT = "http://schemas.openid.net/event/backchannel-logout"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def queue(client_id: str, sub: str, sid: str, now: datetime, **_: object) -> None:
    """Have an application told, if it asked to be; `signals.application_left` calls this."""
    if relying.told_at(client_id):
        notice = LogoutNotice.objects.create(client_id=client_id, sub=sub, sid=sid, at=now)
        app.configure_task(TELL, lock=f"logout-{notice.pk}").defer(notice_id=str(notice.pk))


def tell(number: UUID, *, now: datetime, patience: float = wire.PATIENCE) -> bool:
    """Tell it once; False when there is nothing to tell any more. Unavailable has the queue try again."""
    notice = LogoutNotice.objects.filter(pk=number).first()
    endpoint = relying.told_at(notice.client_id) if notice else ""
    if notice is None or not endpoint:
        return LogoutNotice.objects.filter(pk=number).delete()[0] > 0
    try:
        took_it = wire.post(endpoint, body(notice, now=now), FORM, patience=patience).took_it
    except Unavailable:
        took_it = False
    if not took_it:
        return _again(notice)
    notice.delete()
    return True


def sweep(*, now: datetime) -> int:
    """Tell again what no job tells any more, for one broke on our side; let go of what is over; return how many."""
    old = LogoutNotice.objects.filter(at__lt=now - OVER).delete()[0]
    left = list(LogoutNotice.objects.filter(at__lt=now - LEFT).order_by("at").values_list("pk", flat=True))
    for number in left:
        with suppress(Unavailable):
            tell(number, now=now)
    return old + len(left)


def body(notice: LogoutNotice, *, now: datetime) -> bytes:
    """Write what the application receives."""
    claims = {
        "iss": provider.issuer(),
        "sub": notice.sub,
        "aud": notice.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + GOOD).timestamp()),
        "jti": secrets.token_urlsafe(16),
        "events": {EVENT: {}},
    } | ({"sid": notice.sid} if notice.sid else {})
    public, private = jwkkit.load_jwk_from_pem(provider.Provider().get_signing_key().pem)
    headers = {"kid": public["kid"], "typ": "logout+jwt"}
    return urlencode({"logout_token": jwt.encode(claims, private, algorithm="RS256", headers=headers)}).encode()


def listen() -> None:
    """Receive the news; called once at start."""
    signals.application_left.connect(queue, dispatch_uid="sharing.logouts")


def _again(notice: LogoutNotice) -> bool:
    notice.tries += 1
    if notice.tries >= TRIES:
        return notice.delete()[0] > 0
    notice.save(update_fields=["tries"])
    raise Unavailable("The application did not take it that somebody left; it will be told again.")
