"""
Sessions in this process's memory: the cookie is a number that means nothing.

Why not Flask's own: it writes the session into the cookie, and then the name, the ticket and the token of a person
travel with each request and outlive the sign-out.

Holds:    a session ends at sign-out, when its time is over, or when this process does; whoever signs in gets a new
          number. The cookie has a name of its own: browsers send cookies of 127.0.0.1 to every port.
Does not: live through a restart. People are then signed out here, and one click signs them in again.
"""

import secrets
import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin

LASTS = 3600.0  # seconds, as long as the access token that came with the sign-in
MOST = 10_000  # sessions; beyond them the oldest goes


class Session(dict[str, Any], SessionMixin):
    """What is kept for one browser."""

    number: str = ""
    began: float = 0.0
    renewed = False

    def renew(self) -> None:
        """Forget what was kept, and go on under another number."""
        self.clear()
        self.renewed = True


class InMemory(SessionInterface):
    """Where sessions lie."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock, self.lock = clock, Lock()
        self.kept: dict[str, Session] = {}

    def open_session(self, app: Flask, request: Request) -> Session:
        """Return the session of the cookie, or an empty one that is kept only when something is put into it."""
        number = request.cookies.get(self.get_cookie_name(app), "")
        with self.lock:
            found = self.kept.get(number)
        return found if found is not None and self.clock() - found.began < LASTS else Session()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep what is not empty; end what is."""
        assert isinstance(session, Session)
        name = self.get_cookie_name(app)
        if session.number and (session.renewed or not session):
            with self.lock:
                self.kept.pop(session.number, None)
            session.number = ""
            response.delete_cookie(name, httponly=True, samesite="Lax")
        session.renewed = False
        if session and not session.number:
            self.keep(session)
            response.set_cookie(name, session.number, max_age=int(LASTS), httponly=True, samesite="Lax")

    def end(self, *, sub: str, sid: str) -> None:
        """End the sessions of somebody whom Avow knows by `sub`: those of one browser, or all where `sid` is empty."""
        with self.lock:
            theirs = [
                number for number, one in self.kept.items() if one.get("sub") == sub and sid in {"", one.get("sid")}
            ]
            for number in theirs:
                del self.kept[number]

    def keep(self, session: Session) -> None:
        """Give it a number and a beginning."""
        session.number, session.began = secrets.token_urlsafe(32), self.clock()
        with self.lock:
            while len(self.kept) >= MOST:
                self.kept.pop(next(iter(self.kept)))
            self.kept[session.number] = session
