"""
The pages of what is recorded: shown, forgotten by day and whole, switched off; and the same for a browser without account.
"""

import json
from datetime import UTC, datetime

import pytest
from django.test import Client

from avow.people import tickets
from avow.policy.promises import Promise
from avow.usage import cookies
from avow.usage.models import Browser
from tests.usage.conftest import IP, batch, collect, compact, place  # noqa: F401 - fixtures

pytestmark = [pytest.mark.proves(Promise.COLLECTED_DATA, Promise.PERSONALISATION_CHOICE)]


def now():
    return datetime.now(UTC)


def test_a_person_sees_and_forgets_a_day_and_all(house, place, ada, collect, compact):  # noqa: F811
    ticket = tickets.issue(ada.person, now=now())
    collect(batch("/reports/sales", ticket=ticket, device="phone-7")), compact()
    shown = ada.get("/recorded").content.decode()
    assert all(part in shown for part in ("/reports/sales", IP, "phone-7", "MarkerBrowser"))
    today = now().date()
    done = ada.post("/recorded/forget", {"day": today.isoformat()}, follow=True).content.decode()
    assert "is forgotten" in done and "/reports/sales" not in done
    assert "nothing left" in ada.post("/recorded/forget", {"day": today.isoformat()}, follow=True).content.decode()
    assert "nothing left" in ada.post("/recorded/forget", {"day": "yesterday"}, follow=True).content.decode()
    collect(batch("/reports/late", ticket=ticket))  # on its way at the click
    ada.post("/recorded/forget")
    compact()
    assert "/reports/late" not in ada.get("/recorded").content.decode()


def test_personalisation_off_and_on_again(house, place, ada, collect, compact):  # noqa: F811
    from avow.web.api.host import host_key

    key = {"HTTP_AUTHORIZATION": f"Bearer {host_key()}", "content_type": "application/json"}
    ticket = tickets.issue(ada.person, now=now())

    def home(ticket=ticket):
        return Client().post("/api/host/home", json.dumps({"ticket": ticket}), **key)

    collect(batch("/reports/sales", "/reports/sales", ticket=ticket)), compact()
    assert home().json()["personalised"] and home().json()["suggestions"][0]["page"] == "/reports/sales"
    assert "is off" in ada.post("/recorded/choose", {"what": "personalise", "on": "no"}, follow=True).content.decode()
    assert home().content == home(None).content == home("forged").content
    ada.post("/recorded/choose", {"what": "personalise", "on": "yes"})
    assert home().json()["personalised"]
    assert ada.post("/recorded/choose", {"what": "nonsense"}).status_code == 302
    assert Client().post("/api/host/home", "{}", content_type="application/json").status_code == 401
    assert home(None).headers["Cache-Control"] == "no-store"  # what a key or a token opens rests in no cache


def test_recording_off_counts_for_nobody(house, place, ada, collect, compact):  # noqa: F811
    ada.post("/recorded/choose", {"what": "record", "on": "no"})
    collect(batch("/a", ticket=tickets.issue(ada.person, now=now()))), compact()
    assert "Nothing is recorded" in ada.get("/recorded").content.decode()


def test_a_browser_sees_takes_and_stops(house, place, collect, compact):  # noqa: F811
    client = Client()
    assert "Nothing is recorded" in client.get("/browser").content.decode()
    assert client.get("/browser/export.json").json() == {}
    cookie = collect(batch("/docs/start")).cookie
    compact()
    client.cookies["avow_browser"] = cookie
    assert "/docs/start" in client.get("/browser").content.decode()
    [row] = client.get("/browser/export.json").json()["usage-events"]
    assert (row["page"], row["cookie"], row["IP address"]) == (
        "/docs/start",
        cookies.fingerprint(cookies.read(cookie)),
        IP,
    )
    stopped = client.post("/browser/stop")
    assert stopped.url.startswith("/certificates/") and client.cookies["avow_browser"].value == "off"
    assert "asked to be left alone" in client.get("/browser").content.decode()
    client.post("/browser/resume")
    assert not client.cookies["avow_browser"].value


def test_a_second_click_on_forget_and_a_strangers_cookie_do_nothing(house, place, collect, compact):  # noqa: F811
    cookie = collect(batch("/docs/start")).cookie
    compact()
    client = Client()
    client.cookies["avow_browser"] = cookie
    asked = client.post("/browser/forget").url
    client.cookies["avow_browser"] = cookie
    assert client.post("/browser/forget").url == asked and asked.startswith("/certificates/")
    for bad in ("0" * 64, "x", "off"):
        client.cookies["avow_browser"] = bad
        assert client.post("/browser/forget").status_code == 302 and client.get("/browser").status_code == 200
    assert Browser.objects.filter(person__isnull=False).count() == 1  # the erasure is the worker's to carry on


def test_the_desk_reads_reports_and_others_do_not(house, place, officer, collect, compact):  # noqa: F811
    from tests.web.conftest import resident

    for page in ("/desk/usage", "/desk/improvement"):
        assert officer.get(page).status_code == 200
        assert Client().get(page).status_code == 302
        assert resident(f"{page[6:]}@example.com").get(page).status_code == 404
    for _ in range(6):
        collect(batch({"kind": "page", "page": "/export", "status": 500}))
    collect(batch("/rare")), collect(batch("/crawled"), user_agent="Googlebot/2.1")
    collect({"kind": "page", "page": "/said-too-much", "shoe_size": 44}), compact()
    usage, improve = (officer.get(page).content.decode() for page in ("/desk/usage", "/desk/improvement"))
    assert "fewer than 5" in usage and ">8<" in usage and "1 event came from programs" in usage
    assert "/crawled" not in usage and "shoe_size" not in usage
    assert '<th scope="row">http://127.0.0.1:8001</th><td>visit</td><td class="number">1</td>' in usage
    assert "/export" in improve and "/rare" not in improve
