"""
What the collector takes, what it refuses, and what it keeps of it.

It bites (each was tried): keeping the query of a page, not looking at GPC, or
taking any cookie, fails here. So do: the last line of a header alone; a proof of a cookie that is not compared; the
cookie's value in the frame or the context; a fingerprint that is cut from the row's hash; bots as persons, or in the
analyses; the minute or one random number for a visit that is nobody's; rates by address, or by batch.
"""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.people import families, tickets
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.usage import analyses, collecting, contexts, cookies, pages, segments, spool
from avow.usage.locks import locked
from avow.usage.models import Browser, Context
from avow.vault import enrolment
from tests.usage.conftest import AGENT, IP, ORIGIN, batch

pytestmark = [pytest.mark.proves(Promise.COLLECTED_DATA)]


def now():
    return datetime.now(UTC)


def host_key():
    from avow.web.api.host import host_key as key

    return key()


def test_an_event_of_a_browser_is_kept_and_the_browser_gets_a_cookie(collect, compact, lake):
    answer = collect(batch({"kind": "page", "page": "/reports/4711?q=ada@example.com#x", "status": 200}))
    assert answer.status == 202 and len(answer.cookie) == 64
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


MADE_UP = [
    "avow_browser=",
    "avow_browser=zz",
    "avow_browser=" + "A" * 500,
    "\x00;;=",
    "a=b",
    "avow_browser=" + "ab" * 16,
]


@pytest.mark.parametrize("cookie", [*MADE_UP, "avow_browser=" + "ab" * 32])
def test_a_cookie_that_we_did_not_sign_is_none(collect, compact, cookie):
    fresh = collect(batch(), cookie=cookie).cookie
    assert cookies.read(fresh) is not None
    compact()
    assert [bytes(row.cookie) for row in Browser.objects.all()] == [cookies.read(fresh)], "one key, for the one we made"


def test_a_server_cannot_make_cookies_up_either(collect, compact):
    key = {"origin": None, "authorization": f"Bearer {host_key()}"}
    for number in range(3):
        assert collect(batch(visitor={"cookie": f"{number:064x}"}), **key).status == 202
    compact()
    assert not Browser.objects.exists()


def test_no_value_of_a_cookie_rests(collect, compact, place):
    """A frame, a context and a row hold a keyed hash; with the value a reader could act as the browser."""
    cookie = collect(batch()).cookie
    number = bytes.fromhex(cookie)[:16]
    [path] = place.spool.glob("*.open")
    [frame] = [plain for _, plain in segments.frames(place, path)]
    assert number not in frame and cookie.encode() not in frame and cookies.read(cookie) in frame
    compact()
    [browser] = Browser.objects.all()
    [(_, sent)] = contexts.opened(browser.person, Purpose.RIGHTS, now=now()).values()
    shown = cookies.fingerprint(cookies.read(cookie))
    assert sent["cookie"] == shown and len(shown) == 12
    assert shown not in cookie and shown not in bytes(browser.cookie).hex(), "it leads to no row"


WISHES = [
    {"sec_gpc": "1"}, {"dnt": "1"}, {"cookie": "avow_browser=off"}, {"lines": [("sec-gpc", "1"), ("sec-gpc", "0")]},
    {"lines": [("sec-gpc", "0"), ("Sec-GPC", "1")]}, {"sec_gpc": "0, 1"}, {"lines": [("dnt", "1"), ("dnt", "0")]},
]  # fmt: skip


@pytest.mark.parametrize("wish", WISHES, ids=["gpc", "dnt", "off", "gpc-first", "gpc-last", "gpc-joined", "dnt-first"])
def test_who_does_not_want_to_be_followed_is_nobody(collect, compact, lake, policy, wish):
    ticket = tickets.issue(enrolment.enrol(now=now()), now=now())
    answer = collect(batch("/a", "/b", ticket=ticket, device="phone-1"), **wish)
    assert answer.status == 202 and "set-cookie" not in answer.headers
    collect(batch("/a"), **wish)
    compact()
    assert {row.ctx for row in lake()} == {0} and len({row.pid for row in lake()}) == 3, "no row leads to another"
    assert {row.browser for row in lake()} == {"other"} and {row.at.minute for row in lake()} == {0}
    assert {row.at.second + row.at.microsecond for row in lake()} == {0}
    assert not Browser.objects.exists() and not Context.objects.exists()


@pytest.mark.parametrize(
    "said", [{"sec_gpc": "0"}, {"sec_gpc": "11"}, {"sec_gpc": "true"}, {"dnt": "0"}, {"dnt": "unspecified"}]
)
def test_what_is_no_wish_is_none(collect, said):
    assert collect(batch(), **said).cookie


BOTS = {
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": True,
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0) Chrome/116.0 Safari/537.36": True,
    "facebookexternalhit/1.1": True,
    "curl/8.5.0": True,
    "python-requests/2.32": True,
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/124.0 Safari/537.36": True,
    AGENT: False,
    "Mozilla/5.0 (Linux; Android 11; CUBOT KING KONG) AppleWebKit/537.36 Chrome/124.0 Mobile Safari/537.36": False,
    "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1": False,
    "": False,
}


@pytest.mark.parametrize(("agent", "is_bot"), BOTS.items())
def test_programs_are_known_by_what_they_say(agent, is_bot):
    assert families.is_bot(agent) is is_bot


