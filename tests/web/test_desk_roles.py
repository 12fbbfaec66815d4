"""
Each page of the desk, for each role: what it sees, what it does, and what is refused with a sentence.

It bites: without the comparison in the gate a role reaches pages that are not its own (tried); what the gate lets through
the database still refuses, which a test of its own shows. An agent's secret is kept back twice, by the page and by the
template: with one of the two away nothing is seen of it.
"""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.urls import reverse

from avow.people import desk
from avow.people.desk_roles import MAY, Area, May, Role
from avow.people.models import Account
from avow.policy.promises import Promise
from avow.requests import cases
from avow.requests.models import Case
from avow.vault.models import OpeningCase
from avow.web import urls
from tests.people import app
from tests.web.conftest import resident

pytestmark = pytest.mark.proves(Promise.SECURITY_MEASURES)
AT_DESK = [one for one in urls.urlpatterns if str(one.pattern).startswith("desk") and one.name != "desk-join"]
WORDS = {"to": "approve", "number": "nobody"}


def at(pattern):
    given = {
        name: 1
        if "Int" in repr(kind)
        else WORDS.get(name, "x")
        if "str" in repr(kind) or "slug" in repr(kind).lower()
        else uuid4()
        for name, kind in pattern.pattern.converters.items()
    }
    return reverse(pattern.name, kwargs=given)


@pytest.fixture
def as_role(house):
    def become(role):
        client = resident(f"{role}@example.com", name="Works Here")
        desk.give(client.person, role, now=datetime.now(UTC))
        client.app = app.guard(client.person)
        return client

    return become


def test_every_page_of_the_desk_has_an_area():
    assert len(AT_DESK) > 20
    for one in AT_DESK:
        assert isinstance(getattr(one.callback, "area", None), Area), one.name


@pytest.mark.parametrize("role", Role)
def test_each_page_opens_to_the_roles_that_the_table_names(role, as_role):
    client = as_role(role)
    for page in AT_DESK:
        far = MAY[role].get(page.callback.area, May.NOTHING)
        path = at(page)
        seen, done = client.get(path), client.post(path, {})
        assert (seen.status_code == 403) == (far < page.callback.least), (page.name, seen.status_code)
        assert (done.status_code == 403) == (far < May.ACT), (page.name, done.status_code)
        assert seen.status_code < 500 and done.status_code < 500, page.name
        if seen.status_code == 200:
            text = seen.content.decode()
            assert ('<fieldset class="looks" disabled' in text) == (far < May.ACT), page.name


def test_a_refusal_says_who_could(as_role):
    said = as_role(Role.AUDITOR).post("/desk/policy", {}).content.decode()
    assert "Your role at the desk is auditor" in said and "the role officer does" in said


def test_doors_are_those_that_open(as_role):
    support = as_role(Role.SUPPORT).get("/desk").content.decode()
    assert "/desk/cases" in support and "/desk/openings" in support
    assert not any(f'href="/desk/{one}"' in support for one in ("law", "holds", "releases", "policy", "staff"))


def test_support_answers_a_case_and_closes_it(as_role):
    """The whole way of a letter, under support's own role in the database."""
    grace = resident("grace@example.com", name="Grace Hopper")
    found = cases.ask(grace.person, "How long is a report kept?", now=datetime.now(UTC))
    support = as_role(Role.SUPPORT)
    assert "How long is a report kept?" in support.get(f"/desk/case/{found.number}").content.decode()
    support.post(f"/desk/case/{found.number}", {"do": "answer", "text": "For a year."})
    assert "For a year." in grace.get("/requests").content.decode()
    support.post(f"/desk/case/{found.number}", {"do": "close"})
    assert Case.objects.get(number=found.number).outcome == "answered"


