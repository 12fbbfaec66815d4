"""
The outside of the door, to a mail provider: one mail, one request to its own interface, by django-anymail.

Why anymail's backends and not Django's mail functions: those are shut (`other_doors`), and what is called here sends
because delivery asked, one mail at a time. What leaves is read from the bytes that a relay would get, so that both
roads carry the same letter.

    answered yes                                  taken
    the recipient is none, or on its list         refused for good (`bounces` hears of it)
    429, and what is broken there (5xx)           later, and the rest of the run waits
    any other no                                  refused; the queue tries again, and not for ever
    not reached, or it does not know our key      nothing was begun, and no mail is to blame
    no answer, or one that says nothing           in doubt, once the request may have been written

Holds:    in each message opens and clicks are switched off, and no tag or name is on it: a sealed number alone
          (`provider_number`). A header is one line. No redirect is followed, and nothing is read from the environment;
          https, or this machine. An answer's text, which may quote an address, is never passed on.
Assumes:  a provider leaves our headers as they are: what it makes of them shows in a letter that arrived, not here.
Does not: try again; the queue does. Wait for the domain that a server of somebody's mail is in: a provider does.
"""

import importlib
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http import HTTPStatus
from typing import Any
from uuid import UUID

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from anymail.message import AnymailMessage
from requests import ConnectTimeout
from requests.exceptions import InvalidURL
from urllib3.exceptions import MaxRetryError, NewConnectionError

from avow.communications import letters
from avow.communications.journal import Journal
from avow.communications.provider import Provider
from avow.communications.provider_number import NAME
from avow.communications.relay import Answer, Lost, NotNow, Post
from avow.errors import Unavailable
from avow.people.patience import Patience

PATIENCE = 30.0  # seconds for one mail; each wait within it has half of them
TAKEN = Answer(250, "")
NONE, LISTED, NOT_ASCII = (Answer(550, status, final=True) for status in ("5.1.3", "5.7.1", "5.6.7"))  # RFC 3463, 6531
REFUSED, LATER = Answer(554, ""), Answer(451, "")
BETWEEN = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT, 524})  # who answers does not know either
BUSY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
OURS_IS_WRONG = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})  # the key, the address
MADE_THERE = frozenset({"from", "to", "subject", "date", "mime-version", "dkim-signature"})


class Line:
    """A session with the provider that stays open for many mails."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        at = {"api_url": provider.url} if provider.url else {}
        self._backend = importlib.import_module(f"anymail.backends.{provider.name}").EmailBackend(**provider.keys, **at)
        self._backend.session = Patience(PATIENCE)
        self._backend.session.trust_env = False

    def close(self) -> None:
        """End the session."""
        self._backend.close()

    def takes(self, to: str) -> bool:
        """Say whether the provider takes an address that is written like this."""
        return to.isascii()

    def hand_over(self, posts: Iterable[Post], journal: Journal) -> Iterator[tuple[UUID, Answer]]:
        """Give mails one after the other; yield what the provider said to each. Raises Lost, or NotNow, as `relay`."""
        try:
            for post in posts:
                journal.giving(post.number)
                try:
                    said = self.ask(post)
                except NotNow:
                    journal.refused(post.number)
                    raise
                (journal.given if said.taken else journal.refused)(post.number)
                yield post.number, said
                if said == LATER:
                    raise NotNow("The mail provider asks to wait; what waits is tried again.")
        except OSError as lost:  # the journal's disk: what cannot be noted is not sent
            raise Lost(f"The run could not be noted ({type(lost).__name__}); what waits is tried again.") from None

    def ask(self, post: Post) -> Answer:
        """Give one mail; return what the provider said. Raises Lost when nobody knows whether it was taken."""
        message = written(post, self._provider)
        try:
            self._backend.send_messages([message])
        except AnymailRecipientsRefused:
            return NONE if "invalid" in message.anymail_status.status else LISTED
        except AnymailAPIError as failed:
            return _after(failed)
        except AnymailError:  # it says before it asks that this cannot be sent
            return REFUSED
        except (TypeError, AttributeError, LookupError, ValueError):  # what it read in an answer has no such form
            raise _in_doubt() from None
        said = message.anymail_status
        return TAKEN if said.esp_response.ok and said.status != {"failed"} else REFUSED


@contextmanager
def line(provider: Provider) -> Iterator[Line]:
    """Open a session with the provider; whether it answers shows at the first mail."""
    opened = Line(provider)
    try:
        yield opened
    finally:
        opened.close()


def hand_over(post: Post, *, provider: Provider) -> str:
    """Give one mail; return by which status it is refused for good, if it is. Raises Unavailable for what may pass."""
    with line(provider) as opened:
        said = opened.ask(post) if opened.takes(post.to) else NOT_ASCII
    if said.taken or said.final:
        return said.status
    raise Unavailable("The mail provider did not take the message; it will be tried again.")


def written(post: Post, provider: Provider) -> AnymailMessage:
    """Return the mail as anymail is given it, from the bytes that a relay would get."""
    mail: EmailMessage = message_from_bytes(post.raw, policy=policy.default)
    left = MADE_THERE | provider.ways.makes
    ours = {name: letters.one_line(str(value)) for name, value in mail.items() if name.lower() not in left}
    return AnymailMessage(
        subject=letters.one_line(str(mail["Subject"])), body=mail.get_content().replace("\r\n", "\n"),
        from_email=letters.one_line(str(mail["From"])), to=[post.to],
        headers={name: value for name, value in ours.items() if not name.lower().startswith("content-")}
        | dict(provider.ways.more),
        track_opens=False, track_clicks=False, **({"metadata": {NAME: post.about}} if post.about else {}),
    )  # fmt: skip


def _after(failed: Any) -> Answer:
    """Say what a request without a yes comes to."""
    status: int | None = failed.status_code
    if status is None:
        raise (NotNow(AWAY) if _never_began(failed.__cause__) else _in_doubt()) from None
    if status in BETWEEN or status < HTTPStatus.MULTIPLE_CHOICES:
        raise _in_doubt() from None
    if status in OURS_IS_WRONG or status < HTTPStatus.BAD_REQUEST:
        raise NotNow(
            "The mail provider does not know the key, or its address is another; look at AVOW_MAIL_PROVIDER."
        ) from None
    return LATER if status in BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR else REFUSED


AWAY = "The mail provider cannot be reached; what waits is tried again."


def _in_doubt() -> Lost:
    return Lost("The mail provider did not say whether it took the message; news is not sent again, all else is.")


def _never_began(failed: BaseException | None) -> bool:
    """Say whether it is certain that nothing of a request was written."""
    if isinstance(failed, ConnectTimeout | InvalidURL):
        return True
    inner = failed.args[0] if failed and failed.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else inner
    certain = (NewConnectionError, ssl.SSLCertVerificationError)
    return isinstance(reason, certain) or any(isinstance(one, certain) for one in getattr(reason, "args", ()))
