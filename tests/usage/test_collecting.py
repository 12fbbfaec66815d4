"""
What the collector takes, what it refuses, and what it keeps of it.

It bites (each was tried): leaving `forbid_unknown_fields` out, keeping the query of a page, not looking at GPC, or
taking any cookie, fails here.
"""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.people import tickets
from avow.policy.promises import Promise
from avow.usage import collecting, pages, spool
from avow.usage.locks import locked
from avow.usage.models import Browser, Context
from avow.vault import enrolment
from tests.usage.conftest import AGENT, IP, batch

pytestmark = [pytest.mark.proves(Promise.COLLECTED_DATA)]


def now():
    return datetime.now(UTC)


def test_an_event_of_a_browser_is_kept_and_the_browser_gets_a_cookie(collect, compact, lake):
    answer = collect(batch({"kind": "page", "page": "/reports/4711?q=ada@example.com#x", "status": 200}))
    assert answer.status == 202 and len(answer.cookie) == 32
    assert "HttpOnly" in answer.headers["set-cookie"] and "SameSite=Lax" in answer.headers["set-cookie"]
    assert compact() == 1
    [row] = lake()
    assert (row.page, row.kind, row.browser, row.status, row.ctx != 0) == ("/reports/:id", "page", "Firefox", 200, True)
    assert Browser.objects.count() == Context.objects.count() == 1


def test_the_same_browser_comes_again(collect, compact, lake):
    first = collect(batch())
    second = collect(batch("/docs"), cookie=f"avow_browser={first.cookie}")
    assert "set-cookie" not in second.headers
    compact()
    assert Browser.objects.count() == 1
    assert len({row.pid for row in lake()}) == len({row.ctx for row in lake()}) == 1


@pytest.mark.parametrize("cookie", ["avow_browser=", "avow_browser=zz", "avow_browser=" + "A" * 500, "\x00;;=", "a=b"])
def test_a_cookie_of_another_form_is_none(collect, cookie):
    assert len(collect(batch(), cookie=cookie).cookie) == 32


WISHES = [{"sec_gpc": "1"}, {"dnt": "1"}, {"cookie": "avow_browser=off"}]


@pytest.mark.parametrize("wish", WISHES, ids=["gpc", "dnt", "off"])
def test_who_does_not_want_to_be_followed_is_nobody(collect, compact, lake, policy, wish):
    ticket = tickets.issue(enrolment.enrol(now=now()), now=now())
    answer = collect(batch("/a", "/b", ticket=ticket, device="phone-1"), **wish)
    assert answer.status == 202 and "set-cookie" not in answer.headers
    collect(batch("/a"), **wish)
    compact()
    assert {row.ctx for row in lake()} == {0} and len({row.pid for row in lake()}) == 2
    assert {row.browser for row in lake()} == {"other"}
    assert not Browser.objects.exists() and not Context.objects.exists()


def test_the_field_says_it_as_well(collect, compact, lake):
    assert "set-cookie" not in collect(batch(visitor={"gpc": True})).headers
    compact()
    assert [row.ctx for row in lake()] == [0]


