"""
The collector: events come in by HTTP, in a closed shape, and are sealed and durable before they are acknowledged.

    202 kept · 204 asked in advance, nothing kept · 400 not as declared · 403 from a site that is not ours
    408 too slow · 413 too large · 429 too often · 503 no room, with Retry-After

Why its own ASGI app and not a view: the only hot path; it opens no session and reads no database.

Holds:    nothing rests before it is decoded, and what nobody declared is left out and counted. Only the sites of
          settings.SITES may send from a browser; a server needs the host key. A page that hides where it is (`Origin:
          null`, as `sendBeacon` says under `no-referrer`) is heard if the browser says that it is of our site, and is
          nobody's. What is packed is unpacked for servers alone, as far as `packed` allows. An answer tells nothing
          about anybody.
Does not: decide for whom a row is kept; the compactor asks the choices and the erasures as they then stand.
"""

import asyncio
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings

from avow.errors import AvowError, Refused, Unavailable
from avow.people import install
from avow.policy.promises import Promise, keeps
from avow.usage import cookies, declared, forms, headers, places, receiving
from avow.usage.declared import Declared
from avow.usage.packed import unpacked
from avow.usage.rates import Rates
from avow.usage.receiving import Received, Sender
from avow.usage.spool import Spool
from avow.usage.wire import Visitor, frame_bytes

MOST = 256 * 1024  # bytes of a body
SECONDS = 5.0  # for a whole body, and for the disk
HIDDEN, OURS = "null", {"same-origin", "same-site"}

Scope = Mapping[str, Any]
Answer = tuple[int, dict[str, str], bytes]


@keeps(Promise.COLLECTED_DATA)
def admit(
    body: bytes,
    sender: Sender,
    *,
    now: datetime,
    lines: bool = False,
    fresh: Callable[[], str] = cookies.fresh,
    by: Declared | None = None,
) -> Received:
    """Return what is kept of a body, by what is declared here unless told otherwise, or refuse it whole."""
    by = by or declared.here()
    sent = forms.decode(body, lines=lines, properties=by.properties)
    return receiving.receive(sent, sender, now=now, fresh=fresh, declared=by)


async def collect(scope: Scope, receive: Any, send: Any) -> None:
    """Answer one request."""
    status, headers, body = await _answer(scope, receive)
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def _answer(scope: Scope, receive: Any) -> Answer:
    heads = headers.read(scope)
    shared: dict[str, str] = {}
    try:
        shared = _shared(heads)
        if scope["method"] == "OPTIONS":
            return 204, shared, b""
        if scope["method"] != "POST":
            return _problem(405, "Events are sent by POST.", {**shared, "allow": "POST, OPTIONS"})
        return await _take(scope, receive, heads, shared)
    except TimeoutError:
        return _problem(408, "The body did not arrive in time; send it again.", shared)
    except AvowError as refused:
        later = {"retry-after": "30"} if isinstance(refused, Unavailable) else {}
        return _problem(refused.http_status, str(refused), {**shared, **later})


async def _take(scope: Scope, receive: Any, heads: Mapping[str, str], shared: dict[str, str]) -> Answer:
    """Read, decode, keep, acknowledge."""
    now, address = datetime.now(UTC), address_of(scope, heads)
    is_host = _has_key(heads)
    if not is_host and not rates().allow(address):
        return _problem(429, "Too much at once from your address; send less often.", {**shared, "retry-after": "10"})
    if not is_host and "origin" not in heads:
        raise Refused("Events come from a page of a site named in AVOW_SITES, or from a server with the host key.")
    if headers.is_ahead(heads):
        return 204, shared, b""
    lines = headers.is_lines(heads)
    body = await asyncio.wait_for(_body(receive, heads), SECONDS)
    if body is None:
        return _problem(413, "A batch has at most 256 kB; send it in parts.", {**shared, "connection": "close"})
    plain = unpacked(body, heads.get("content-encoding", ""), is_host=is_host)
    received = admit(plain, _sender(heads, address, is_host=is_host), now=now, lines=lines)
    if not is_host:
        rates().charge(address, sum(len(seen.events) for seen in received.frame.visits) - 1)
    await _durable(frame_bytes(received.frame))
    return 202, {**shared, **as_header(received.new_cookie)}, b""


