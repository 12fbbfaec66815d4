"""A place of its own for each test, the collector as an ASGI app called directly, and people who are watched."""

import json
import secrets
import shutil
from datetime import UTC, datetime

import pytest

from tests import loops

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 MarkerBrowser/77"
IP = "203.0.113.77"
ORIGIN = "http://127.0.0.1:8001"


@pytest.fixture
def place(policy, monkeypatch):
    """The installation's own place, empty."""
    from avow.usage import collecting, places

    monkeypatch.setattr(collecting, "SECONDS", 60.0)  # a busy disk stands still for ten
    collecting.spool.cache_clear(), collecting.rates.cache_clear()
    mine = places.here()
    for folder in (mine.root, mine.keys):
        shutil.rmtree(folder, ignore_errors=True)
    yield mine.make()
    if collecting.spool.cache_info().currsize:
        collecting.spool().stop()
        collecting.spool.cache_clear()


class Answer:
    """What the collector said."""

    def __init__(self, said):
        self.status = said[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in said[0]["headers"]}
        self.body = said[1]["body"]

    @property
    def cookie(self):
        return self.headers.get("set-cookie", "").partition(";")[0].partition("=")[2]


def batch(*events, batch=None, **visit):
    """One batch of one visit."""
    told = [{"kind": "page", "page": one} if isinstance(one, str) else one for one in events or ("/reports/sales",)]
    return {"batch": batch or secrets.token_hex(16), "visits": [{"events": told, **visit}]}


def call(body, *, method="POST", ip=IP, origin=ORIGIN, chunks=None, lines=(), **headers):
    """Call the collector as a browser does."""
    from avow.usage import collecting

    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    heads = {"user-agent": AGENT, "content-type": "text/plain", **({"origin": origin} if origin else {})}
    heads |= {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": "http", "method": method, "path": "/collect", "client": (ip, 1),
        "headers": [(name.encode(), value.encode()) for name, value in [*heads.items(), *lines] if value is not None],
    }  # fmt: skip
    waiting, said = list(chunks or [raw]), []

    async def receive():
        part = waiting.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    async def send(message):
        said.append(message)

    loops.finish(collecting.collect(scope, receive, send))
    return Answer(said)


@pytest.fixture
def collect(place):
    return call


@pytest.fixture
def compact(place):
    """Work up everything that waits."""
    from avow.usage import compacting

    return lambda now=None: compacting.compact(place, now=now or datetime.now(UTC))


@pytest.fixture
def lake(place):
    """Every row of the lake."""
    from avow.usage import manifest, rows

    return lambda: [
        row for path in manifest.newest(place.lake).paths(place.lake) for row in rows.as_rows(rows.read(path))
    ]


@pytest.fixture
def settings():
    """Django's settings, put back afterwards."""
    from django.conf import settings as real

    before = {}

    class Changing:
        def __setattr__(self, name, value):
            before.setdefault(name, getattr(real, name))
            setattr(real, name, value)

    yield Changing()
    for name, value in before.items():
        setattr(real, name, value)
