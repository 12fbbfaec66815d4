"""
One sign-in at an application: what was issued in it, when its person showed who they are, and how all of it ends.

    begin      a code is about to leave            a session without tokens
    exchange   the code, or a token, was taken     what came of it belongs to the session
    misuse     a code or a token is shown again    the session ends, with everything issued in it
    end_*      a browser, or the person, signs out the sessions end, and each application is told (`signals`)

Why: whoever copies a code or a refresh token uses it before or after its owner. Either way one of them shows what was
spent, and nobody can say which of them is the thief; so both lose what they have.

Holds:    what is issued and what is written here commit together. Two requests with one code or token take turns, and
          the second is a misuse. A sign-in ends at its own time, however often its tokens are renewed.
          A code of another application, or a stranger's word on a token, ends nothing.
Assumes:  `using` runs inside the transaction in which the tokens are issued.
Source:   RFC 9700 sections 2.2.2, 4.13 and 4.14.2; OpenID Connect Core 2 (auth_time, amr), Back-Channel Logout 2.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.db import connection, transaction

from avow.people import security_events, session_seal, signals
from avow.people.models import ApplicationSession, ApplicationToken, SignedInApplication
from avow.people.security_events import Event

UNUSED = timedelta(minutes=10)  # a code lives for a minute; its row a little longer, so that a second try is seen
BATCH = 500
LOCK = "SELECT pg_advisory_xact_lock(%s)"
TAKEN = "INSERT INTO people_applicationtoken (session_id, hash) VALUES (%s, %s) ON CONFLICT (hash) DO NOTHING"


@dataclass(frozen=True)
class Shown:
    """What an application shows for tokens: a code, or a refresh token."""

    client_id: str
    code: str = ""
    token: str = ""


def begin(
    person: UUID, client_id: str, code: str, *, cookie: str, authenticated_at: datetime, ways: str, now: datetime
) -> None:
    """Keep that a code leaves for an application, and on what sign-in it rests."""
    ApplicationSession.objects.create(
        person=person,
        client_id=client_id,
        code=_code(client_id, code),
        sid=sid_of(cookie, client_id),
        authenticated_at=authenticated_at,
        ways=ways,
        ends_at=now + UNUSED,
    )


def sid_of(cookie: str, client_id: str) -> str:
    """Return the name of a browser's session at one application; no two can compare it."""
    return _digest("avow.oidc/sid/1", session_seal.row_key(cookie), client_id)


def shown_in(form: Mapping[str, str], client_id: str) -> Shown:
    """Return what an application's request for tokens shows."""
    if form.get("grant_type") == "authorization_code":
        return Shown(client_id, code=form.get("code", ""))
    return Shown(client_id, token=form.get("refresh_token", ""))


def of(shown: Shown, *, lock: bool = False) -> ApplicationSession | None:
    """Return the sign-in that a code or a token came of, if it is this application's; locked against its end."""
    found = ApplicationSession.objects.filter(client_id=shown.client_id)
    if lock:
        found = found.select_for_update(of=("self",))
    if shown.code:
        return found.filter(code=_code(shown.client_id, shown.code)).first()
    return found.filter(tokens__hash=_hash(shown.token)).first() if shown.token else None


@transaction.atomic
def using(shown: Shown, *, now: datetime) -> None:
    """Take turns with whoever shows the same, and let nothing be renewed past the sign-in's own end."""
    name = _code(shown.client_id, shown.code) if shown.code else _hash(shown.token)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [int.from_bytes(bytes.fromhex(name)[:8], "big", signed=True)])
    session = of(shown, lock=True)
    if session is not None and session.ends_at <= now:
        _end([session], now=now)


@transaction.atomic
def exchange(shown: Shown, issued: list[str], *, now: datetime) -> bool:
    """Keep what was issued for a code or a token; False when its sign-in is over, and then nothing may be issued."""
    session = of(shown, lock=True)
    if session is None:
        return False
    if not session.begun:
        session.begun, session.ends_at = True, now + timedelta(seconds=settings.IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN)
        session.save(update_fields=["begun", "ends_at"])
    hashes = [_hash(token) for token in issued]
    with connection.cursor() as cursor:
        cursor.executemany(TAKEN, [(session.pk, hash_) for hash_ in hashes])
    Token.objects.filter(hash__in=hashes, expires_at__gt=session.ends_at).update(expires_at=session.ends_at)
    return True


@transaction.atomic
def misuse(shown: Shown, *, now: datetime) -> bool:
    """End the sign-in of a code or token that is shown again; False when nothing is known of it, or it is not spent."""
    session = of(shown)
    if session is None or (shown.code and not session.begun):
        return False
    if shown.token and Token.objects.valid().filter(hash=_hash(shown.token)).exists():
        return False  # refused for another reason, such as scopes that it does not have
    security_events.note(Event.TOKEN_SHOWN_TWICE)
    _end([session], now=now)
    return True


@transaction.atomic
def revoke(shown: Shown, *, now: datetime) -> None:
    """End the sign-in of a token that its application gives back."""
    if session := of(shown):
        _end([session], now=now)


@transaction.atomic
def end_of_browser(person: UUID, cookie: str, *, now: datetime) -> None:
    """End what was begun in one browser's session."""
    found = ApplicationSession.objects.filter(person=person)
    _end([one for one in found if one.sid == sid_of(cookie, one.client_id)], now=now)


@transaction.atomic
def end_of_person(person: UUID, *, now: datetime) -> int:
    """End the person's sign-ins at all applications, and every token; return how many rows went."""
    held = count(person)
    _end(list(ApplicationSession.objects.filter(person=person)), now=now)
    Token.objects.filter(user__person=person).delete()
    SignedInApplication.objects.filter(person=person).delete()
    return held


def count(person: UUID) -> int:
    """Count sign-ins, tokens and names at applications."""
    tokens: int = Token.objects.filter(user__person=person).count()
    sessions = ApplicationSession.objects.filter(person=person).count()
    return tokens + sessions + SignedInApplication.objects.filter(person=person).count()


@transaction.atomic
def clear_expired(now: datetime) -> int:
    """End sign-ins whose time has come; return how many."""
    return _end(list(ApplicationSession.objects.filter(ends_at__lte=now)[:BATCH]), now=now)


def _end(sessions: list[ApplicationSession], *, now: datetime) -> int:
    """End sign-ins with all that was issued in them; an application whose last one it was knows the person no more."""
    for session in _still_there(sessions):
        hashes = ApplicationToken.objects.filter(session=session).values_list("hash", flat=True)
        Token.objects.filter(hash__in=list(hashes)).delete()
        named = SignedInApplication.objects.filter(person=session.person, client_id=session.client_id)
        if session.begun and (sub := named.values_list("sub", flat=True).first()):
            news = {"client_id": session.client_id, "sub": sub, "sid": session.sid, "now": now}
            signals.application_left.send(ApplicationSession, **news)
        session.delete()
        if not ApplicationSession.objects.filter(person=session.person, client_id=session.client_id).exists():
            named.delete()
    return len(sessions)


def _still_there(sessions: list[ApplicationSession]) -> list[ApplicationSession]:
    """Lock sign-ins, in one order; who is just renewing one waits, or is waited for."""
    wanted = [session.pk for session in sessions]
    return list(ApplicationSession.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))


def _code(client_id: str, code: str) -> str:
    return _digest("avow.oidc/code/1", client_id, code)


def _hash(token: str) -> str:
    hashed: str = get_adapter().hash_token(token)
    return hashed


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
