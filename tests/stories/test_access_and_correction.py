"""
Somebody looks at what is held, corrects their name, sees what it was before, and takes everything along.

The mechanisms are broken one by one in tests/promises (view and correct, access and erase); here they are walked.
"""

import io
import zipfile
from pathlib import Path

import pytest

from avow.evidence import verifier
from avow.policy.promises import Promise
from tests.stories.holding import keeps_its_word
from tests.stories.test_one_person_through_the_house import sign_up

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.proves(Promise.VIEW_AND_CORRECT, Promise.ACCESS_AND_ERASE),
]


@pytest.mark.parametrize("page", [True], indirect=True, ids=["with-javascript"])
def test_access_and_correction(page):
    sign_up(page)
    page.locator("#name summary").first.click()
    page.locator("#name input[name=value]").fill("Ada King")
    page.locator("#name").get_by_role("button", name="Save").click()
    assert page.locator("#name .value").inner_text() == "Ada King"
    page.locator("#name").get_by_text("What it was before (1)").click()
    page.locator("#name table").get_by_text("Ada Lovelace").wait_for()

    with page.expect_download() as taken:
        page.get_by_role("button", name="Download my data").click()
    packed = Path(taken.value.path()).read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as copy:
        told = copy.read("data/fields.json").decode()
    assert "Ada King" in told and "Ada Lovelace" in told
    assert verifier.verify(packed, page.request.get("/log/key").text().strip())["kind"] == "export"
    assert keeps_its_word(page, "3a.2", "6.1", "3a.3")
