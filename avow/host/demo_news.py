"""One announcement of the demo's company, so that the page, the feeds and the snippet have something to show."""

from datetime import datetime

from avow.communications import announcing, demo_box
from avow.communications.announcing import Kind

TITLE = "Reports can be exported"
TEXT = "Each report has a button that exports its figures as a file for any spreadsheet."


def announce_once(now: datetime) -> str:
    """Announce it, unless anything was ever announced; return its title, or nothing."""
    if not demo_box.is_open() or announcing.newest(1):
        return ""
    announcing.announce(Kind.PRODUCT, TITLE, TEXT, now=now)
    return TITLE
