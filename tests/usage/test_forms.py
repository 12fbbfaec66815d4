"""
The forms in which events come, and what is left out of them.

It bites (each was tried): a strict schema that refuses what is undeclared; one that keeps it; a count by name, or lost
at the second pass; NDJSON of which a bad line is skipped; an unpacking without a bound, or for browsers; a key that two
senders share; a hidden origin that is heard from anywhere, or as somebody; a property that is kept whatever the policy names.
"""

import gzip
import json
import re
import secrets
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.errors import AvowError
from avow.people import tickets
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.usage import (
    catalogue,
    declared,
    dropping,
    forms,
    manifest,
    packed,
    recorded,
    referrers,
    segments,
    spool,
    templates,
)
from avow.usage.models import Browser
from avow.usage.wire import VERSION, frame_of
from avow.vault import enrolment
from tests.usage.conftest import ORIGIN, batch

pytestmark = [pytest.mark.proves(Promise.COLLECTED_DATA)]
EVENT = {"kind": "page", "page": "/reports/sales"}
LINES = {"content_type": "application/x-ndjson"}


def now():
    return datetime.now(UTC)


@pytest.fixture
def key(place):
    from avow.web.api.host import host_key

    return {"origin": None, "authorization": f"Bearer {host_key()}"}


def lines(*visits):
    return b"\n".join(json.dumps(one).encode() for one in visits) + b"\n"


# The four forms


FORMS = {
    "one event": (EVENT, {}, 1),
    "a list": ([EVENT, {"events": [EVENT, EVENT]}], {}, 3),
    "one a line": (lines(EVENT, {"events": [EVENT, EVENT]}), LINES, 3),
    "an empty line at the end": (lines(EVENT) + b"\n", LINES, 1),
    "as a beacon sends it": (EVENT, {"content_type": "text/plain;charset=UTF-8"}, 1),
    "a feature called visits": ({"kind": "feature", "page": "/", "feature": "visits"}, {}, 1),
    "a page with a key in it": ({"kind": "page", "page": '/"visits":'}, {}, 1),
}


@pytest.mark.parametrize(("body", "heads", "events"), FORMS.values(), ids=FORMS)
def test_each_form_is_taken(collect, compact, body, heads, events):
    assert collect(body, **heads).status == 202
    assert compact() == events


REFUSED = {
    "an event and a list of them": ({**EVENT, "events": [EVENT]}, {}),
    "neither": ({"ticket": "x"}, {}),
    "half an event": ({"kind": "page"}, {}),
    "an empty list": ([], {}),
    "nothing on no line": (b"\n", LINES),
    "one bad line": (lines(EVENT) + b"{\n" + lines(EVENT), LINES),
    "one wrong line": (lines(EVENT, {**EVENT, "status": "ok"}), LINES),
    "lines that say they are one": (lines(EVENT, EVENT), {}),
    "another type": (EVENT, {"content_type": "text/csv"}),
    "a long key": (EVENT, {"idempotency_key": "k" * 300}),
}


@pytest.mark.parametrize(("body", "heads"), REFUSED.values(), ids=REFUSED)
def test_a_form_that_is_not_whole_is_refused_whole(collect, place, body, heads):
    answer = collect(body, **heads)
    assert answer.status == 400 and spool.size(place) == 0
    assert len(json.loads(answer.body)["title"]) < 200


def test_more_visits_or_events_than_a_batch_has_are_refused(collect, key, place):
    small = {"kind": "page", "page": "/"}
    assert collect(lines(*[small] * 5_001), **key, **LINES).status == 400
    packed_ = gzip.compress(json.dumps([{"events": [small] * 500}] * 21).encode())
    assert collect(packed_, content_encoding="gzip", **key).status == 413
    assert spool.size(place) == 0


def test_what_says_the_same_key_again_counts_once(collect, compact, key):
    for _ in range(2):
        collect([EVENT], idempotency_key='"8e03978e-40d5-43e8"')
        collect([EVENT], idempotency_key="8e03978e-40d5-43e8", **key)  # a server's own, which no browser can use up
        collect(lines(EVENT), idempotency_key="other", **LINES)
        collect(batch(batch="ab" * 16), idempotency_key="the body's number goes before it")
    assert compact() == 4
    collect([EVENT], idempotency_key="8e03978e-40d5-43e8")
    assert compact() == 0


def test_who_gives_no_number_sends_once_and_leaves_none(collect, compact, place):
    collect(EVENT), collect(EVENT)
    assert compact() == 2
    assert (place.lake / manifest.newest(place.lake).batches).read_bytes() == b""


def test_a_frame_of_another_version_is_named_and_not_lost(collect, compact, place):
    from avow.errors import Unavailable
    from avow.usage import collecting

    collecting.spool().put(b"\x01old").result()
    with pytest.raises(Unavailable, match="another version"):
        compact()
    assert list(place.spool.glob("*.closed")) and VERSION == b"\x02"


