"""
One person through the house, in a real Chromium, with JavaScript and without: sign up with the code from the demo's
letters, see, correct, take along, delete, and leave with a certificate that the verifier accepts and, spoilt, refuses.

It bites: leaving the code out of its letter, the value out of `settings_change.change`, or the account's row standing in
`people.deletion.close`, each stops the journey (tried). That the key is really gone is proved in tests/promises.
"""

import io
import random
import re
import zipfile
from pathlib import Path

import pytest

from avow.evidence import verifier
from avow.policy.promises import Promise

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.proves(
        Promise.ACCESS_AND_ERASE, Promise.VIEW_AND_CORRECT, Promise.GIVEN_DATA, Promise.CHOICE_TO_WITHHOLD
    ),
]
ADDRESS, PASSWORD = "ada@example.com", "a long and quiet afternoon"


def sign_up(page):
    page.goto("/")
    page.get_by_role("link", name=re.compile("^Create an account An e-mail")).click()
    page.get_by_label("E-mail").fill(ADDRESS)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label("Phone").fill("+49 30 12345678")
    page.get_by_role("button", name="Create the account").click()
    page.get_by_role("link", name="the letters").click()
    code = page.locator(".given-code").first.inner_text()
    page.go_back()
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/data")


def test_one_person_through_the_house(page, site):
    sign_up(page)
    assert page.locator("#phone .value").inner_text() == "+493012345678"

    page.locator("#phone summary").first.click()
    page.locator("#phone input[name=value]").fill("12")
    page.locator("#phone").get_by_role("button", name="Save").click()
    page.locator("#phone .errorlist").wait_for()
    page.locator("#phone input[name=value]").fill("+49 30 87654321")
    page.locator("#phone").get_by_role("button", name="Save").click()
    assert page.locator("#phone .value").inner_text() == "+493087654321"
    page.get_by_text("What it was before (1)").click()
    page.locator("#phone table").get_by_text("+493012345678").wait_for()

    with page.expect_download() as taken:
        page.get_by_role("button", name="Download my data").click()
    packed = Path(taken.value.path()).read_bytes()
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert "index.html" in names
    assert b"+493087654321" in b"".join(zipfile.ZipFile(io.BytesIO(packed)).read(name) for name in names)

    page.get_by_role("link", name="Delete", exact=True).click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Delete everything now").click()
    page.wait_for_url("**/certificates/*")
    page.get_by_role("heading", name="Certificate of erasure").wait_for()
    with page.expect_download() as given:
        page.get_by_role("link", name="Download the certificate").click()
    certificate = Path(given.value.path()).read_bytes()
    vkey = page.request.get("/log/key").text().strip()
    assert verifier.verify(certificate, vkey)["kind"] == "erasure-certificate"
    for at in random.Random(2).sample(range(len(certificate)), 40):
        with pytest.raises((verifier.Refused, verifier.Unreadable, UnicodeDecodeError)):
            verifier.verify(certificate[:at] + bytes([certificate[at] ^ 1]) + certificate[at + 1 :], vkey)

    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(ADDRESS)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator(".errorlist").wait_for()


def test_a_sentence_opens_its_proof_in_the_text_and_on_its_page(page):
    page.goto("/policy")
    assert not page.locator('[id="3a.2"] .note').is_visible()
    page.locator('[id="3a.2"] .open').click()
    page.locator('[id="3a.2"] .note').wait_for()
    page.locator('[id="3a.2"] .note').get_by_role("link", name="See the proof").click()
    page.get_by_role("heading", name="What keeps it").wait_for()
    page.go_back()
    page.locator('[id="3a.2"] .note').get_by_role("link", name="Close").click()
    assert not page.locator('[id="3a.2"] .note').is_visible()
