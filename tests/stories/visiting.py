"""A host's pages on a port of their own, with the beacon in them; and a look at a sentence's mark."""

from contextlib import contextmanager
from datetime import UTC, datetime

from tests.usage.serving import served

PAGE = """<!DOCTYPE html><html lang="en"><title>Host</title><main><h1>{path}</h1>
<button data-avow-feature="export-chart">Export</button></main>
<script src="{avow}/beacon.js" data-ticket="{ticket}" data-device="{device}" defer></script></html>"""


@contextmanager
def host_pages(avow, ticket="", device=""):
    """Serve any path as a page that loads the beacon."""

    def application(environ, start_response):
        found = not environ["PATH_INFO"].endswith(".ico")
        start_response("200 OK" if found else "204 No Content", [("Content-Type", "text/html; charset=utf-8")])
        return (
            [PAGE.format(avow=avow, path=environ["PATH_INFO"], ticket=ticket, device=device).encode()] if found else []
        )

    with served(application) as address:
        yield address


def wait_for(page, path, text):
    """Open a page again until it shows a text."""
    for _ in range(60):
        page.goto(path)
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(150)
    raise AssertionError(f"{path} never shows {text!r}")


def holds(page, sentence, check):
    """Run a sentence's live check and look at its mark on the policy's page."""
    from avow.evidence import running, shown

    assert running.run_one(check, datetime.now(UTC)).held and shown.is_shown(check)
    page.goto(f"/policy/sentence/{sentence}")
    return page.locator(".state.holds").first.is_visible()