# Packed


def test_a_server_may_pack_and_a_browser_may_not(collect, compact, key):
    body = gzip.compress(json.dumps([EVENT] * 3).encode())
    assert collect(body, content_encoding="gzip").status == 400
    assert collect(body, content_encoding="gzip", **key).status == 202
    assert collect(gzip.compress(lines(EVENT, EVENT)), content_encoding="gzip", **key, **LINES).status == 202
    assert collect(EVENT, content_encoding="identity", **key).status == 202
    assert collect(body, content_encoding="br", **key).status == 400
    assert compact() == 6


def test_a_bomb_is_left_as_soon_as_it_is_too_large(collect, key, place):
    bomb = gzip.compress(b" " * 200_000_000, compresslevel=9)
    assert len(bomb) < 256 * 1024, "it comes through the door"
    assert collect(bomb, content_encoding="gzip", **key).status == 413
    twice = gzip.compress(gzip.compress(b" " * 50_000_000))
    assert collect(twice, content_encoding="gzip", **key).status == 400
    assert spool.size(place) == 0


def test_no_more_of_a_bomb_is_unpacked_than_is_refused(monkeypatch):
    asked, real = [], zlib.decompressobj(31)

    class Counting:
        def decompress(self, body, most=0):
            plain = real.decompress(body, most)
            asked.append(len(plain))
            return plain

    monkeypatch.setattr(packed.zlib, "decompressobj", lambda wbits: Counting())
    with pytest.raises(AvowError):
        packed.unpacked(gzip.compress(b" " * 50_000_000), "gzip", is_host=True)
    assert asked == [packed.UNPACKED + 1]


WHOLE = gzip.compress(json.dumps(EVENT).encode())


@pytest.mark.parametrize("odd", [b"", b"no gzip", WHOLE[:-4], WHOLE + b"more", WHOLE * 2, zlib.compress(b"[]")])
def test_what_is_not_one_whole_is_refused(collect, key, odd):
    assert collect(odd, content_encoding="gzip", **key).status == 400


def test_the_largest_batch_comes_back_out_of_its_segment(collect, compact, key):
    """What is acknowledged and then taken for torn would be lost."""
    visits = [{"kind": "page", "page": "/é/é/é/é/é/é/é/é"}] * 5_000
    assert collect(gzip.compress(lines(*visits)), content_encoding="gzip", **key, **LINES).status == 202
    assert compact() == 5_000
    with pytest.raises(AvowError, match="too large"):
        from avow.usage import collecting

        collecting.spool().put(b"x" * segments.LARGEST)


# Undeclared


def test_what_nobody_declared_is_left_out_and_counted_by_place(collect, compact, place, lake, key):
    odd = "odd-value-4711"
    body = {
        **batch(), "odd_name": odd,
        "visits": [{"odd_name": odd, "events": [{**EVENT, "odd_name": odd, "b": {"deep": [odd]}}, EVENT]}, {**EVENT, "x": 1}],
    }  # fmt: skip
    assert collect(body).status == 202
    assert collect(lines({**EVENT, "odd_name": odd}), **LINES, **key).status == 202
    for path in place.spool.glob("*.open"):
        assert all(odd.encode() not in plain and b"odd_name" not in plain for _, plain in segments.frames(place, path))
    assert compact() == 4 == len(lake())
    told = manifest.newest(place.lake).dropped
    assert dropping.summed(told) == [
        (ORIGIN, "event", 2),
        (ORIGIN, "visit", 2),
        (ORIGIN, "batch", 1),
        ("server", "visit", 1),
    ]
    collect({**body, "batch": "cd" * 16}), compact()
    assert dropping.summed(manifest.newest(place.lake).dropped)[0] == (ORIGIN, "event", 4), "it goes on counting"


def test_a_batch_that_comes_again_is_not_counted_again(collect, compact, place):
    body = {**batch(), "odd": 1}
    collect(body), collect(body), compact(), collect(body), compact()
    assert dropping.summed(manifest.newest(place.lake).dropped) == [(ORIGIN, "batch", 1)]


def test_what_is_undeclared_excuses_nothing_that_is_wrong(collect, place):
    assert collect({**EVENT, "odd": 1, "status": "fine"}).status == 400
    assert collect({**EVENT, "odd": 1, "visitor": {"ip": "192.0.2.1", "odd": 1}}).status == 400
    assert spool.size(place) == 0


def test_counts_are_kept_for_a_month():
    counts = {"2026-10-01": {"server event": 1}, "2026-11-20": {"server event": 2}}
    assert dropping.added(counts, [], now=datetime(2026, 11, 25, tzinfo=UTC)) == {"2026-11-20": {"server event": 2}}


