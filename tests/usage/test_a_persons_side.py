"""
What was recorded is the person's: they see it, take it along, forget it, and decide what it is used for.

It bites (each was tried): a `forget` that leaves the number of the row; one that does not first work up what is on its
way; an analysis that does not leave out who objected. A home page that does not ask the switch passes, since the gate
then refuses to open the contexts (tried): two guards. Counting a day's names over all days, or those of nobody, makes a
crowd of one person (tried). An export without the circumstances or the browser's row, or with the cookie's value; a
forgotten row that keeps its minute or its browser; a mask over other rows than theirs (each tried).
"""

import json
import secrets
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.test import override_settings

from avow.evidence import pretending, versions
from avow.people import tickets
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.usage import (
    analyses,
    browsers,
    choosing,
    collecting,
    compacting,
    cookies,
    forgetting,
    manifest,
    personalising,
    places,
    recorded,
    retaining,
    rows,
)
from avow.usage.models import Browser, Context
from avow.usage.receiving import Sender
from avow.usage.stores import UsageStore
from avow.usage.wire import frame_bytes
from avow.vault import accepting, agreeing, choices, enrolment, erasure
from avow.vault.actor import THE_PERSON
from tests.usage.conftest import AGENT, IP, batch

pytestmark = [
    pytest.mark.proves(Promise.ACCESS_AND_ERASE, Promise.DE_IDENTIFY, Promise.PURPOSE_LIMIT, Promise.COLLECTED_DATA)
]
STORE = UsageStore()


def now():
    return datetime.now(UTC)


@pytest.fixture
def uses(collect, compact):
    """Let a person use the site."""

    def use(person, *pages, work_up=True, **visit):
        assert collect(batch(*pages, ticket=tickets.issue(person, now=now()), **visit)).status == 202
        return compact() if work_up else None

    return use


@pytest.fixture
def person(policy):
    return enrolment.enrol(now=now())


def export(person, name="usage-events"):
    return {told.name: told.rows for told in STORE.export(person, now=now())}[name]


def test_the_export_says_all_that_was_recorded_and_nothing_of_others(uses, person, collect):
    uses(enrolment.enrol(now=now()), "/other")
    uses(person, {"kind": "page", "page": "/reports/sales", "status": 404}, device="phone-7")
    [row] = export(person)
    assert (row["page"], row["answered"], row["IP address"], row["device"], row["browser"]) == (
        "/reports/sales", 404, IP, "phone-7", AGENT,
    )  # fmt: skip
    [sent] = export(person, "usage-circumstances")
    assert sent == {
        "day": now().date().isoformat(),
        "IP address": IP,
        "device": "phone-7",
        "cookie": None,
        "browser": AGENT,
    }
    assert STORE.count(person) == 2 == sum(len(told.rows) for told in STORE.export(person, now=now()))
    assert export(enrolment.enrol(now=now())) == ()


def test_a_browsers_copy_lists_all_that_is_counted_and_lets_nobody_act_as_it(collect, compact):
    cookie = collect(batch("/a")).cookie
    compact()
    person, shown = Browser.objects.get().person, cookies.fingerprint(cookies.read(cookie))
    told = list(STORE.export(person, now=now()))
    assert sum(len(part.rows) for part in told) == STORE.count(person) == 3, "no row is counted and not listed"
    today = now().date().isoformat()
    assert export(person, "usage-browsers") == ({"cookie": shown, "since": today, "last day": today},)
    assert export(person)[0]["cookie"] == export(person, "usage-circumstances")[0]["cookie"] == shown
    copy = json.dumps([part.rows for part in told], default=str)
    assert shown in copy and cookie not in copy and cookie[:32] not in copy
    assert browsers.person_of(cookie) == person
    assert browsers.person_of(shown) is None is browsers.person_of(shown.ljust(64, "0"))


