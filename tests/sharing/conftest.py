"""A partner with a grant, officers, a lake that holds what a test puts there; an agent with a real endpoint, and a person."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

NOW = datetime.now(UTC)
LAST = NOW.date() - timedelta(days=1 if NOW.timetuple().tm_yday > 9 else NOW.timetuple().tm_yday + 1)
FIRST = LAST - timedelta(days=6)
PAGES = ["/", "/reports", "/docs"]


def lake(rows):
    """Return a source of events from (day number, pid, page, browser)."""
    import ibis
    import pyarrow as pa

    types = {
        "day": pa.date32(), "at": pa.timestamp("us", tz="UTC"), "pid": pa.int64(), "ctx": pa.int64(),
        "kind": pa.string(), "page": pa.string(), "feature": pa.string(), "browser": pa.string(), "status": pa.int16(),
    }  # fmt: skip
    midnight = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
    made = [
        (FIRST + timedelta(days=day), midnight + timedelta(days=day, seconds=at % 80_000), pid, pid + 1, "page", page, None,
         browser, 200)
        for at, (day, pid, page, browser) in enumerate(rows)
    ]  # fmt: skip
    columns = {name: [row[place] for row in made] for place, name in enumerate(types)}
    return lambda _since, _until, **_place: ibis.memtable(pa.table(columns, schema=pa.schema(types)))


def many(days=7, people=600):
    """Visits of many on each day: all to the front page, half to the reports."""
    return [
        (day, day * 10_000 + one, page, "Firefox" if one % 2 else "Chromium")
        for day in range(days)
        for one in range(people)
        for page in (["/", "/reports"] if one % 2 else ["/"])
    ]


@pytest.fixture
def many_visits():
    return lake(many())


@pytest.fixture
def partner(policy):
    """A partner that may have releases of both kinds."""
    from avow.policy.purposes import Purpose
    from avow.sharing.making import PROMISE
    from avow.sharing.spec import Kind
    from avow.vault import recipients
    from avow.vault.recipients import RecipientKind

    number = recipients.add(RecipientKind.PARTNER, "Northwind Research", {"place": "Oslo"}, now=NOW)
    grants = [
        recipients.grant(
            number, [kind.value], Purpose.ANONYMISED_RELEASE, PROMISE[kind],
            contract="contracts/northwind.pdf: no re-identification", until=NOW + timedelta(days=90), now=NOW,
        )
        for kind in Kind
    ]  # fmt: skip
    return SimpleNamespace(number=number, grant=grants[0])


@pytest.fixture
def officers(policy):
    """Two officers and somebody who is none."""
    from avow.people import enrolment
    from avow.people.models import Account

    made = [enrolment.open_account(Account(), "a long and quiet afternoon", now=NOW).person for _ in range(3)]
    Account.objects.filter(person__in=made[:2]).update(desk_since=NOW, desk_role="officer")
    return made


def figures(partner, /, **other):
    days = {"since": FIRST.isoformat(), "until": LAST.isoformat()}
    return {"kind": "usage-figures", "partner": str(partner.number), **days, "pages": PAGES, "rho": 10} | other


def rows(partner, /, **other):
    days = {"since": FIRST.isoformat(), "until": LAST.isoformat()}
    named = {"columns": ["weekday", "browser", "pages", "section"], "k": 11}
    return {"kind": "usage-rows", "partner": str(partner.number), **days, **named} | other


def approved(given, officers, events, now=NOW):
    """Propose, check and have two officers approve."""
    from avow.sharing import proposing, releasing

    release = proposing.propose(given, by=officers[0], now=now)
    assert releasing.check(release, now=now, events=events).reasons == []
    for officer in officers[:2]:
        releasing.approve(release, officer, now=now)
    return release


from tests.requests.asking import make_someone
from tests.sharing import endpoint as endpoints


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def endpoint():
    with endpoints.running() as running:
        yield running


@pytest.fixture
def ada(policy, now):
    return SimpleNamespace(person=make_someone(password=None, now=now))


@pytest.fixture
def add_agent(policy, now):
    """Enter an agent and grant it fields."""
    from avow.sharing import agents

    def added(url, name="Parcel & Post", fields=("name", "email"), days=90):
        facts = agents.Facts(
            service="Parcels", purpose="sends the printed report that you ordered", place="Lisbon, Portugal",
            site="https://parcel.example", contact="privacy@parcel.example", endpoint=url,
        )  # fmt: skip
        number = agents.add(name, facts, now=now)
        if fields:
            agents.grant(number, fields, contract="contracts/parcel.pdf", until=now + timedelta(days=days), now=now)
        return number

    return added


@pytest.fixture
def agent(add_agent, endpoint):
    return add_agent(endpoint.url)
