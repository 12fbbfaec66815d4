"""The register for everybody, the desk for officers, and each person's own list; an application gives errands by API.

Tried: leaving the list of fields out of the register's template fails the first test.
"""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from avow.people import tickets
from avow.policy.promises import Promise
from avow.sharing import agents
from avow.sharing.errands_models import Errand
from avow.web.api.host import host_key

pytestmark = pytest.mark.proves(Promise.AGENT_REGISTER)
FACTS = {
    "name": "Parcel & Post", "service": "Parcels", "purpose": "sends what you ordered", "place": "Lisbon, Portugal",
    "site": "https://parcel.example", "contact": "privacy@parcel.example", "subprocessors": "none",
    "endpoint": "https://parcel.example/hook",
}  # fmt: skip


@pytest.fixture
def entered(officer):
    """An agent entered and granted by the desk's own forms; its number."""
    officer.post("/desk/agents", FACTS)
    number = agents.named("Parcel & Post")
    until = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    form = {"fields": ["name", "email"], "contract": "contracts/parcel.pdf", "until": until}
    assert officer.post(f"/desk/agents/{number}", form).status_code == 302
    return number


def test_what_the_desk_enters_everybody_reads(entered):
    text = Client().get("/recipients").content.decode()
    assert "Parcel &amp; Post" in text and "E-mail address, Name" in text and "Phone" not in text
    assert "works for Optimibi; the policy covers it" in text and "parcel.example/hook" not in text


def test_the_policy_and_every_page_lead_there(entered):
    assert 'href="/recipients"' in Client().get("/policy/sentence/4.5").content.decode()
    assert 'href="/recipients"' in Client().get("/verify").content.decode()


def give(ticket, fields=("name",), key=None):
    return Client().post(
        "/api/host/errand", json.dumps({"ticket": ticket, "agent": "Parcel & Post", "fields": list(fields)}),
        content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {key or host_key()}",
    )  # fmt: skip


def test_an_application_gives_an_errand_and_the_person_sees_it(officer, entered):
    ticket = tickets.issue(officer.person, now=datetime.now(UTC))
    assert give(ticket).status_code == 200
    assert "Parcel &amp; Post" in officer.get("/received-by").content.decode()
    desk = officer.get("/desk/agents").content.decode()
    assert "for its work: Name" in desk and "never sent" in desk and str(officer.person) not in desk


def test_what_is_refused_says_so_and_leaves_nothing(officer, entered):
    ticket = tickets.issue(officer.person, now=datetime.now(UTC))
    assert give(ticket, key="wrong").status_code == 401
    assert give("nonsense").status_code == 404
    refused = give(ticket, ["name", "phone"])
    assert (refused.status_code, refused.json()["code"]) == (403, "no-grant")
    assert not Errand.objects.exists()


def test_a_tired_officer_is_told_what_to_do(officer, entered):
    assert "has" in officer.post("/desk/agents", FACTS).content.decode()  # the second click
    bad = officer.post("/desk/agents", {**FACTS, "name": "Other", "endpoint": "http://parcel.example/x"})
    assert bad.status_code == 422 and "https" in bad.content.decode()
    past = {"fields": ["name"], "contract": "c", "until": "2020-01-01"}
    assert officer.post(f"/desk/agents/{entered}", past).status_code == 422
    assert officer.post(f"/desk/agents/{entered}/end").status_code == 302
    assert "Parcel" not in Client().get("/recipients").content.decode()
