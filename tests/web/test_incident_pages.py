"""
Incidents at the desk: the whole way of one by two officers under their own role in the database, and what others see.

It bites (each tried): without `sharing_affected` among what the area touches, a step is refused by PostgreSQL; `lines` without its exclude shows an officer the incident about them; a form that draws no number
registers twice; `Tell` that sends at the look tells everybody; a wall that asks no area shows the clock to support.
"""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from avow.policy.promises import Promise
from tests.people import app
from tests.sharing.registering import HAPPENED, SAID, registered
from tests.web.conftest import resident

pytestmark = pytest.mark.proves(Promise.BREACH_REGISTER)


def moment(hours):
    return (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def new(**other):
    plain = {
        "number": str(uuid4()), "kind": "access", "happened": HAPPENED, "found": "Somebody of the office said so.",
        "since": moment(-5), "until": "", "aware_at": moment(-1),
    }  # fmt: skip
    return plain | other


@pytest.fixture
def desk(officer):
    """Two officers; the first is Ada. And Grace, whom something touched."""
    from avow.people import desk as rooms

    other = resident("two@example.com")
    rooms.grant("two@example.com", datetime.now(UTC))
    app.guard(other.person)
    return officer, other, resident("grace@example.com", name="Grace Hopper", phone="+493012345678")


def the_incident():
    from avow.sharing.incidents_models import Incident

    return Incident.objects.get()


def step(client, do, *, prefix=True, follow=True, **fields):
    sent = {f"{do}-{name}" if prefix else name: value for name, value in fields.items()}
    return client.post(f"/desk/incidents/{the_incident().pk}", {"do": do, **sent}, follow=follow)


def work():
    """What the worker does."""
    from avow.sharing import incidents_finding, incidents_telling

    incidents_finding.find_all(clock=lambda: datetime.now(UTC))
    incidents_telling.tell_all(clock=lambda: datetime.now(UTC))


def waiting():
    from avow.sharing.incidents_models import IncidentDecision

    return str(IncidentDecision.objects.get(second=None, dropped_at=None).pk)


ASSESSED = {
    "risk": "high", "fields_touched": ["name", "phone"], "records": "2", "consequences": SAID.consequences,
    "measures": SAID.measures,
}  # fmt: skip
TOLD = {"happened": HAPPENED, "consequences": SAID.consequences, "measures": SAID.measures}


def test_the_whole_way_by_two_officers_and_whom_it_touched_reads_it(desk):
    one, other, grace = desk
    assert "No incident is registered" in text(one.get("/desk/incidents"))
    assert one.post("/desk/incidents", new()).status_code == 302
    assert "70 hours left to tell the authority" in text(one.get("/desk/incidents"))
    assert "70 hours left to tell the authority" in text(one.get("/desk"))
    assert "under way" in text(step(one, "everybody"))
    assert "accounts of the list" in text(step(one, "named", addresses="grace@example.com\nnobody@example.org"))
    work()
    page = text(one.get(f"/desk/incidents/{the_incident().pk}"))
    assert "3 people" in page and str(grace.person) in page and "grace@example.com" not in page and "Grace" not in page
    assert "written down" in text(step(one, "assess", **ASSESSED))
    draft = one.get(f"/desk/incidents/{the_incident().pk}/notice.txt")
    assert draft["Content-Type"].startswith("text/plain") and "About 3 people" in draft.content.decode()
    assert "written down that the authority was told" in text(step(one, "file", told_at=moment(0), delay=""))
    assert "The first notice" in text(one.get(f"/desk/incidents/{the_incident().pk}"))
    assert b"Nature of the breach" in one.get(f"/desk/incidents/{the_incident().pk}/notice-1.txt").content
    assert one.get(f"/desk/incidents/{the_incident().pk}/notice-2.txt").status_code == 404
    typed = {f"tell-{name}": value for name, value in TOLD.items()}
    looked = one.post(f"/desk/incidents/{the_incident().pk}", {"do": "tell", "look": "1", **typed})
    assert "Something went wrong with your data" in text(looked) and "Tell 3 people" in text(looked)
    assert the_incident().people == "undecided", "to look at a letter sends none"
    step(one, "tell", **TOLD)
    work()
    assert "Not told yet 0" in text(one.get(f"/desk/incidents/{the_incident().pk}"))
    assert "another officer agrees" in text(step(one, "close", reason="We lock shares now."))
    assert "Whoever proposed this" in text(step(one, "agree", prefix=False, about=waiting()))
    assert "decided by two" in text(step(other, "agree", prefix=False, about=waiting()))
    assert the_incident().stage == "closed"

    assert "it touched your data" in text(grace.get("/data"))
    told = text(grace.get("/incidents"))
    assert HAPPENED in told and SAID.measures in told and "Phone number" in told
    assert "it touched your data" not in text(grace.get("/data")), "they have looked"
    assert "What went wrong" in text(grace.get("/received-by"))
    assert "Shown: they read it in their account 1" in text(one.get(f"/desk/incidents/{the_incident().pk}"))
    year = datetime.now(UTC).year
    assert f"{year} 1 1 1" in text(Client().get("/security"))
    assert "72 hours run anew" in text(step(other, "reopen", reason="More is known."))


def test_the_same_form_twice_is_one_incident(desk):
    sent = new()
    for officer in desk[:2]:
        assert officer.post("/desk/incidents", sent).status_code == 302
    assert the_incident().registered_by == desk[0].person


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"aware_at": moment(30)}, "can be later than now"),
        ({"until": moment(-6)}, "cannot have ended before it began"),
        ({"since": "0001-01-01T00:00"}, "before the year 2000"),
        ({"since": "99999-01-01T00:00"}, "Enter a valid date/time"),
        ({"happened": "x" * 8001}, "at most 8000 characters"),
        ({"happened": " "}, "required"),
        ({"kind": "theft"}, "Select a valid choice"),
        ({"number": "1"}, "was altered on its way"),
    ],
)
def test_what_cannot_be_comes_back_with_a_sentence_and_what_was_typed(desk, wrong, says):
    answer = desk[0].post("/desk/incidents", new(**wrong))
    assert answer.status_code == 422 and says in text(answer) and "Somebody of the office said so." in text(answer)