def _sender(heads: Mapping[str, str], address: str, *, is_host: bool) -> Sender:
    """Return who sends; of a page that hides where it is nothing goes on but whether it is a program."""
    key = headers.key(heads)
    if is_host:
        return Sender(is_host, key=key)
    visitor, site = visitor_of(heads, address), heads["origin"]
    if site == HIDDEN:
        visitor = Visitor(agent=visitor.agent, gpc=True)
    return Sender(is_host, visitor, headers.is_cross_site(heads), site, key)


async def _durable(frame: bytes) -> None:
    """Return when the frame is on the disk; who is told of a slow disk sends again, and it counts once."""
    try:
        await asyncio.wait_for(asyncio.wrap_future(spool().put(frame)), SECONDS)
    except TimeoutError:
        raise Unavailable("The disk is slow at the moment; send it again in a moment.") from None


def visitor_of(heads: Mapping[str, str], address: str) -> Visitor:
    """Return what a browser sends along by itself."""
    try:
        sent = SimpleCookie(heads.get("cookie", "")).get(cookies.NAME)
    except CookieError:
        sent = None
    cookie = sent.value[:200] if sent else None
    gpc, dnt = headers.wishes(heads)
    return Visitor(
        ip=address or None, agent=heads.get("user-agent", "")[:2000] or None, cookie=cookie, gpc=gpc, dnt=dnt
    )


def address_of(scope: Scope, heads: Mapping[str, str]) -> str:
    """Return the visitor's address: the connection's, or what the proxies in front of us say."""
    told = [part.strip() for part in heads.get("x-forwarded-for", "").split(",") if part.strip()]
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if trusted and len(told) >= trusted:
        return told[-trusted]
    return str((scope.get("client") or ("",))[0])


def _shared(heads: Mapping[str, str]) -> dict[str, str]:
    """Return the headers by which a browser lets the site's page send here, or refuse a stranger's."""
    origin = heads.get("origin")
    if origin is None:
        return {"cache-control": "no-store"}
    if origin == HIDDEN and heads.get("sec-fetch-site") in OURS:
        return {"cache-control": "no-store"}
    if origin == HIDDEN or origin not in settings.SITES:
        raise Refused("This site may not send events here; name it in AVOW_SITES.")
    return {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "content-type, idempotency-key",
        "access-control-max-age": "600",
        "vary": "origin",
        "cache-control": "no-store",
    }


def _has_key(heads: Mapping[str, str]) -> bool:
    """Tell whether the company's own server sends; a wrong key is no key."""
    kind, _, token = heads.get("authorization", "").partition(" ")
    key = settings.HOST_KEY or install.secret("host").hex()
    return kind.lower() == "bearer" and hmac.compare_digest(token.encode(), key.encode())


async def _body(receive: Any, heads: Mapping[str, str]) -> bytes | None:
    """Return the body, or None as soon as it is too large."""
    if heads.get("content-length", "").isdigit() and int(heads["content-length"]) > MOST:
        return None
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def as_header(value: str | None) -> dict[str, str]:
    """Return the header by which a browser keeps this cookie; none for none."""
    if value is None:
        return {}
    secure = "; Secure" if settings.SECURE else ""
    kept = f"{cookies.NAME}={value}; Path=/; Max-Age={cookies.YEAR}; HttpOnly; SameSite=Lax{secure}"
    return {"set-cookie": kept}


def _problem(status: int, sentence: str, headers: Mapping[str, str]) -> Answer:
    body = json.dumps({"status": status, "title": sentence}).encode()
    return status, {**headers, "content-type": "application/problem+json"}, body


@cache
def spool() -> Spool:
    """Return this process's writer."""
    return Spool(places.here())


@cache
def rates() -> Rates:
    """Return this process's count of who sends how often; kept in memory alone."""
    return Rates()