def test_forgetting_leaves_the_pages_count_and_nobody_in_it(uses, person, lake, place):
    uses(person, "/a", {"kind": "feature", "page": "/a", "feature": "chart"})
    uses(other := enrolment.enrol(now=now()), "/a")
    [kept] = [row for row in lake() if row.pid == recorded.names_of(other, [now().date()])[now().date()]]
    uses(person, "/b", work_up=False)  # on its way
    pid = recorded.names_of(person, [now().date()])[now().date()]
    old = set(place.lake.glob("day=*/*"))
    assert STORE.forget(person, request=uuid4(), now=now()) == 5
    assert STORE.count(person) == 0 == STORE.forget(person, request=uuid4(), now=now())
    left = lake()
    assert sorted(row.page for row in left) == ["/a", "/a", "/a", "/b"]
    assert pid not in {row.pid for row in left} and len({row.pid for row in left}) == 4
    assert [row.feature for row in left] == [None] * 4 and sum(row.ctx != 0 for row in left) == 1
    strangers = [row for row in left if row.ctx == 0]
    assert all(row.browser == "other" and row.at == rows.hour(row.at) for row in strangers)
    [theirs] = [row for row in left if row.ctx != 0]
    assert (theirs.browser, theirs.at) == (kept.browser, kept.at), "another's row stays as it was"
    assert not old & set(place.lake.glob("day=*/*")) - set(manifest.newest(place.lake).paths(place.lake))
    assert len(export(other)) == 1


def test_one_day_can_be_forgotten_alone(uses, person, collect, compact):
    yesterday = datetime.combine(now().date(), time.min, UTC) - timedelta(milliseconds=1)  # within a day at any hour
    uses(person, {"kind": "page", "page": "/old", "at": int(yesterday.timestamp() * 1000)}, "/new")
    forgetting.forget(person, now=now(), days=[yesterday.date()])
    assert [row["page"] for row in export(person)] == ["/new"]
    assert forgetting.forget(person, now=now(), days=[yesterday.date()]) == 0


@pytest.mark.parametrize("said", ["objected", "frozen", "erasing", "erased"])
def test_who_said_no_or_is_going_is_nobody(uses, person, lake, said):
    uses(person, "/before")
    {
        "objected": lambda: choosing.record(person, on=False, now=now()),
        "frozen": lambda: choices.freeze(person, now=now()),
        "erasing": lambda: erasure.begin(person, now=now()),
        "erased": lambda: erasure.erase(person, request=uuid4(), asked_by=THE_PERSON, now=now()),
    }[said]()
    uses(person, "/after")
    assert {row.page: row.ctx != 0 for row in lake()} == {"/before": True, "/after": False}
    assert not {row.pid for row in lake() if row.page == "/after"} & {
        row.pid for row in lake() if row.page == "/before"
    }


def test_a_forgotten_browser_is_nobody_and_comes_back_as_nobody(collect, compact, lake):
    cookie = collect(batch("/a")).cookie
    compact()
    person = Browser.objects.get().person
    STORE.forget(person, request=uuid4(), now=now())
    collect(batch("/late"), cookie=f"avow_browser={cookie}")
    compact()
    assert STORE.count(person) == 0 and not Context.objects.exists()
    assert {row.ctx for row in lake()} == {0}


def test_signing_in_never_joins_a_browsers_history(collect, compact, person):
    cookie = collect(batch("/alone")).cookie
    ticket = tickets.issue(person, now=now())
    collect(batch("/signed-in", ticket=ticket), cookie=f"avow_browser={cookie}")
    compact()
    assert [row["page"] for row in export(person)] == ["/signed-in"]
    assert [row["page"] for row in export(Browser.objects.get().person)] == ["/alone"]


def crowd(uses, collect, compact, pages, people=6):
    key = {"origin": None, "authorization": f"Bearer {host_key()}"}
    came = [enrolment.enrol(now=now()) for _ in range(people)]
    for one in came:
        collect(batch(*pages, ticket=tickets.issue(one, now=now())), **key)
    compact()
    return came


def host_key():
    from avow.web.api.host import host_key as key

    return key()


