"""
A house on a port of this machine, its worker, and a real Chromium.

The server is Django's own, threaded, with static files; the worker steps what `avow up` would: the log's
sequencer and the erasures that are under way.
"""

import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree

import pytest

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # without a window Chromium says "Headless", and is then counted as the program that it is
    "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36",
]  # fmt: skip
PATIENCE = 60_000  # milliseconds


@pytest.fixture
def site(db, monkeypatch):
    """A served house in demo mode; its address."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application
    from django.test import override_settings

    from avow.usage import collecting, places
    from tests.usage.serving import mounted
    from tests.web.conftest import furnish

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_):
            """Say nothing."""

    monkeypatch.setattr(collecting, "SECONDS", 60.0)  # a busy disk stands still for ten
    house = furnish()
    rmtree(places.here().root, ignore_errors=True)
    places.here().make()  # the collector's thread of the story before still writes here, maybe sooner than the worker
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(mounted(StaticFilesHandler(get_wsgi_application())))
    server.daemon_threads = True
    stop = threading.Event()
    threads = [
        threading.Thread(target=server.serve_forever, daemon=True),
        threading.Thread(target=work, args=(house, stop), daemon=True),
    ]
    for thread in threads:
        thread.start()
    house_at = f"http://127.0.0.1:{server.server_port}"
    with override_settings(
        SITES=Anywhere(),
        DEMO=True,
        MAIL_RELAY="",
        ALLOWED_HOSTS=["127.0.0.1"],
        BASE_URL=house_at,
        CSRF_TRUSTED_ORIGINS=[house_at],
    ):
        yield house_at
    stop.set()
    server.shutdown()
    server.server_close()
    threads[1].join()


class Anywhere:
    """Sites of this machine on any port: a story's host page lies on a port that nobody knows before."""

    def __contains__(self, origin):
        return origin.startswith("http://127.0.0.1:")


def work(house, stop):
    """Do the worker's part until asked to stop."""
    from django.db import connections

    from avow.communications import drop
    from avow.requests import erasing, taking_up
    from avow.requests.models import Request
    from avow.requests.states import OPEN, Kind
    from avow.usage import compacting, places

    while not stop.wait(0.1):
        house.record()
        drop.collect(datetime.now(UTC))
        taking_up.take_up(datetime.now(UTC))
        if any(places.here().make().spool.glob("*.open")):
            compacting.compact(places.here(), now=datetime.now(UTC))
        for request in Request.objects.filter(kind=Kind.ERASURE, state__in=OPEN).values_list("pk", flat=True):
            erasing.push(request, now=datetime.now(UTC))
    connections.close_all()


@pytest.fixture(scope="session")
def chromium():
    """A real Chromium; without one the stories are named as not run."""
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "1"  # playwright's loop lives in this thread; the tests use the ORM beside it
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(params=[True, False], ids=["with-javascript", "without-javascript"])
def page(request, chromium, site):
    """A fresh browser window at the house, with and without JavaScript; whatever its console complains of fails the test."""
    window = chromium.new_context(base_url=site, java_script_enabled=request.param, accept_downloads=True)
    window.set_default_timeout(PATIENCE)
    page = window.new_page()
    complaints = []
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type == "error" and "422" not in said.text else None,
    )
    page.on("pageerror", lambda broke: complaints.append(str(broke)))
    page.complaints = complaints
    page.scripted = request.param
    yield page
    window.close()
    assert complaints == []