REFUSED = {
    "undeclared": {**batch(), "extra": 1},
    "undeclared-in-event": batch({"kind": "page", "page": "/", "email": "ada@example.com"}),
    "wrong-kind": batch({"kind": "scroll", "page": "/"}),
    "wrong-type": batch({"kind": "page", "page": 7}),
    "text-as-feature": batch({"kind": "feature", "page": "/", "feature": "Dear Ada, how are you"}),
    "no-visit": {**batch(), "visits": []},
    "no-event": {**batch(), "visits": [{"events": []}]},
    "bad-number": batch(batch="1234"),
    "status": batch({"kind": "page", "page": "/", "status": 20_000}),
    "somebody-elses-address": batch(visitor={"ip": "192.0.2.1"}),
    "list": [],
    "nested": b"[" * 100_000,
    "not-json": b"\xff\xfe{",
    "empty": b"",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_what_is_not_declared_is_refused_and_leaves_nothing(collect, place, body):
    answer = collect(body)
    assert answer.status == 400 and answer.headers["content-type"] == "application/problem+json"
    said = json.loads(answer.body)["title"]
    assert "ada@example.com" not in said and "email" not in said and len(said) < 200
    assert spool.size(place) == 0


def test_too_much_is_refused_whether_it_says_so_or_not(collect, place):
    assert collect(b"{}", content_length=str(10**9)).status == 413
    assert collect(b"", chunks=[b" " * 100_000] * 4).status == 413
    assert collect(b"", method="GET").status == 405
    assert spool.size(place) == 0


def test_only_our_own_sites_and_servers_may_send(collect):
    assert collect(batch(), origin="https://evil.example").status == 403
    assert collect(batch(), origin=None).status == 403
    assert collect(batch(), origin=None, authorization="Bearer wrong").status == 403
    asked = collect(b"", method="OPTIONS")
    assert asked.status == 204 and asked.headers["access-control-allow-credentials"] == "true"
    assert collect(b"", method="OPTIONS", origin="https://evil.example").status == 403


def test_a_server_with_the_key_says_who_a_visitor_is(collect, compact, lake, policy):
    from avow.web.api.host import host_key

    person = enrolment.enrol(now=now())
    visitor = {"ip": "192.0.2.9", "agent": AGENT}
    body = batch("/reports", ticket=tickets.issue(person, now=now()), device="laptop", visitor=visitor)
    key = {"origin": None, "authorization": f"Bearer {host_key()}"}
    assert collect(body, **key).status == 202
    assert collect(batch(visitor={"ip": "not an address"}), **key).status == 400
    assert collect(batch("/nobody"), **key).status == 202
    compact()
    assert Context.objects.get().person == person
    assert {row.page: row.ctx == 0 for row in lake()} == {"/reports": False, "/nobody": True}


def test_a_forged_or_ended_ticket_is_none(collect, compact, policy):
    person = enrolment.enrol(now=now())
    ended = tickets.issue(person, now=now() - tickets.LASTS)
    for ticket in ("forged", ended, tickets.issue(uuid4(), now=now())[:-3] + "AAA"):
        assert collect(batch(ticket=ticket)).status == 202
    compact()
    assert not Context.objects.filter(person=person).exists()


@pytest.mark.parametrize("away", [timedelta(days=365), timedelta(days=-365), timedelta(hours=1)])
def test_a_clock_that_is_wrong_is_not_believed(collect, compact, lake, away):
    at = int((now() + away).timestamp() * 1000)
    collect(batch({"kind": "page", "page": "/", "at": at}))
    compact()
    assert abs(lake()[0].at - now()) < timedelta(minutes=1)


def test_a_batch_that_comes_again_counts_once(collect, compact, lake):
    once = batch("/a")
    collect(once), collect(once)
    compact()
    collect(once)
    compact()
    assert len(lake()) == 1


def test_a_full_disk_and_a_full_spool_say_so_and_when_to_come_again(collect, compact, lake, monkeypatch):
    monkeypatch.setattr(spool, "LEAST", 2**62)
    full = collect(batch())
    assert full.status == 503 and full.headers["retry-after"]
    monkeypatch.setattr(spool, "LEAST", 0)
    monkeypatch.setattr(spool, "MOST", -1)
    assert collect(batch()).status == 503
    monkeypatch.setattr(spool, "MOST", 10**9)
    assert collect(batch()).status == 202
    compact()
    assert len(lake()) == 1


def test_one_address_cannot_send_without_end(collect, monkeypatch):
    rates = collecting.rates()
    monkeypatch.setattr(rates, "_clock", lambda: 0.0)  # tokens come back with time
    assert all(rates.allow("192.0.2.1") for _ in range(100))
    while rates.allow("192.0.2.1"):
        pass
    assert collect(batch(), ip="192.0.2.1").status == 429
    assert collect(batch(), ip="192.0.2.2").status == 202


def test_behind_a_proxy_the_address_is_the_visitors(settings):
    scope = {"client": ("10.0.0.1", 1)}
    heads = {"x-forwarded-for": f"6.6.6.6, {IP}"}
    assert collecting.address_of(scope, heads) == "10.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert collecting.address_of(scope, heads) == IP


PLACES = {
    "/reports/sales": "/reports/sales",
    "/reports/4711?name=ada": "/reports/:id",
    "https://app.example/users/ada%40example.com/": "/users/:mail",
    "/u/2f1c6a0e-7b1d-4c58-9c9e-1f0a5be1a111/x": "/u/:id/x",
    "/reset/eyJhbGciOi12345": "/reset/:token",
    "/Grüße an Ada": "/:text",
    "": "/",
    "/" + "a/" * 50: "/a/a/a/a/a/a/a/:more",
    "//[": "/:text",
}


@pytest.mark.parametrize(("page", "kept"), PLACES.items())
def test_pages_are_kept_as_templates(page, kept):
    assert pages.template(page) == kept


@given(st.text(max_size=300))
def test_any_page_becomes_a_template_that_stays_one(page):
    kept = pages.template(page)
    assert len(kept) <= 200 and not set(kept) & set("?#@% \\") and pages.template(kept) == kept
    assert not any(sum(letter.isdigit() for letter in part) > 3 for part in kept.split("/"))


def test_a_disk_that_was_too_slow_once_does_not_end_the_collector(collect, compact, place, monkeypatch):
    with monkeypatch.context() as short, locked(place.spool):
        short.setattr(collecting, "SECONDS", 0.2)
        assert collect(batch("/slow")).status == 503
    assert collect(batch("/after")).status == 202
    assert compact() == 2
