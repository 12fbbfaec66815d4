"""
The session engine: sealed rows with an idle and an absolute end, findable by person.

Why not django.contrib.sessions: its rows are readable (`session_seal` says why that
matters), it cannot say whose a session is, and it has one timeout where ASVS 7.3
asks for two.

Holds:    a session ends when it was idle for SESSION_IDLE (signed in) or
          SESSION_IDLE_ANONYMOUS (not signed in, so that what an unfinished sign-up
          leaves is short-lived), and in any case SESSION_COOKIE_AGE after it began.
          Reading slides the idle end at most once every SLIDE, in one update.
          A session that was ended meanwhile is never written back.
Assumes:  django.contrib.auth keeps the account's number under SESSION_KEY.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.account.utils import url_str_to_user_pk
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.utils import timezone

from avow.people import session_seal
from avow.people.install import secret
from avow.people.models import Account, Session

SLIDE = timedelta(minutes=5)
WAITING = (
    "account_email_verification_code",
    "account_password_reset_verification",
)  # where allauth keeps whom a code is for
BEGUN = "account_login"  # where it keeps whose sign-in waits for its next step


class SessionStore(SessionBase):
    """Django's session interface over sealed rows."""

    def __init__(self, session_key: str | None = None, *, clock: Callable[[], datetime] = timezone.now) -> None:
        super().__init__(session_key)
        self.clock = clock
        self.row: Session | None = None

    def load(self) -> dict[str, Any]:
        """Return the content, or an empty one under no key when the row is absent, over, or not this cookie's."""
        now, cookie = self.clock(), self.session_key or ""
        self.row = Session.objects.filter(
            key=session_seal.row_key(cookie), idle_ends_at__gt=now, ends_at__gt=now
        ).first()
        plain = session_seal.unseal(bytes(self.row.sealed), cookie=cookie, secret=_secret()) if self.row else None
        if self.row is None or plain is None:
            self._session_key = None
            return {}
        self._slide(self.row, now)
        return dict(self.serializer().loads(plain))

    def exists(self, session_key: str) -> bool:
        """Say whether a row lies under this cookie."""
        return Session.objects.filter(key=session_seal.row_key(session_key)).exists()

    def create(self) -> None:
        """Begin an empty session under a fresh cookie."""
        self._session_key = session_seal.fresh_cookie()
        self.row = None
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        """Write the content; a session that was ended meanwhile raises UpdateError and stays ended."""
        if self.session_key is None:
            self.create()
            return
        content: dict[str, Any] = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        row = self._as_row(content, self.session_key, self.clock())
        if must_create:
            row.save(force_insert=True)
        else:
            self._replace(row)

    def delete(self, session_key: str | None = None) -> None:
        """End the session under this cookie, or this one."""
        if cookie := session_key or self.session_key:
            Session.objects.filter(key=session_seal.row_key(cookie)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        """Remove every row that no cookie can open any more."""
        clear_expired(timezone.now())

    def get_expiry_age(self, **_: Any) -> int:
        """Return how long the browser keeps the cookie: to the absolute end; idleness is judged here, not there."""
        return int((self._ends_at(self.clock()) - self.clock()).total_seconds())

    def _as_row(self, content: dict[str, Any], cookie: str, now: datetime) -> Session:
        row = Session(key=session_seal.row_key(cookie), person=_whose(content), ends_at=self._ends_at(now))
        row.sealed = session_seal.seal(self.serializer().dumps(content), cookie=cookie, secret=_secret())
        if SESSION_KEY in content:
            row.signed_in_at = (self.row.signed_in_at if self.row else None) or now
        row.idle_ends_at = min(now + _idle(row), row.ends_at)
        self.row = row
        return row

    @staticmethod
    def _replace(row: Session) -> None:
        changed = {name: getattr(row, name) for name in ("sealed", "person", "signed_in_at", "idle_ends_at")}
        if not Session.objects.filter(key=row.key).update(**changed):
            raise UpdateError

    def _ends_at(self, now: datetime) -> datetime:
        return self.row.ends_at if self.row else now + timedelta(seconds=settings.SESSION_COOKIE_AGE)

    @staticmethod
    def _slide(row: Session, now: datetime) -> None:
        later = min(now + _idle(row), row.ends_at)
        if later - row.idle_ends_at > SLIDE:
            Session.objects.filter(pk=row.pk).update(idle_ends_at=later)


def clear_expired(now: datetime) -> int:
    """Remove sessions past either end; return how many."""
    over = Session.objects.filter(idle_ends_at__lte=now) | Session.objects.filter(ends_at__lte=now)
    return over.delete()[0]


def _secret() -> bytes:
    return secret("sessions")


def _idle(row: Session) -> timedelta:
    return timedelta(seconds=settings.SESSION_IDLE if row.signed_in_at else settings.SESSION_IDLE_ANONYMOUS)


def _whose(content: dict[str, Any]) -> UUID | None:
    """Return the person who is signed in, or whose sign-up, reset or sign-in waits in this session."""
    account = content.get(SESSION_KEY) or next(
        (content[at]["user_id"] for at in WAITING if _has(content, at, "user_id")), None
    )
    if not account and _has(content, BEGUN, "user_pk"):
        account = url_str_to_user_pk(content[BEGUN]["user_pk"])
    if not account:
        return None
    return Account.objects.filter(pk=int(account)).values_list("person", flat=True).first()


def _has(content: dict[str, Any], at: str, name: str) -> bool:
    return bool((content.get(at) or {}).get(name))
