"""
The monthly letter about one's own use: its figures are those of the person's own copy, and nobody gets it who said no.

Tried by hand, each seen to fail here: a month that is another one; use that is looked at of somebody who said no.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from avow.communications import keeping, opting_out
from avow.communications.classes import Topic
from avow.communications.models import Kept, Ledger
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.requests import digests
from avow.requests.digest_models import Digest
from avow.usage import recorded
from avow.usage.stores import UsageStore
from avow.vault import choices
from tests.usage.conftest import batch, call, compact, place  # noqa: F401 - fixtures

pytestmark = [pytest.mark.proves(Promise.CLOSED_TOPICS)]
PAGES = ("/reports/sales", "/reports/sales", "/docs")


def now():
    return datetime.now(UTC)


def next_month():
    return (now().replace(day=1) + timedelta(days=32)).replace(day=2)


@pytest.fixture
def used(somebody, place, compact):  # noqa: F811
    """Somebody who opened three pages today."""
    from avow.people import tickets

    ada = somebody().join()
    call(batch(*PAGES, ticket=tickets.issue(ada.person, now=now())))
    compact()
    return ada.person


def letters(person):
    return [one for one in keeping.shown_to(person, next_month()) if one.kind == Topic.USAGE]


def test_its_figures_are_those_of_the_copy_that_the_person_can_take(used):
    assert digests.tell(now=next_month()) == 1
    [letter] = letters(used)
    copy = next(iter(UsageStore().export(used, now=now())))
    rows = [row for row in copy.rows if row["at"].month == now().month]
    days, opened = len({row["at"].date() for row in rows}), Counter(row["page"] for row in rows)
    assert f"on {days} day." in letter.text
    said = {
        line.partition(": ")[0]: int(line.partition(": ")[2]) for line in letter.text.splitlines() if line[:1] == "/"
    }
    assert said == dict(opened) == {"/reports/sales": 2, "/docs": 1}
    assert f"in {now():%B %Y}" in letter.subject


def test_a_month_is_told_once_and_the_next_not_before_its_end(used):
    assert digests.tell(now=now()) == 0  # the month before: nothing was used
    assert digests.tell(now=next_month()) == 1
    assert digests.tell(now=next_month()) == 0
    assert len(letters(used)) == 1
    assert Digest.objects.get(month=now().date().replace(day=1)).reached is None


@pytest.mark.proves(Promise.OPT_OUT)
@pytest.mark.parametrize("said", ["off", "objected", "rests"])
def test_nobodys_use_is_looked_at_who_said_no(used, said, monkeypatch):
    if said == "off":
        opting_out.opt_out(used, [Topic.USAGE], way="link", now=now())
    elif said == "objected":
        choices.object_to(used, Purpose.COMMUNICATION, now=now())
    else:
        choices.freeze(used, now=now())
    looked = []
    monkeypatch.setattr(recorded, "events", lambda *_, **__: looked.append(1) or [])
    assert digests.tell(now=next_month()) == 0
    assert not looked and not Ledger.objects.filter(kind=Topic.USAGE).exists()


def test_who_did_nothing_gets_nothing(somebody, place):  # noqa: F811
    ada = somebody().join()
    assert digests.tell(now=next_month()) == 0
    assert not Kept.objects.filter(person=ada.person).exists()


def test_killed_midway_each_has_one(somebody, place, compact, monkeypatch):  # noqa: F811
    from avow.people import tickets

    people = [somebody(f"p{at}@example.com").join().person for at in range(3)]
    for person in people:
        call(batch("/docs", ticket=tickets.issue(person, now=now())))
    compact()

    class Killed(BaseException):
        pass

    for at in range(4):
        calls, write = iter(range(10)), digests._write

        def dying(*asked, calls=calls, write=write, at=at):
            told = write(*asked)
            if next(calls) == at:
                raise Killed
            return told

        with monkeypatch.context() as killed:
            killed.setattr(digests, "_write", dying)
            try:
                digests.tell(now=next_month())
            except Killed:
                continue
    assert [len(letters(person)) for person in people] == [1, 1, 1]


def test_one_who_cannot_be_told_keeps_no_other(used, somebody, monkeypatch):
    from avow.errors import Erased

    other = somebody("bob@example.com").join().person

    def digest(person, **asked):
        if person == other:
            raise Erased("gone meanwhile")
        return UsageStore().digest(person, **asked)

    monkeypatch.setattr(digests.stores, "digests", lambda: [SimpleNamespace(digest=digest)])
    assert digests.tell(now=next_month()) == 1
    assert Digest.objects.get(month=now().date().replace(day=1)).ended_at is not None


@pytest.mark.parametrize(
    ("at", "month"),
    [
        ("2026-12-01T00:00:00+00:00", date(2026, 11, 1)),
        ("2026-11-30T23:59:59+00:00", date(2026, 10, 1)),
        ("2026-12-01T00:30:00+01:00", date(2026, 10, 1)),  # still November in UTC
        ("2027-01-31T12:00:00+00:00", date(2026, 12, 1)),
        ("2028-03-01T12:00:00+00:00", date(2028, 2, 1)),
    ],
)
def test_the_month_before_is_that_of_utc(at, month):
    assert digests.before(datetime.fromisoformat(at)) == month
