"""
Somebody deletes everything: the certificate lists what each store held, nobody signs in any more, and the certificate is
found and accepted without an account. What remains is that paper.

With one byte changed the paper is refused. That nothing is left is proved in tests/promises.
"""

from pathlib import Path

import pytest

from avow.policy.promises import Promise
from avow.vault import stores
from tests.stories.holding import keeps_its_word
from tests.stories.test_one_person_through_the_house import ADDRESS, PASSWORD, sign_up
from tests.stories.test_password import sign_in

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.proves(Promise.DE_IDENTIFY, Promise.ACCESS_AND_ERASE),
]


@pytest.mark.parametrize("page", [True], indirect=True, ids=["with-javascript"])
def test_deletion_and_what_remains(page, site, chromium):
    sign_up(page)
    page.goto("/delete")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Delete everything now").click()
    page.wait_for_url("**/certificates/*")
    page.get_by_role("heading", name="Certificate of erasure").wait_for()
    listed = page.locator("section", has=page.get_by_role("heading", name="What each store answered")).inner_text()
    assert all(store.title in listed for store in stores.stores())
    assert ADDRESS not in page.content()
    kept = page.url

    sign_in(page, PASSWORD)
    page.locator(".errorlist").wait_for()

    stranger = chromium.new_context(base_url=site, accept_downloads=True)
    anybody = stranger.new_page()
    anybody.goto(kept)
    with anybody.expect_download() as given:
        anybody.get_by_role("link", name="Download the certificate").click()
    paper = Path(given.value.path()).read_bytes()
    assert verdict(anybody, paper).startswith("Accepted.")
    assert verdict(anybody, paper.replace(b"erasure", b"erasurf", 1)).startswith("Refused.")
    stranger.close()
    assert keeps_its_word(page, "7.3", "3a.3")


def verdict(page, paper):
    page.goto("/verify")
    page.locator("#statement").set_input_files({"name": "paper.txt", "mimeType": "text/plain", "buffer": paper})
    page.get_by_role("button", name="Verify it").click()
    return page.get_by_role("status").inner_text()
