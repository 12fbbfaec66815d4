"""
Agents, in a real Chromium: an officer enters one, everybody reads it, an errand goes, its person sees it, corrects a
field and is erased, and the agent is told of each; the certificate lists it.

The same steps are tried broken in tests/sharing; here they are walked.
"""

from datetime import UTC, datetime, timedelta

import pytest

from avow.policy.promises import Promise
from tests.sharing.endpoint import running
from tests.stories.holding import keeps_its_word
from tests.stories.test_one_person_through_the_house import ADDRESS, PASSWORD, sign_up

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.proves(
        Promise.AGENT_REGISTER, Promise.AGENT_NECESSITY, Promise.AGENT_STANDARDS, Promise.SHARING_LIMIT,
        Promise.SCOPE_MARKED,
    ),
]  # fmt: skip
SENTENCES = ("1.2", "1.4", "4.5", "4.6", "4.7")
CHECKS = (
    "the-register-is-the-configuration", "agents-get-their-fields-and-no-more", "an-expired-contract-stops-sending",
    "outside-is-marked",
)  # fmt: skip


def carry():
    """Do the worker's part: each errand that waits."""
    from avow.sharing import errands_delivering
    from avow.sharing.errands_models import Errand

    for number in list(Errand.objects.filter(state="waiting").values_list("pk", flat=True)):
        errands_delivering.deliver(number, now=datetime.now(UTC))


def holds_now(page, sentences, checks):
    """Run the live checks as the worker does, and read each sentence's mark as anybody does."""
    from avow.evidence import running as evidence

    for name in checks:
        assert evidence.run_one(name, datetime.now(UTC)).held, name
    keeps_its_word(page, *sentences)


@pytest.mark.parametrize("page", [False], indirect=True, ids=["without-javascript"])
def test_an_agent_gets_its_fields_and_is_told_of_corrections_and_of_the_end(page, site):
    from avow.people import desk, queries
    from avow.sharing import agents, errands

    sign_up(page)
    desk.grant(ADDRESS, datetime.now(UTC))
    with running() as endpoint:
        page.goto("/desk/agents")
        said = {
            "Name": "Parcel & Post", "Service": "Parcels", "Purpose": "sends the printed report that you ordered",
            "Place": "Lisbon, Portugal", "Site": "https://parcel.example", "Contact": "privacy@parcel.example",
            "Endpoint": endpoint.url,
        }  # fmt: skip
        for label, value in said.items():
            page.get_by_label(label).fill(value)
        page.get_by_role("button", name="Enter it into the register").click()
        page.get_by_label("Name", exact=True).check()
        page.get_by_label("Contract").fill("contracts/parcel.pdf")
        page.get_by_label("Reviewed by").fill((datetime.now(UTC) + timedelta(days=90)).date().isoformat())
        page.get_by_role("button", name="Grant", exact=True).click()

        page.goto("/policy/sentence/4.5")
        page.get_by_role("link", name="Who receives what: the register of agents").click()
        section = page.locator("section", has=page.get_by_role("heading", name="Parcel & Post"))
        assert section.locator("dd").first.inner_text() == "Name"
        assert "works for Optimibi; the policy covers it" in section.get_by_role("link").inner_text()

        person = queries.person_at(ADDRESS)
        errands.give(agents.named("Parcel & Post"), person, ["name"], now=datetime.now(UTC))
        carry()
        page.goto("/data")
        page.get_by_role("link", name="Who received what", exact=True).click()
        assert "Parcel & Post Name for its work" in " ".join(page.locator("tbody").inner_text().split())

        page.goto("/data")
        page.locator("#name summary").first.click()
        page.locator("#name input[name=value]").fill("Ada King")
        page.locator("#name").get_by_role("button", name="Save").click()
        carry()
        assert endpoint.taken[-1]["fields"] == {"name": "Ada King"}

        page.goto("/delete")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Delete everything now").click()
        page.get_by_role("heading", name="Certificate of erasure").wait_for()
        carry()
        assert endpoint.taken[-1]["kind"] == "deletion"
        page.reload()
        listed = page.locator("section", has=page.get_by_role("heading", name="Who was told to delete")).inner_text()
        assert "Parcel & Post" in listed and "it has taken the order" in listed
        assert ADDRESS.encode() not in b"".join(body for _, body in endpoint.raw)
    holds_now(page, SENTENCES, CHECKS)