PLAIN = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
ANY = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


@given(
    st.dictionaries(
        st.sampled_from(["kind", "page", "feature", "events", "visits", "batch", "odd", "é"]), ANY, max_size=5
    )
)
def test_any_body_is_taken_or_refused_with_a_sentence_and_never_keeps_a_name(body):
    try:
        sent = forms.decode(json.dumps(body).encode(), lines=False, properties=())
    except AvowError as refused:
        assert str(refused).endswith((".", ".md."))
    else:
        assert set(sent.dropped) <= {"batch", "visit", "event", "visitor"}


# sendBeacon


def test_a_page_that_hides_where_it_is_is_nobodys(collect, compact, lake, policy):
    ticket = tickets.issue(enrolment.enrol(now=now()), now=now())
    cookie = collect(EVENT).cookie
    for site in ("same-origin", "same-site"):
        answer = collect(
            {**EVENT, "ticket": ticket}, origin="null", sec_fetch_site=site, cookie=f"avow_browser={cookie}"
        )
        assert answer.status == 202 and "set-cookie" not in answer.headers
    assert collect(EVENT, origin="null", sec_fetch_site="cross-site").status == 403
    assert collect(EVENT, origin="null").status == 403
    compact()
    assert sorted(row.ctx != 0 for row in lake()) == [False, False, True] and Browser.objects.count() == 1


# Properties, pages, referrers


@pytest.fixture
def says(settings, place):
    def say(*, properties="", pages=None, referrers=""):
        settings.PROPERTIES = declared.properties(properties)
        settings.PAGES = templates.read(pages) if pages is not None else None
        settings.REFERRERS = declared.referrers(referrers)

    return say


def test_declared_properties_are_kept_if_the_policy_names_their_kind(says, collect, compact, lake, policy):
    says(properties="plan:word:user.behavior.feature_use, rows:number:user.behavior.page_view,"
         "beta:flag:user.behavior.feature_use, lang:word:user.demographic.language")  # fmt: skip
    person = enrolment.enrol(now=now())
    said = {"plan": "pro", "rows": 12, "beta": True, "lang": "de", "odd": "x"}
    collect({**EVENT, "ticket": tickets.issue(person, now=now()), "properties": said})
    collect({**EVENT, "properties": said}, sec_gpc="1")
    compact()
    assert sorted((row.properties or "", row.ctx != 0) for row in lake()) == [
        ("", False), ('{"beta":true,"plan":"pro","rows":12}', True),
    ]  # fmt: skip
    [event] = recorded.events(person, Purpose.RIGHTS, now=now())
    assert json.loads(event.properties)["plan"] == "pro"


@pytest.mark.parametrize("wrong", [
    {"plan": "ada@example.com"}, {"plan": "ada%40example.com"}, {"plan": "Dear Ada"}, {"plan": 7}, {"rows": "12"},
    {"rows": 10**400}, {"plan": "x" * 65}, [],
])  # fmt: skip
def test_a_property_of_another_kind_is_refused(says, collect, place, wrong):
    says(properties="plan:word:user.behavior.feature_use,rows:number:user.behavior.feature_use")
    assert collect({**EVENT, "properties": wrong}).status == 400 and spool.size(place) == 0


def test_without_a_declaration_properties_are_left_out(collect, compact, place, lake):
    collect({**EVENT, "properties": {"plan": "pro"}}), compact()
    assert [row.properties for row in lake()] == [None]
    assert dropping.summed(manifest.newest(place.lake).dropped) == [(ORIGIN, "visit", 1)]


@pytest.mark.parametrize("device", ["ada@example.com", "ada%40example.com", "ada (at) example.com", "ada[AT]example"])
def test_a_device_that_looks_like_an_address_is_refused(collect, place, device):
    answer = collect({**EVENT, "device": device})
    assert answer.status == 400 and "ada" not in answer.body.decode() and spool.size(place) == 0
    assert collect({**EVENT, "device": "atlas-7 (flat)"}).status == 202


PAGES = """
# what our site has
/reports/:name
/reports/sales
/docs/:more
/u/:id/settings
"""
KEPT = {
    "/": "/", "/reports/sales": "/reports/sales", "/reports/ada-lovelace": "/reports/:name", "/Reports/Sales/": "/reports/sales",
    "/docs/a/b/c?x=1": "/docs/:more", "/docs": "/:other", "/u/ada/settings": "/u/:id/settings", "/u/ada": "/:other",
    "/people/ada-lovelace": "/:other", "https://a.example/reports/x#y": "/reports/:name", "/reports/:name": "/reports/:name",
    "/" + "docs/" * 40: "/:other", "/%72eports/sales": "/reports/sales",
}  # fmt: skip