def test_support_looks_for_a_persons_own_wish_and_for_no_other_reason(as_role):
    grace, support = resident("grace@example.com", name="Grace Hopper"), as_role(Role.SUPPORT)
    page = support.get("/desk/openings").content.decode()
    assert 'value="request"' in page and 'value="security"' not in page
    given = {"whose": "grace@example.com", "reason": "security", "hours": 2}
    assert support.post("/desk/openings", given).status_code == 422 and not OpeningCase.objects.exists()
    case = support.post("/desk/openings", given | {"reason": "request"}).headers["Location"]
    assert "Grace" not in support.get(case).content.decode()
    assert support.post(case, {"do": "look"}).status_code == 200
    assert OpeningCase.objects.get(person=grace.person).opened > 0
    assert support.post(case, {"do": "compare", "field": "name", "given": "Grace Hopper"}).status_code == 200


def test_what_the_table_forgot_is_refused_by_the_database_with_a_sentence(as_role, monkeypatch, caplog):
    auditor = as_role(Role.AUDITOR)
    monkeypatch.setattr("avow.people.desk_roles.MAY", dict.fromkeys(Role, dict.fromkeys(Area, May.ACT)))
    said = auditor.post("/desk/agents", {"name": "Mailer", "country": "DE", "kind": "mail", "purpose": "account"})
    assert said.status_code in (403, 422)
    refused = auditor.post("/desk/staff", {"take": str(uuid4())})
    assert refused.status_code == 403 and "Your role at the desk is auditor" in refused.content.decode()
    assert "the role auditor may not do at staff" in caplog.text


def test_an_officer_lets_somebody_in_and_takes_the_desk_away(as_role):
    officer = as_role(Role.OFFICER)
    page = officer.post("/desk/staff", {"role": "auditor"}).content.decode()
    link = page.split("<code>http://127.0.0.1:8000")[1].split("</code>")[0]
    eve = resident("eve@example.com", name="Eve")
    asked = eve.get(link).content.decode()
    assert "as auditor" in asked
    assert eve.post(link).headers["Location"] == "/desk"
    assert Account.objects.get(person=eve.person).desk_role == "auditor"
    listed = officer.get("/desk/staff").content.decode()
    assert str(eve.person)[:8] in listed and "Eve" not in listed and "eve@" not in listed
    assert "none: the desk is closed to them" in listed
    officer.post("/desk/staff", {"take": str(eve.person)})
    assert Account.objects.get(person=eve.person).desk_role == ""
    kept = officer.post("/desk/staff", {"take": str(officer.person)}, follow=True).content.decode()
    assert "Nobody takes themselves off the desk" in kept and desk.is_officer(officer.person)
    for odd in ("", "x", "0" * 36):
        assert officer.post("/desk/staff", {"take": odd}).status_code in (302, 422)
    assert officer.post("/desk/staff", {"role": "root"}).status_code == 422


def test_who_only_looks_reads_no_agents_secret_and_no_reason_of_the_law(as_role, monkeypatch):
    """The secret speaks for the company and for the agent; the reason is a word about somebody, for who signs."""
    from django.conf import settings

    from avow.sharing import agents, disclosures_queries
    from avow.vault.models import Recipient
    from tests.web.test_agents_pages import FACTS

    monkeypatch.setattr(settings, "DEMO", False)
    officer = as_role(Role.OFFICER)
    officer.post("/desk/agents", FACTS)
    agent = Recipient.objects.get().pk
    secret = agents.secret_of(agents.find(agent)).hex()
    assert secret in officer.get(f"/desk/agents/{agent}?key=1").content.decode()
    asked = []
    monkeypatch.setattr(disclosures_queries, "cases", lambda _who, _now, *, signs: asked.append(signs) or [])
    for role in (Role.ENGINEER, Role.AUDITOR):
        client = as_role(role)
        for demo in (False, True):
            monkeypatch.setattr(settings, "DEMO", demo)
            page = client.get(f"/desk/agents/{agent}?key=1").content.decode()
            assert secret not in page and "Show the secret" not in page
        client.get("/desk/law")
    assert asked == [False], "the engineer does not come there at all"


def test_nobody_of_the_desk_answers_their_own_case(as_role):
    support = as_role(Role.SUPPORT)
    found = cases.ask(support.person, "Why is my report empty?", now=datetime.now(UTC))
    for given in ({"do": "answer", "text": "Because."}, {"do": "close"}, {"do": "minor"}):
        assert support.post(f"/desk/case/{found.number}", given).status_code == 403
    assert Case.objects.get().answered_at is None