def test_a_program_is_nobody_and_counted_apart(collect, compact, lake, policy):
    ticket = tickets.issue(enrolment.enrol(now=now()), now=now())
    for _ in range(6):
        assert "set-cookie" not in collect(batch("/a", ticket=ticket), user_agent="Googlebot/2.1").headers
    collect(batch("/b", ticket=ticket))
    compact()
    assert sorted((row.page, row.browser, row.ctx != 0) for row in lake()) == [
        *[("/a", "bot", False)] * 6, ("/b", "Firefox", True),
    ]  # fmt: skip
    span = analyses.last_days(1, Purpose.ANALYSIS, now())
    assert analyses.bots(span) == 6 and [page.page for page in analyses.pages(span)] == ["/b"]
    assert analyses.bots(analyses.last_days(1, Purpose.IMPROVEMENT, now() - timedelta(days=9))) == 0


@pytest.mark.parametrize(
    "ahead", [{"sec_purpose": "prefetch"}, {"sec_purpose": "prefetch;prerender"}, {"x_moz": "prefetch"}]
)
def test_what_a_browser_fetches_ahead_leaves_nothing(collect, place, ahead):
    answer = collect(batch(), **ahead)
    assert answer.status == 204 and "set-cookie" not in answer.headers
    assert spool.size(place) == 0


CROSS = {
    "said": ({"sec_fetch_site": "cross-site"}, True),
    "said not": ({"sec_fetch_site": "same-site"}, False),
    "not said": ({}, False),
    "other name": ({"origin": "https://shop.example"}, True),
    "neighbour": ({"origin": "https://www.privacy.test"}, False),
}


@pytest.mark.parametrize("case", CROSS.values(), ids=CROSS)
def test_a_browser_that_would_never_bring_a_cookie_is_nobody(collect, compact, lake, settings, case):
    sent, crosses = case
    settings.SITES = ["https://shop.example", "https://www.privacy.test", ORIGIN]
    if "origin" in sent:
        settings.BASE_URL = "https://avow.privacy.test"
    answers = [collect(batch("/a"), **sent) for _ in range(3)]
    assert all(("set-cookie" not in answer.headers) is crosses for answer in answers)
    compact()
    assert Browser.objects.count() == (0 if crosses else 3)
    assert {row.ctx == 0 for row in lake()} == {crosses}


def test_on_another_site_a_ticket_still_says_whose_it_is(collect, compact, lake, policy):
    ticket = tickets.issue(enrolment.enrol(now=now()), now=now())
    collect(batch("/a", ticket=ticket), sec_fetch_site="cross-site")
    compact()
    assert [row.ctx != 0 for row in lake()] == [True]


def test_the_field_says_it_as_well(collect, compact, lake):
    assert "set-cookie" not in collect(batch(visitor={"gpc": True})).headers
    compact()
    assert [row.ctx for row in lake()] == [0]


REFUSED = {
    "wrong-kind": batch({"kind": "scroll", "page": "/"}),
    "wrong-type": batch({"kind": "page", "page": 7}),
    "text-as-feature": batch({"kind": "feature", "page": "/", "feature": "Dear Ada, how are you"}),
    "wrong-and-undeclared": batch({"kind": "page", "page": 7, "email": "ada@example.com"}),
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
def test_what_is_not_as_declared_is_refused_and_leaves_nothing(collect, place, body):
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


def test_one_network_cannot_send_without_end(collect, monkeypatch):
    rates = collecting.rates()
    monkeypatch.setattr(rates, "_clock", lambda: 0.0)  # events come back with time
    assert all(rates.allow("192.0.2.1") for _ in range(100))
    while rates.allow("192.0.2.1"):
        pass
    assert collect(batch(), ip="192.0.2.99").status == 429, "its neighbour"
    assert collect(batch(), ip="192.0.3.1").status == 202
    while rates.allow("2001:db8:1:1::1"):
        pass
    assert collect(batch(), ip="2001:db8:1:ffff::2").status == 429, "a household has more than we can count"
    assert collect(batch(), ip="2001:db8:2::1").status == 202
    assert rates_of("::ffff:192.0.2.7") == "192.0.2.0/24" and rates_of("unix:/run/x") == "unix:/run/x"


def rates_of(address):
    from avow.usage import rates

    return rates.shortened(address)


def test_a_batch_costs_what_is_in_it(collect, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(collecting.rates(), "_clock", lambda: clock[0])
    full = batch(*["/a"] * 500)
    taken = 0
    while collect({**full, "batch": f"{taken:032x}"}).status == 202:
        taken += 1
    assert taken == 3, "1200 events at once, the last batch on credit"
    clock[0] += 2.0
    assert collect(batch()).status == 429, "what it owes comes back first"
    clock[0] += 1.0
    assert collect(batch()).status == 202


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
    assert pages.template(page) == kept == pages.template(page)


def test_only_plain_paths_are_remembered_and_few_of_them():
    pages._plain.cache_clear()
    for page in ("/a?mail=ada@example.com", "/u/ada%40example.com", "/x#y", "/" + "x" * 200, "https://a.example/b"):
        pages.template(page)
    assert pages._plain.cache_info().currsize == 0
    pages.template("/reports/sales")
    assert (pages._plain.cache_info().currsize, pages._plain.cache_info().maxsize) == (1, 10_000)


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
