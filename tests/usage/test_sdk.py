"""
The SDK against a live collector, and against one that is away, slow or refuses.
"""

import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from avow.people import tickets
from avow.policy.purposes import Purpose
from avow.usage import recorded
from avow.vault import enrolment
from tests.usage.serving import mounted, served

sys.path.insert(0, str(Path(__file__).parents[2] / "sdk" / "python"))
import avow_sdk
from avow_sdk import Avow


def now():
    return datetime.now(UTC)


def page(environ, start_response):
    """A host's application."""
    if environ["PATH_INFO"] == "/breaks":
        raise RuntimeError
    kind = "text/css" if environ["PATH_INFO"].endswith(".css") else "text/html; charset=utf-8"
    status = "404 Not Found" if environ["PATH_INFO"] == "/gone" else "200 OK"
    start_response(status, [("X-Own", "1"), ("Content-Type", kind)])
    return [b"page"]


def ask(app, path, **environ):
    said = []
    body = app({"PATH_INFO": path, "REMOTE_ADDR": "192.0.2.44", **environ}, lambda *answer: said.append(answer))
    text = b"".join(body)
    body.close()
    return said[0], text


@pytest.fixture
def key():
    from avow.web.api.host import host_key

    return host_key()


@pytest.fixture
def live(place):
    from django.core.wsgi import get_wsgi_application

    with served(mounted(get_wsgi_application())) as address:
        yield address


def test_each_request_is_told_in_the_background(live, key, compact, policy, monkeypatch):
    monkeypatch.setattr(avow_sdk, "EVERY", 0.05)
    person = enrolment.enrol(now=now())
    ticket = tickets.issue(person, now=now())
    avow = Avow(live, key)
    app = avow.middleware(page, ticket=lambda environ: ticket, device=lambda environ: "laptop-9")
    (status, headers), text = ask(app, "/reports/sales", HTTP_USER_AGENT="Firefox/1")
    assert (status, headers[0], text) == ("200 OK", ("X-Own", "1"), b"page")
    ask(app, "/gone")
    ask(app, "/look.css")  # no page, so no event
    ask(app, "/private", HTTP_SEC_GPC="1")
    ask(app, "/quiet", HTTP_SEC_GPC="1,0")  # two lines, as a WSGI server joins them
    ask(app, "/ahead", HTTP_SEC_PURPOSE="prefetch")  # nobody may ever look at it
    with pytest.raises(RuntimeError):
        app({"PATH_INFO": "/breaks", "REMOTE_ADDR": "192.0.2.44"}, lambda *_: None)
    avow.feature(ticket, "/reports/sales", "export-chart")
    assert avow.flush(60) and avow.dropped == 0
    assert compact() == 6
    found = {(one.page, one.status, one.feature) for one in recorded.events(person, Purpose.RIGHTS, now=now())}
    assert found == {
        ("/reports/sales", 200, None), ("/gone", 404, None), ("/breaks", 500, None),
        ("/reports/sales", None, "export-chart"),
    }  # fmt: skip
    sent = {one.sent.get("device") for one in recorded.events(person, Purpose.RIGHTS, now=now())}
    assert sent == {"laptop-9", None}


def test_one_odd_visit_does_not_take_its_whole_batch_along(live, key, compact, lake, monkeypatch):
    monkeypatch.setattr(avow_sdk, "EVERY", 0.3)
    avow = Avow(live, key)
    app = avow.middleware(page, ticket=lambda environ: "t" * 5000, device=lambda environ: "d" * 5000)
    ask(app, "/fine")
    ask(app, "/" + "x" * 5000)
    ask(app, "/socket", REMOTE_ADDR="unix:/run/app.sock")
    ask(app, "/port", REMOTE_ADDR="192.0.2.44:5000")
    ask(avow.middleware(page, device=lambda environ: "ada@example.com"), "/address")
    ask(app, "/from", HTTP_REFERER="http://[", HTTP_HOST="app.example")
    assert avow.flush(60) and avow.dropped == 0
    assert compact() == 6
    assert {row.page for row in lake()} == {"/fine", "/:token", "/socket", "/port", "/address", "/from"}


REFERRERS = {
    "https://www.search.example/q?who=ada": "www.search.example", "https://app.example:8443/reports/ada": None, "": None, "http://[": None,
    "https://" + "a" * 300 + ".example": "a" * 200,
}  # fmt: skip


@pytest.mark.parametrize(("said", "sent"), REFERRERS.items())
def test_of_the_page_before_only_its_host_is_sent(said, sent):
    assert avow_sdk._referrer({"HTTP_REFERER": said, "HTTP_HOST": "app.example:443"}) == sent


def test_a_features_properties_arrive(live, key, compact, lake, settings):
    from avow.usage import declared

    settings.PROPERTIES = declared.properties("plan:word:user.behavior.feature_use")
    avow = Avow(live, key)
    avow.feature(tickets.issue(enrolment.enrol(now=now()), now=now()), "/reports", "export", plan="pro")
    assert avow.flush(60) and avow.dropped == 0
    compact()
    assert [(row.feature, row.properties) for row in lake()] == [("export", '{"plan":"pro"}')]


def test_the_key_follows_no_redirect(key):
    asked = []

    def elsewhere(environ, start_response):
        asked.append(environ.get("HTTP_AUTHORIZATION"))
        start_response("200 OK", [])
        return [b"{}"]

    with served(elsewhere) as other:

        def leads_on(environ, start_response):
            start_response("302 Found", [("Location", other + "/announcements.json")])
            return [b""]

        with served(leads_on) as address:
            avow = Avow(address, key)
            assert avow.announcements() == [] and avow.use("ticket", "/") is None
    assert asked == []


def test_a_callback_that_breaks_does_not_break_the_page(key):
    avow = Avow("http://127.0.0.1:9", key)
    app = avow.middleware(page, ticket=lambda environ: 1 / 0)
    assert ask(app, "/x")[1] == b"page" and avow.dropped == 1


def test_home_is_answered_by_the_real_one(live, key):
    assert Avow(live, key).home(None)["suggestions"] == []
    assert Avow(live, "wrong").home(None)["personalised"] is False


def test_with_avow_away_or_silent_everything_answers_within_its_second(key, monkeypatch):
    monkeypatch.setattr(avow_sdk, "TRIES", 1)
    hang = threading.Event()

    def silent(environ, start_response):
        hang.wait(60)
        start_response("200 OK", [])
        return [b"{}"]

    with served(silent) as address:
        for base in ("http://127.0.0.1:9", address):
            avow = Avow(base, key)
            began = time.monotonic()
            home = avow.home("ticket")
            assert home["suggestions"] == [] and home["off_url"].startswith(base)
            assert time.monotonic() - began < 200, "it waits for nobody: the silent one takes a minute"
        began = time.monotonic()
        assert ask(avow.middleware(page), "/x")[1] == b"page"
        assert time.monotonic() - began < 30, "the silent one takes a minute"
        hang.set()
    assert Avow("http://127.0.0.1:9", key).use("t", "/") is None
    assert Avow("http://127.0.0.1:9", key).announcements() == []


def test_a_full_queue_drops_and_counts(key, monkeypatch):
    monkeypatch.setattr(avow_sdk, "WAITING", 5)
    avow = Avow("http://127.0.0.1:9", key)
    monkeypatch.setattr(avow, "_send", lambda visits: time.sleep(0.5))
    for _ in range(200):
        avow.feature(None, "/", "x")
    assert avow.dropped > 0
