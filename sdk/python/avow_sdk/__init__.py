"""
Avow for the company's own application: what was used, said in the background; what may be shown, asked within a second.

    avow = Avow("https://privacy.example", host_key)
    application = avow.middleware(application, ticket=lambda environ: ...)
    avow.home(ticket)            suggestions for this person's home page, each with its reason
    avow.use(ticket, page)       a notice that this page has to show, or None
    avow.announcements()         what is new

Standard library only. Why a thread and a bounded queue: a page must never wait for us, and never fail because of us.

Holds:    the middleware changes no answer and adds no wait; what does not fit the queue is dropped and counted.
          A batch that got no answer is sent again under the same number, and counts once. What one visitor sends
          cannot make the collector refuse the visits of others. Every question is
          answered within a second, with nothing where Avow is away.
Does not: keep events over a restart of the application, or send anything but what these lines name.
"""

import atexit
import ipaddress
import json
import queue
import re
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Avow"]
COOKIE = "avow_browser"
WITHIN = 1.0  # seconds for a question
WAITING = 10_000  # visits that may wait
AT_ONCE = 100  # visits in a batch
EVERY = 1.0  # seconds that a visit waits for others
TRIES = 3
LONGEST_PAGE, LONGEST = 2000, 200  # characters that the collector takes; a batch with more would be refused whole

LIKE_AN_ADDRESS = re.compile(r"@|%40|[(\[]\s*at\s*[)\]]", re.IGNORECASE)  # the same


