"""
An officer watches the wall while a mechanism breaks: its sentence turns from holds to failing within one check
period, in place, and back when it is mended.

It bites: without `data-refresh` on the wall it never turns with JavaScript; a state that is not read anew
for each request never turns at all.
"""

from datetime import UTC, datetime

import pytest

from tests.web.conftest import resident

pytestmark = pytest.mark.needs("chromium")
CHECK, SENTENCE = "a-correction-replaces-the-old-value", "3a.2"


def test_the_wall_turns(page, monkeypatch):
    from avow.evidence import running
    from avow.people import given
    from avow.policy.promises import CHECKS

    every = CHECKS[CHECK].every
    began = datetime.now(UTC) - 2 * every
    running.run_one(CHECK, began)
    enter_as_officer(page)
    if page.scripted:
        page.clock.install()
    page.goto("/desk")
    row = page.locator(f'[id="{SENTENCE}"] .state')
    assert row.inner_text() == "holds"

    with monkeypatch.context() as broken:
        broken.setattr(given, "keep", lambda *_, **__: None)
        running.run_one(CHECK, began + every)
        look_again(page)
        row.get_by_text("failing").wait_for()
        assert SENTENCE in page.locator(".lead").inner_text()

    running.run_one(CHECK, began + 2 * every)
    look_again(page)
    row.get_by_text("holds").wait_for()


def enter_as_officer(page):
    """Give the browser the cookie of somebody who may use the desk."""
    from avow.people import desk

    client = resident("ada@example.com")
    desk.grant("ada@example.com", datetime.now(UTC))
    page.goto("/policy")
    page.context.add_cookies(
        [{"name": name, "value": morsel.value, "url": page.url} for name, morsel in client.cookies.items()]
    )


def look_again(page):
    """Let the wall refresh itself, or reload where no script runs."""
    if page.scripted:
        page.clock.fast_forward(11_000)
    else:
        page.reload()
