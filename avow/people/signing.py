"""
Signing in and out, and what must end when a password changes.

Holds:    signing out removes the session's row, so the cookie opens nothing any more,
          from whichever browser it is shown again. Changing a password ends every
          other session of the person. What was begun in a browser's session at an application ends with it, and the
          application is told (`application_sessions`).
          Each act is recorded in the log without a name.
Assumes:  the session engine never writes an ended session back (`sessions`).
"""

from datetime import datetime
from uuid import UUID

from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest

from avow.evidence.acts import Act
from avow.people import application_sessions, middleware, session_seal, signals
from avow.people.models import Account, Session
from avow.policy.promises import Promise, keeps
from avow.vault.attesting import attest


@transaction.atomic
def record_sign_in(person: UUID, *, by: Promise = Promise.PASSWORD_PROTECTION, now: datetime) -> None:
    """Record that the person signed in, under the promise about the way they took, and tell the rooms above."""
    attest(person, Act.SIGNED_IN, promise=by, now=now)
    signals.signed_in.send(Account, person=person, now=now)


@keeps(Promise.SIGN_OUT)
@transaction.atomic
def sign_out(request: HttpRequest, *, now: datetime) -> None:
    """End this browser's session, and what was begun in it at applications; the row is gone when this returns."""
    person = getattr(request.user, "person", None)
    if person is not None:
        application_sessions.end_of_browser(person, request.session.session_key or "", now=now)
    logout(request)
    setattr(request, middleware.MARK, True)
    if person is not None:
        _record_sign_out(person, now)


@transaction.atomic
def sign_out_everywhere(person: UUID, *, now: datetime, keep: str | None = None) -> int:
    """End every session of the person but the one of this cookie, and every application's; return how many sessions."""
    applications = application_sessions.end_of_person(person, now=now)
    sessions = Session.objects.filter(person=person)
    if keep:
        sessions = sessions.exclude(key=session_seal.row_key(keep))
    ended = sessions.delete()[0]
    if ended or applications:
        _record_sign_out(person, now)
    return ended


@transaction.atomic
def replace_password(account: Account, password: str, *, now: datetime, keep: str | None = None) -> None:
    """Give the account a new password and end its other sessions."""
    account.set_password(password)
    account.save(update_fields=["password"])
    sign_out_everywhere(account.person, now=now, keep=keep)
    attest(account.person, Act.PASSWORD_CHANGED, promise=Promise.PASSWORD_PROTECTION, now=now)


def _record_sign_out(person: UUID, now: datetime) -> None:
    attest(person, Act.SIGNED_OUT, promise=Promise.SIGN_OUT, now=now)
    signals.signed_out.send(Account, person=person, now=now)