class _Straight(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the key is for the operator's own address and for no other."""

    def redirect_request(self, *_: Any) -> None:
        """Lead nowhere; the answer counts as none."""


STRAIGHT = urllib.request.build_opener(_Straight)
Environ = Mapping[str, Any]
Asked = Callable[[Environ], "str | None"]


class Avow:
    """One application's connection to its Avow."""

    def __init__(self, base_url: str, host_key: str) -> None:
        self.base_url, self._key = base_url.rstrip("/"), host_key
        self.dropped = 0
        self._waiting: queue.Queue[dict[str, Any]] = queue.Queue(WAITING)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        atexit.register(self.flush, 2.0)

    # What was used

    def middleware(self, wsgi_app: Any, *, ticket: Asked | None = None, device: Asked | None = None) -> Any:
        """Return the application with one page event a request that HTML answers; what is fetched ahead is none."""

        def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            answered: list[int] = []
            kinds: list[str] = []

            def started(status: str, headers: Any, exc_info: Any = None) -> Any:
                answered.append(int(status[:3]))
                kinds[:] = [value for name, value in headers if name.lower() == "content-type"]
                return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

            try:
                body = wsgi_app(environ, started)
            except BaseException:
                self._note(environ, 500, ticket, device)
                raise

            def sent() -> None:
                if not kinds or kinds[0].startswith("text/html"):
                    self._note(environ, answered[-1] if answered else None, ticket, device)

            return _Told(body, sent)

        return application

    def _note(self, environ: Environ, status: int | None, ticket: Asked | None, device: Asked | None) -> None:
        """Put one visit in line; whatever goes wrong here is not the page's concern."""
        try:
            if _is_ahead(environ):
                return
            page = (environ.get("PATH_INFO") or "/")[:LONGEST_PAGE]
            event = {"kind": "page", "page": page, "status": status, "at": _now(), "referrer": _referrer(environ)}
            told = {"ticket": _short(ticket, environ), "device": _short(device, environ)}
            self._put({**told, "visitor": _visitor(environ), "events": [event]})
        except Exception:  # noqa: BLE001
            self.dropped += 1

    def feature(self, ticket: str | None, page: str, name: str, **properties: str | float | bool) -> None:
        """Note that a feature was used, for what no page and no click shows; properties as AVOW_PROPERTIES has them."""
        event = {"kind": "feature", "page": page, "feature": name, "at": _now()}
        self._put({"ticket": ticket, "events": [{**event, "properties": properties} if properties else event]})

    def _put(self, visit: dict[str, Any]) -> None:
        try:
            self._waiting.put_nowait(visit)
        except queue.Full:
            self.dropped += 1
        with self._lock:
            if self._thread is None or not self._thread.is_alive():  # also in a process that was forked meanwhile
                self._thread = threading.Thread(target=self._send_on, name="avow", daemon=True)
                self._thread.start()

    def _send_on(self) -> None:
        while True:
            visits = [self._waiting.get()]
            until = time.monotonic() + EVERY
            while len(visits) < AT_ONCE and (left := until - time.monotonic()) > 0:
                try:
                    visits.append(self._waiting.get(timeout=left))
                except queue.Empty:
                    break
            self._send(visits)
            for _ in visits:
                self._waiting.task_done()

    def _send(self, visits: list[dict[str, Any]]) -> None:
        """Send a batch, again under the same number while Avow is away; then give it up."""
        batch = {"batch": secrets.token_hex(16), "visits": visits}
        for turn in range(TRIES):
            status = self._post("/collect", batch, within=5.0)[0]
            if status and status < 500 and status != 429:  # noqa: PLR2004
                break
            time.sleep(0.2 * 4**turn)
        else:
            status = 0
        if status != 202:  # noqa: PLR2004
            self.dropped += len(visits)

    def flush(self, seconds: float = 5.0) -> bool:
        """Wait until what is in line was sent; False when time ran out."""
        until = time.monotonic() + seconds
        while self._waiting.unfinished_tasks and time.monotonic() < until:
            time.sleep(0.02)
        return not self._waiting.unfinished_tasks

    # What may be shown

    def home(self, ticket: str | None) -> dict[str, Any]:
        """Return what the home page may suggest; nothing when Avow is away."""
        nothing = {"personalised": False, "suggestions": [], "off_url": f"{self.base_url}/recorded#choices"}
        return self._asked("/api/host/home", {"ticket": ticket}) or nothing

    def use(self, ticket: str, page: str) -> dict[str, Any] | None:
        """Say that a signed-in person asks for a page; return the notice that this page has to show, if any."""
        notice = self._asked("/api/host/use", {"ticket": ticket, "page": page}).get("notice")
        return notice if isinstance(notice, dict) else None

    def announcements(self) -> list[dict[str, Any]]:
        """Return what is new, the newest first."""
        found = self._asked("/announcements.json", None)
        items = found.get("items") or found.get("announcements")
        return items if isinstance(items, list) else []

    def _asked(self, path: str, question: dict[str, Any] | None) -> dict[str, Any]:
        """Ask within a second, whatever the network does meanwhile; an empty answer for any failure."""
        got: list[tuple[int, bytes]] = []
        asking = threading.Thread(target=lambda: got.append(self._post(path, question, within=WITHIN)), daemon=True)
        asking.start()
        asking.join(WITHIN)
        status, body = got[0] if got else (0, b"")
        try:
            answer = json.loads(body) if status == 200 else {}  # noqa: PLR2004
        except ValueError:
            return {}
        return answer if isinstance(answer, dict) else {}

    def _post(self, path: str, body: dict[str, Any] | None, *, within: float) -> tuple[int, bytes]:
        """Return status and body; 0 when there was no answer."""
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        raw = None if body is None else json.dumps(body).encode()
        try:
            request = urllib.request.Request(self.base_url + path, raw, headers)  # noqa: S310 - the operator's own address
            with STRAIGHT.open(request, timeout=within) as answer:
                return answer.status, answer.read(1_000_000)
        except urllib.error.HTTPError as refused:
            return refused.code, b""
        except (OSError, ValueError):
            return 0, b""


class _Told:
    """An answer's body that says when it has been sent."""

    def __init__(self, body: Iterable[bytes], done: Callable[[], None]) -> None:
        self._body, self._done = body, done

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """End the body as its maker wants, then tell."""
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            self._done()


def _visitor(environ: Environ) -> dict[str, Any]:
    """Return what the visitor's browser sent along."""
    try:
        sent = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(COOKIE)
    except CookieError:
        sent = None
    return {
        "ip": _address(environ.get("REMOTE_ADDR") or ""),
        "agent": environ.get("HTTP_USER_AGENT", "")[:2000] or None,
        "cookie": sent.value[:200] if sent else None,
        "gpc": _says(environ, "HTTP_SEC_GPC"),
        "dnt": _says(environ, "HTTP_DNT"),
    }


def _referrer(environ: Environ) -> str | None:
    """Return the host of the page before, if it is another's; its path may tell what somebody looked for."""
    try:
        there = urlsplit(environ.get("HTTP_REFERER", "")).hostname
    except ValueError:
        return None
    return there[:LONGEST] if there and there != environ.get("HTTP_HOST", "").partition(":")[0].lower() else None


def _says(environ: Environ, name: str) -> bool:
    """Tell whether one of a header's lines is exactly 1; a WSGI server joins them."""
    return "1" in (part.strip() for part in environ.get(name, "").split(","))


def _is_ahead(environ: Environ) -> bool:
    """Tell whether a browser asks in advance, for a page that nobody may ever look at."""
    return "prefetch" in f"{environ.get('HTTP_SEC_PURPOSE', '')} {environ.get('HTTP_PURPOSE', '')}".lower()


def _short(asked: Asked | None, environ: Environ) -> str | None:
    """Return what the application says, unless it is longer than any real one or has a mail address in it."""
    said = asked(environ) if asked else None
    return said if said and len(said) <= LONGEST and not LIKE_AN_ADDRESS.search(said) else None


def _address(said: str) -> str | None:
    """Return an address, or nothing for what is none, such as a socket's path."""
    try:
        return str(ipaddress.ip_address(said))
    except ValueError:
        return None


def _now() -> int:
    return int(time.time() * 1000)