def test_analyses_show_no_few_and_leave_out_who_objected(uses, collect, compact, person):
    crowd(uses, collect, compact, ["/reports/sales", {"kind": "feature", "page": "/x", "feature": "chart"}], 5)
    uses(person, "/reports/sales", "/secret-page")
    span = analyses.last_days(2, Purpose.ANALYSIS, now())
    assert [day.people for day in analyses.visits(span)] == [0, 6]
    assert {page.page: page.people for page in analyses.pages(span)} == {"/reports/sales": 6, "/secret-page": None}
    assert [(one.name, one.people) for one in analyses.features(span, ["export", "chart"])] == [
        ("export", 0),
        ("chart", 5),
    ]
    choices.object_to(person, Purpose.ANALYSIS, now=now())
    assert {page.page: page.people for page in analyses.pages(span)} == {"/reports/sales": 5}
    improvement = analyses.last_days(2, Purpose.IMPROVEMENT, now())
    assert {page.page for page in analyses.pages(improvement)} == {"/reports/sales", "/secret-page"}


def test_days_of_a_text_that_allowed_less_are_read_for_those_alone_who_agreed(uses, collect, compact):
    """It bites: a day that is read once somebody agreed, and days that stay shut to those who did (both tried)."""
    yesterday = datetime.combine(now().date(), time.min, UTC) - timedelta(milliseconds=1)
    told = {"kind": "page", "page": "/then", "at": int(yesterday.timestamp() * 1000)}
    people = crowd(uses, collect, compact, [told, "/now"], 8)
    again = dropped_and_taken_up_again(Purpose.ANALYSIS)
    for one in people:
        accepting.accept(one, again.sha256, now=now())

    def seen():
        return {page.page: page.people for page in analyses.pages(analyses.last_days(2, Purpose.ANALYSIS, now()))}

    assert seen() == {"/now": 8}
    for one in people[:6]:
        agreeing.agree(one, again.sha256, now=now())
    assert seen() == {"/now": 8, "/then": 6}
    choices.object_to(people[0], Purpose.ANALYSIS, now=now())
    agreeing.take_back(people[1], now=now())
    assert seen() == {"/now": 7, "/then": None}
    with override_settings(OLD_DATA_ASKS=False):
        assert seen() == {"/now": 7, "/then": 7}


def dropped_and_taken_up_again(purpose):
    """Publish a text of today without the purpose, then the one in force again."""
    current, today = versions.all_versions()[-1], now().date()
    table = current.clauses.decode().replace(f'"{purpose}"', f'"{Purpose.ACCOUNT}"')
    pretending.publish(current.raw + b"\nThis sentence is new.\n", table.encode(), effective=today, now=now())
    return pretending.publish(current.raw + b"\nSo is this.\n", current.clauses, effective=today, now=now())


def test_one_person_on_many_days_is_not_many_people(uses, person):
    for back in range(6):
        then = now() - timedelta(days=back)
        ticket = tickets.issue(person, now=then)
        told = {"visitor": {"cookie": None}, "ticket": ticket, "events": [
            {"kind": "page", "page": "/people/ada", "status": 500},
            {"kind": "feature", "page": "/x", "feature": "hers"},
        ]}  # fmt: skip
        sent = {"batch": secrets.token_hex(16), "visits": [told]}
        frame = collecting.admit(json.dumps(sent).encode(), Sender(is_host=True), now=then).frame
        collecting.spool().put(frame_bytes(frame)).result()
    compacting.compact(places.here(), now=now())
    span = analyses.last_days(7, Purpose.IMPROVEMENT, now())
    assert analyses.popular(span) == [] == analyses.failing(span)
    assert [page.people for page in analyses.pages(span)] == [None]
    assert [(one.people, one.uses) for one in analyses.features(span, [])] == [(None, None)]


def test_who_forgets_does_not_become_a_crowd(uses, collect, compact, person):
    uses(person, *["/hers"] * 6)
    forgetting.forget(person, now=now())
    for _ in range(6):
        collect(batch("/quiet"), sec_gpc="1")
    compact()
    span = analyses.last_days(1, Purpose.IMPROVEMENT, now())
    assert analyses.popular(span) == []
    assert [day.people for day in analyses.visits(span)] == [None]
    assert {page.page: (page.views, page.people) for page in analyses.pages(span)} == {
        "/hers": (6, None),
        "/quiet": (6, None),
    }