def test_a_late_notice_without_a_reason_comes_back_with_what_was_typed(desk):
    desk[0].post("/desk/incidents", new(since=moment(-90), aware_at=moment(-80)))
    assert "hours past the 72 hours" in text(desk[0].get("/desk"))
    answer = step(desk[0], "file", told_at=moment(0), delay="")
    assert answer.status_code == 422 and "write why" in text(answer)
    assert "later than 72 hours" in text(step(desk[0], "file", told_at=moment(0), delay="The office was shut."))


def test_a_step_that_is_none_or_comes_too_early_is_refused(desk):
    desk[0].post("/desk/incidents", new())
    assert step(desk[0], "forget-it").status_code == 404
    assert "cannot be done now" in text(step(desk[0], "close", reason="Over."))
    assert "cannot be done now" in text(step(desk[0], "tell", **TOLD))
    assert "no such proposal" in text(step(desk[0], "agree", prefix=False, about="x"))
    assert "no such look" in text(step(desk[0], "drop", prefix=False, about=str(uuid4())))
    assert "Select a valid choice" in text(step(desk[0], "received", recipient=str(uuid4())))
    assert desk[0].get(f"/desk/incidents/{uuid4()}").status_code == 404


def test_the_officer_whose_openings_it_is_about_sees_nothing_of_it(desk):
    one, other, _ = desk
    one.post("/desk/incidents", new())
    step(one, "openings", officer="two@example.com")
    number = the_incident().pk
    for page in ("/desk/incidents", "/desk"):
        assert str(number) not in other.get(page).content.decode() and str(number) in one.get(page).content.decode()
    for page in (f"/desk/incidents/{number}", f"/desk/incidents/{number}/notice.txt"):
        assert other.get(page).status_code == 404
    assert step(other, "assess", **ASSESSED).status_code == 404


@pytest.mark.parametrize(("role", "sees"), [("auditor", True), ("engineer", False), ("support", False)])
def test_others_see_it_or_not_and_change_nothing(desk, role, sees):
    from avow.people import desk as rooms
    from avow.people.desk_roles import Role

    number = registered(datetime.now(UTC))
    somebody = resident(f"{role}@example.com")
    rooms.give(somebody.person, Role(role), now=datetime.now(UTC))
    app.guard(somebody.person)
    page = somebody.get(f"/desk/incidents/{number}")
    assert (page.status_code == 200 and HAPPENED in text(page)) is sees
    wall = somebody.get("/desk")
    assert wall.status_code == 200 and (str(number) in wall.content.decode()) is sees
    assert step(somebody, "assess", **ASSESSED).status_code == 403 and the_incident().stage == "open"


def test_a_browser_without_account_reads_it_on_its_own_page(desk):
    """Its cookie is the only proof that its history is its own, and so it is here."""
    from avow.sharing import incidents, incidents_finding
    from avow.sharing.incidents_finding import Scope, Where
    from avow.sharing.incidents_models import Affected
    from avow.usage import browsers, cookies
    from tests.sharing.registering import ONE, assessment, told

    now, cookie = datetime.now(UTC), cookies.fresh()
    known = cookies.read(cookie)
    person = browsers.persons_of([known], now=now)[known]
    number = registered(now, until=None)
    incidents_finding.look(number, Where(Scope.EVERYBODY), by=ONE, now=now)
    work()
    incidents.assess(number, assessment(), by=ONE, now=now)
    told(number, now)
    client = Client()
    assert HAPPENED not in text(client.get("/browser"))
    client.cookies[cookies.NAME] = cookie
    assert HAPPENED in text(client.get("/browser"))
    assert Affected.objects.get(person=person).shown_at
