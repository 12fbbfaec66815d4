"""
A person with an account: what the site recorded, by day and by event; forgotten; personalisation off, and then off.
"""

from datetime import UTC, datetime

import pytest

from avow.people import queries, tickets
from avow.policy.promises import Promise
from avow.usage import personalising
from avow.web.api.host import host_key
from tests.stories.test_one_person_through_the_house import ADDRESS, sign_up
from tests.stories.visiting import holds, host_pages, wait_for
from tests.usage.conftest import batch

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.proves(Promise.COLLECTED_DATA, Promise.PERSONALISATION_CHOICE, Promise.ACCESS_AND_ERASE),
]


def test_a_person_sees_decides_and_forgets(page, site):
    sign_up(page)
    person = queries.person_at(ADDRESS)
    ticket = tickets.issue(person, now=datetime.now(UTC))
    with host_pages(site, ticket, "phone-7") as host:
        for _ in range(2):
            page.goto(f"{host}/reports/sales")
            page.wait_for_timeout(200)
    if not page.scripted:  # the beacon does not run; the host's server tells instead
        body = batch("/reports/sales", "/reports/sales", ticket=ticket, device="phone-7", visitor={"ip": "192.0.2.7"})
        key = {"Authorization": f"Bearer {host_key()}"}
        assert page.request.post("/collect", data=body, headers=key).status == 202
    wait_for(page, "/recorded", "phone-7")
    assert home(person)["suggestions"][0]["page"] == "/reports/sales"
    page.get_by_role("button", name="Turn personalisation off").click()
    page.get_by_text("Personalisation is off.").wait_for()
    assert home(person) == home(None)
    page.get_by_text("The same as a table").click()
    page.get_by_role("button", name="Forget", exact=False).first.click()
    page.get_by_text("is forgotten").wait_for()
    page.get_by_text("Nothing is recorded under your account").wait_for()
    assert holds(page, "3b.1", "what-is-recorded-is-declared")
    assert holds(page, "3b.2", "personalisation-off-is-off")


def home(person):
    return personalising.home(person, now=datetime.now(UTC), off_url="/recorded")
