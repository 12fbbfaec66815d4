"""
Releases in a browser: the desk refuses in sentences, a link needs no account and has one answer when it does not open.

It bites: without the `try` round the desk's acts a second click leads to another page that says no; a link that tells
"revoked" from "wrong" fails here (tried).
"""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from tests.people import app
from tests.sharing.conftest import approved, figures, lake, many
from tests.stories.test_partner_report import northwind
from tests.web.conftest import resident

pytestmark = pytest.mark.proves(Promise.ANONYMISED_RELEASE, Promise.AGGREGATE_RELEASE)


@pytest.fixture
def desk_of_two(officer):
    from avow.people import desk

    other = resident("grace@example.com", name="Grace Hopper")
    desk.grant("grace@example.com", datetime.now(UTC))
    app.guard(other.person)
    return officer, other


@pytest.fixture
def ready(desk_of_two):
    """An approved release of figures."""
    partner = northwind()
    return approved(figures(partner), [client.person for client in desk_of_two], None, now=datetime.now(UTC))


def act(client, release, name):
    """Press a button of a release's page, and return that page as it then stands: never another one that says no."""
    answer = client.post(f"/desk/releases/{release}", {"act": name}, follow=True)
    assert (answer.status_code, answer.request["PATH_INFO"]) == (200, f"/desk/releases/{release}")
    return answer.content.decode()


def test_without_a_lake_publishing_says_so_and_spends_nothing(desk_of_two, ready, monkeypatch):
    from avow.errors import Unavailable
    from avow.sharing import spending
    from avow.usage import lake as usage_lake

    def away(*_, **__):
        raise Unavailable("The lake is away; try again in a minute.")

    monkeypatch.setattr(usage_lake, "events", away)
    assert "The lake is away" in act(desk_of_two[0], ready, "publish")
    assert spending.spent(datetime.now(UTC).year) == 0


def test_a_second_click_changes_nothing_and_is_no_broken_page(desk_of_two, ready, monkeypatch):
    from avow.sharing.release_models import Spend
    from avow.usage import lake as usage_lake

    monkeypatch.setattr(usage_lake, "events", lake(many(people=30)))
    for _ in range(2):
        assert "Published." in act(desk_of_two[0], ready, "publish")
    assert Spend.objects.count() == 1
    assert "is published" in act(desk_of_two[0], ready, "approve")
    assert "cannot become" in act(desk_of_two[0], ready, "withdraw")


def test_a_link_has_one_answer_when_it_does_not_open(desk_of_two, ready, monkeypatch):
    from avow.sharing import handing_over, releasing

    now = datetime.now(UTC)
    releasing.publish(ready, now=now, events=lake(many(people=30)))
    token, old = handing_over.make_link(ready, now=now), handing_over.make_link(ready, now=now - timedelta(days=40))
    stranger = Client()
    assert stranger.get(f"/partner/{token}").status_code == 200
    table = stranger.get(f"/partner/{token}.csv")
    assert table.content.startswith(b"page,visits\n/,") and "attachment" in table["Content-Disposition"]
    assert stranger.get(f"/partner/{token}.json").json()["format"] == "avow.release/1"
    assert stranger.get(f"/partner/{token}.exe").status_code == 404
    assert "Every link of it is closed" in act(desk_of_two[0], ready, "revoke")
    answers = {stranger.get(f"/partner/{one}").content for one in (token, old, "f" * 64, "x")}
    assert len(answers) == 1 and stranger.get(f"/partner/{token}").status_code == 404


def test_a_person_sees_what_was_given_and_leaves_it(ada, ready):
    from avow.evidence.acts import Act
    from avow.sharing import leaving_out, releasing
    from avow.vault import choices
    from avow.vault.attesting import acts_of

    now = datetime.now(UTC)
    releasing.publish(ready, now=now, events=lake(many(people=30)))
    assert "Figures on usage" in ada.get("/shared-with").content.decode()
    for _ in range(2):  # a second click
        ada.post("/shared-with", {"off": "yes"})
    assert Purpose.ANONYMISED_RELEASE in choices.of(ada.person, now=now).objected
    assert ada.person in leaving_out.people(now)
    ada.post("/shared-with", {"off": "no"})
    assert ada.person not in leaving_out.people(now)
    acts = [one.act for one in acts_of(ada.person)]
    assert acts.count(Act.OBJECTED) == acts.count(Act.OBJECTION_WITHDRAWN) == 1


def test_a_proposal_that_cannot_be_read_comes_back_with_its_reason(officer):
    partner = northwind()
    typed = {"kind": "usage-figures", "usage-figures-partner": str(partner.number), "usage-figures-since": "2026-11-02",
             "usage-figures-until": "2026-11-01", "usage-figures-pages": "/", "usage-figures-per_day": "3",
             "usage-figures-rho": "10"}  # fmt: skip
    answer = officer.post("/desk/releases", typed)
    assert answer.status_code == 422 and "days of one year" in answer.content.decode()
    assert officer.post("/desk/releases", {**typed, "usage-figures-since": "then"}).status_code == 422
    assert officer.get("/desk/releases/00000000-0000-4000-8000-000000000000").status_code == 404
