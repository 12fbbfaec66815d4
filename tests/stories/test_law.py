"""
The law, in a real Chromium: one officer drafts, another approves, the package holds one field, its person is told; a hold
outlives an erasure by one field and ends by itself.

The same steps are tried broken in tests/sharing and tests/vault/test_holds.py; here they are walked.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from tests.stories.test_agents import holds_now
from tests.stories.test_one_person_through_the_house import ADDRESS, PASSWORD, sign_up
from tests.web.conftest import resident

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.proves(Promise.LEGAL_DISCLOSURE)]


def day(days):
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def sign_in(page, address):
    """Sign somebody else in."""
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/data")


def handed_over(page):
    """Approve the one case that waits, make its package, download it, and return what is in it."""
    page.goto("/desk/law")
    page.get_by_role("button", name="Approve it").click()
    page.get_by_role("button", name="Make the package").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Hand it over").click()
    return json.loads(Path(taken.value.path()).read_bytes())


def draft_a_case(draft, basis, field, why):
    """Fill in what every case names but its person and its span of time."""
    draft.get_by_label("Basis").fill(basis)
    draft.get_by_label("Authority").fill("District Court")
    draft.get_by_label("Why it is necessary").fill(why)
    draft.get_by_label(field, exact=True).check()


def within_a_month(draft):
    """Name the span of time, and draft the case."""
    draft.get_by_label("Values from").fill(day(-30))
    draft.get_by_label("Values until").fill(day(1))
    draft.get_by_role("button", name="Draft the case").click()


@pytest.mark.parametrize("page", [False], indirect=True, ids=["without-javascript"])
def test_two_officers_one_field_and_a_hold_that_ends(page, site):
    from avow.people import desk, queries
    from avow.vault import holds, holds_ending
    from avow.vault.actor import SERVICE
    from avow.vault.models import Hold

    sign_up(page)
    for address in ("one@example.com", "two@example.com"):
        resident(address)
        desk.grant(address, datetime.now(UTC))
    sign_in(page, "one@example.com")
    page.goto("/desk/law")
    draft = page.locator("section", has=page.get_by_role("heading", name="Draft a case"))
    draft.get_by_label("Address of the account").fill(ADDRESS)
    draft_a_case(draft, "file 2026/113", "Name", "The court's order names this account and asks who holds it.")
    draft.get_by_role("button", name="Draft the case").click()
    assert "needs a span of time with an end" in page.locator(".errorlist").first.inner_text()
    within_a_month(draft)
    assert "another officer approves it" in page.locator("tbody").inner_text()

    page.goto("/desk/holds")
    propose = page.locator("section", has=page.get_by_role("heading", name="Propose a hold"))
    propose.get_by_label("Address of the account").fill(ADDRESS)
    propose.get_by_label("Basis").fill("file 2026/114")
    propose.get_by_label("Phone number").check()
    propose.get_by_role("button", name="Propose the hold").click()
    assert "needs a day to come" in page.locator(".errorlist").first.inner_text()
    propose.get_by_label("Held until").fill(day(30))
    propose.get_by_role("button", name="Propose the hold").click()

    sign_in(page, "two@example.com")
    package = handed_over(page)
    assert [value["value"] for value in package["fields"]["name"]] == ["Ada Lovelace"] and len(package["fields"]) == 1
    page.goto("/desk/holds")
    page.get_by_role("button", name="Confirm it").click()
    assert "in force" in page.locator("tbody").inner_text()

    page.goto("/recipients")
    assert "other legal process 1 1" in " ".join(page.locator("#law ~ .table").inner_text().split())
    sign_in(page, ADDRESS)
    page.goto("/received-by")
    told = page.locator("main").inner_text()
    assert "District Court" in told and "file 2026/113" in told and "file 2026/114" in told
    page.goto("/demo/mail")
    page.get_by_text("Data of yours was handed over").first.wait_for()

    person = queries.person_at(ADDRESS)
    page.goto("/delete")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Delete everything now").click()
    page.get_by_role("heading", name="Certificate of erasure").wait_for()
    assert "kept because of a legal duty" in page.locator("main").inner_text()
    hold = Hold.objects.get(person=person)
    assert holds.open_held(hold.pk, "phone", Purpose.LEGAL, by=SERVICE, now=datetime.now(UTC)) == "+493012345678"

    sign_in(page, "one@example.com")
    page.goto("/desk/law")
    draft.get_by_label("Or what a hold kept of an erased person").select_option(index=1)
    draft_a_case(draft, "file 2026/115", "Phone number", "The court's order asks whose phone number that was.")
    within_a_month(draft)
    assert "of what a hold kept" in page.locator("tbody").inner_text()
    sign_in(page, "two@example.com")
    package = handed_over(page)
    assert [value["value"] for value in package["fields"]["phone"]] == ["+493012345678"]

    assert holds_ending.end_due(now=hold.until) == 1
    assert not hold.held.exists() and Hold.objects.get(pk=hold.pk).state == "ended"
    holds_now(page, ["4.8"], ["disclosures-are-signed-by-two", "holds-end"])