def test_with_a_list_a_page_is_on_it_or_another(says, collect, compact, lake):
    says(pages=PAGES)
    events = [{**EVENT, "page": page, "status": 200 + n} for n, page in enumerate(KEPT)]
    collect([{"events": events}]), compact()
    assert [row.page for row in sorted(lake(), key=lambda row: row.status)] == list(KEPT.values())


@given(st.text(max_size=80))
def test_whatever_is_sent_a_line_of_the_list_is_kept(page):
    from avow.usage import pages

    listed = templates.read(PAGES)
    assert pages.template(page, listed) in {
        "/",
        "/:other",
        "/reports/:name",
        "/reports/sales",
        "/docs/:more",
        "/u/:id/settings",
    }


SENT_FROM = {
    "https://www.search.example/q?who=ada": "search.example", "search.example": "search.example", "https://a.b.news.example": "news.example",
    "https://search.example.evil.test/": "other", "https://intranet/people/ada": "other", "//[": "other", f"{ORIGIN}/reports": None,
    "android-app://com.example/": "other", "": None,
}  # fmt: skip


def test_of_a_referrer_a_host_of_the_list_is_kept(says, collect, compact, lake):
    says(referrers="search.example, news.example")
    events = [{**EVENT, "referrer": said, "status": 200 + n} for n, said in enumerate(SENT_FROM)]
    collect([{"events": events}]), compact()
    assert [row.referrer for row in sorted(lake(), key=lambda row: row.status)] == list(SENT_FROM.values())
    assert {referrers.host(said, frozenset(), ORIGIN) for said in SENT_FROM} == {None, "other"}, "without a list"


WRONG = [
    "plan", "plan:word", "plan:text:user.behavior.feature_use", "plan:word:user.contact.email", "plan:word:nothing",
    "Plan:word:user.behavior", "class:word:user.behavior", "a:word:user.behavior,a:flag:user.behavior", "a:word:user.behavior:x",
]  # fmt: skip


@pytest.mark.parametrize("written", WRONG)
def test_a_declaration_that_cannot_be_obeyed_stops_the_start(written):
    with pytest.raises(AvowError, match="AVOW_PROPERTIES"):
        declared.properties(written)


def test_a_list_of_pages_that_cannot_be_read_stops_the_start(tmp_path):
    from avow.host import usage_settings

    assert usage_settings.pages("") is None
    for text in ("reports", "/Reports", "/a/:more/b", "/a?b=c", "/:ID"):
        (tmp_path / "pages").write_text(text)
        with pytest.raises(AvowError, match="AVOW_PAGES"):
            usage_settings.pages(str(tmp_path / "pages"))
    with pytest.raises(AvowError, match="AVOW_PAGES"):
        usage_settings.pages(str(tmp_path / "none"))
    (tmp_path / "pages").write_text(PAGES)
    assert usage_settings.pages(str(tmp_path / "pages")).match(["docs", "x"]) == "/docs/:more"
    with pytest.raises(AvowError, match="AVOW_REFERRERS"):
        declared.referrers("https://a.example")


def test_a_property_goes_with_its_person(says, collect, compact, lake, policy):
    from avow.usage import forgetting

    says(properties="plan:word:user.behavior.feature_use", referrers="search.example")
    person = enrolment.enrol(now=now())
    sent = {**EVENT, "properties": {"plan": "pro"}, "referrer": "search.example"}
    collect({**sent, "ticket": tickets.issue(person, now=now())}), compact()
    assert [(row.properties, row.referrer) for row in lake()] == [('{"plan":"pro"}', "search.example")]
    forgetting.forget(person, now=now())
    assert [(row.properties, row.referrer, row.page) for row in lake()] == [(None, None, "/reports/sales")]


def test_a_frame_reads_back_what_was_written():
    from avow.usage.wire import Frame, Kept, Seen, frame_bytes

    kept = Kept("page", "/", None, 200, 1, "other", '{"a":1}')
    frame = Frame(
        secrets.token_bytes(16), 1, [Seen(None, None, None, None, None, "other", [kept])], "server", {"event": 2}
    )
    assert frame_of(frame_bytes(frame)) == frame != replace_received(frame)


def replace_received(frame):
    import msgspec

    return msgspec.structs.replace(frame, received=2)


def test_the_page_of_the_collector_has_all_that_an_event_may_say():
    said = (Path(__file__).parents[2] / "docs" / "reference" / "collector.md").read_text()
    shown = set(re.findall(r"^\| `([a-z]+)` \|", said, re.MULTILINE))
    assert shown == {*(one.name for one in catalogue.EVENT), catalogue.PROPERTIES.name}
    assert {column.name for column in catalogue.LAKE} == {"pid", "ctx", "browser", *shown}
