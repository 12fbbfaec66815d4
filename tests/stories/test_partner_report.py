"""
Two officers and a partner: a report is proposed, refused with its reasons, mended, approved by a second officer, made,
and read under its link by somebody without an account; then the sentences about sharing hold on the wall.

It bites: a second approval by the same officer, a page that reads the events instead of the file, or a link that needs
an account each stop the story (tried).
"""

import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from avow.policy.promises import Promise
from tests.sharing.conftest import FIRST, LAST, PAGES, approved, figures, lake, many, rows
from tests.stories.holding import keeps_its_word
from tests.web.conftest import resident

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.proves(Promise.SHARING_LIMIT, Promise.NO_SALE, Promise.ANONYMISED_RELEASE, Promise.AGGREGATE_RELEASE),
]
SENTENCES = ("1.4", "4.1", "4.2", "4.3", "4.4")


def test_a_report_for_a_partner(page, monkeypatch):
    from avow.people import desk
    from avow.usage import lake as usage_lake

    monkeypatch.setattr(usage_lake, "events", lake(many(people=300)))
    northwind()
    officers = [resident(address) for address in ("ada@example.com", "grace@example.com")]
    for address in ("ada@example.com", "grace@example.com"):
        desk.grant(address, datetime.now(UTC))

    become(page, officers[0])
    page.goto("/desk/releases")
    page.get_by_text("Figures on usage", exact=True).click()
    form = page.locator("form", has=page.get_by_label("Pages a person and day"))
    form.get_by_label("First day").fill(FIRST.isoformat())
    form.get_by_label("Last day").fill(LAST.isoformat())
    form.get_by_label("Pages", exact=False).first.fill("\n".join(PAGES))
    form.get_by_label("Budget, in thousandths").fill("400")
    form.get_by_role("button", name="Propose").click()
    page.get_by_role("button", name="Check").click()
    page.get_by_text("One release may spend 0.010 and this asks for 0.400: ask for less.").wait_for()
    assert "all partners together may spend" in page.locator("#reasons + ul").inner_text()

    page.get_by_label("Budget, in thousandths").fill("10")
    page.get_by_role("button", name="Change").click()
    page.get_by_role("button", name="Check").click()
    page.get_by_text("a figure is off by up to").wait_for()
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("The second approval is another officer’s.").wait_for()
    assert page.get_by_role("button", name="Publish").count() == 0

    address = page.url
    become(page, officers[1])
    page.goto(address)
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("button", name="Make a link for the partner").click()
    link = page.locator("#partner-link").inner_text()

    page.context.clear_cookies()
    page.goto(link)
    page.get_by_role("heading", name="Figures on usage").wait_for()
    front = page.locator("tr", has=page.get_by_role("rowheader", name="/", exact=True))
    assert re.fullmatch(r"\d{3,4}", front.locator("td").inner_text())
    assert page.get_by_text("too few to say").count() >= 1
    assert page.locator("svg.picture title").first.text_content()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download the table (CSV)").click()
    assert taken.value.suggested_filename.endswith(".csv")

    become(page, officers[1])
    page.goto("/shared-with")
    page.get_by_role("rowheader", name="Figures on usage").wait_for()
    page.get_by_role("button", name="Leave me out").click()
    page.get_by_text("You are left out").wait_for()

    assert keeps_its_word(page, *SENTENCES)


def northwind():
    from datetime import timedelta

    from avow.policy.purposes import Purpose
    from avow.sharing.making import PROMISE
    from avow.vault import recipients
    from avow.vault.recipients import RecipientKind

    now = datetime.now(UTC)
    number = recipients.add(RecipientKind.PARTNER, "Northwind Research", {"place": "Oslo"}, now=now)
    for kind, promise in PROMISE.items():
        recipients.grant(
            number, [kind.value], Purpose.ANONYMISED_RELEASE, promise,
            contract="contracts/northwind.pdf", until=now + timedelta(days=90), now=now,
        )  # fmt: skip
    return SimpleNamespace(number=number)


def become(page, client):
    """Give the browser somebody's session."""
    page.goto("/policy")
    page.context.clear_cookies()
    page.context.add_cookies(
        [{"name": name, "value": morsel.value, "url": page.url} for name, morsel in client.cookies.items()]
    )


@pytest.mark.parametrize("page", [True], indirect=True, ids=["with-javascript"])
def test_anyone_can_use_the_pages_of_releases(page):
    from avow.people import desk
    from tests.stories.test_anyone_can_use_it import look

    officers = [resident(address) for address in ("ada@example.com", "grace@example.com")]
    for address in ("ada@example.com", "grace@example.com"):
        desk.grant(address, datetime.now(UTC))
    paths = published(northwind(), [client.person for client in officers])
    become(page, officers[0])
    assert look(page, ["/shared-with", "/desk/releases", *paths]) == []


def published(partner, officers):
    """Publish both kinds and propose one that is refused; return the paths of their pages."""
    from avow.sharing import handing_over, proposing, releasing

    now, events = datetime.now(UTC), lake(many(people=300))
    paths = []
    for given in (figures(partner), rows(partner)):
        release = approved(given, officers, events, now=now)
        releasing.publish(release, now=now, events=events)
        paths += [f"/desk/releases/{release}", f"/partner/{handing_over.make_link(release, now=now)}"]
    refused = proposing.propose(figures(partner, rho=400), by=None, now=now)
    releasing.check(refused, now=now)
    return [*paths, f"/desk/releases/{refused}"]