def test_pages_that_fail_are_found(uses, collect, compact):
    broken = {"kind": "page", "page": "/export", "status": 500}
    crowd(uses, collect, compact, [broken, "/fine", {"kind": "page", "page": "/export", "status": 200}])
    [page] = analyses.failing(analyses.last_days(1, Purpose.IMPROVEMENT, now()))
    assert (page.page, page.views, page.failed, page.broken, page.share) == ("/export", 12, 6, 6, 0.5)


def test_an_empty_lake_answers(place):
    span = analyses.last_days(3, Purpose.ANALYSIS, now())
    assert [day.people for day in analyses.visits(span)] == [0, 0, 0]
    assert analyses.pages(span) == analyses.failing(span) == []


@pytest.mark.proves(Promise.PERSONALISATION_CHOICE)
def test_a_home_page_follows_its_person_until_they_say_no(uses, collect, compact, person):
    crowd(uses, collect, compact, ["/docs/start"])
    for _ in range(3):
        uses(person, "/reports/churn", "/reports/4711")
    uses(person, "/docs/api")
    home = {"now": now(), "off_url": "/recorded"}
    nobodys = personalising.home(None, **home)
    assert nobodys == {
        "personalised": False, "off_url": "/recorded",
        "suggestions": [{"page": "/docs/start", "why": "Many people open this."}],
    }  # fmt: skip
    mine = personalising.home(person, **home)
    assert mine["personalised"] and [one["page"] for one in mine["suggestions"]] == [
        "/reports/churn", "/docs/api", "/docs/start",
    ]  # fmt: skip
    assert "3 times" in mine["suggestions"][0]["why"]
    choosing.personalise(person, on=False, now=now())
    choosing.personalise(person, on=False, now=now())  # a second click
    assert json.dumps(personalising.home(person, **home)) == json.dumps(nobodys)
    choosing.personalise(person, on=True, now=now())
    assert personalising.home(person, **home) == mine
    choices.freeze(person, now=now())
    assert personalising.home(person, **home) == nobodys == personalising.home(uuid4(), **home)


def test_what_is_too_old_goes(uses, person, place, lake, monkeypatch):
    uses(person, "/a")
    assert retaining.days_kept(now()) == 396
    later = now() + timedelta(days=397)
    assert retaining.clear(now=now() + timedelta(days=395)) == 0 and len(lake()) == 1
    assert retaining.clear(now=later) == 1 and lake() == [] and not Context.objects.exists()
    assert list(place.lake.glob("day=*")) == [] and retaining.clear(now=later) == 0
    monkeypatch.setenv("AVOW_USAGE_DAYS", "30")
    assert retaining.days_kept(now()) == 30
    monkeypatch.setenv("AVOW_USAGE_DAYS", "9999")
    assert retaining.days_kept(now()) == 396


def test_a_browser_that_came_never_again_goes_too(collect, compact, place):
    collect(batch("/a")), compact()
    person = Browser.objects.get().person
    retaining.clear(now=now() + timedelta(days=397))
    assert not Browser.objects.filter(person=person).exists()
    assert recorded.names_of(person, [now().date()]) == {}


def test_many_small_files_become_one(uses, person, place, lake, monkeypatch):
    from avow.usage import compacting

    monkeypatch.setattr(compacting, "MERGED", 2)
    for _ in range(4):
        uses(person, "/a")
    assert len(lake()) == 4 == len(export(person)) and len(list(place.lake.glob("day=*/*"))) <= 2
    assert all(path.stat().st_mode & 0o077 == 0 for path in place.lake.rglob("*.parquet"))
    assert rows.SCHEMA.names == [column.name for column in __import__("avow.usage.catalogue", fromlist=["LAKE"]).LAKE]
