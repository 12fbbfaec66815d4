"""
The beacon brings a browser its cookie, so that what it opens next can be seen and forgotten by it; who said no gets none.

It bites: without `_new_cookie` in `beacon.beacon` no browser of a site whose server sends the pages ever has a cookie (so it was).
"""

import pytest

from avow.usage import beacon
from tests import loops


def fetch(*headers):
    """Fetch the script with these headers, and return the headers of the answer."""
    said = []

    async def send(message):
        said.append(message)

    scope = {"type": "http", "method": "GET", "headers": [(name.encode(), value.encode()) for name, value in headers]}
    loops.finish(beacon.beacon(scope, None, send))
    assert b"data-avow-feature" in said[1]["body"]
    return dict(said[0]["headers"])


def test_a_browser_that_has_none_gets_one_that_no_cache_between_us_may_keep():
    one, other = (fetch()[b"set-cookie"].decode() for _ in range(2))
    assert one.startswith("avow_browser=") and "HttpOnly" in one and "SameSite=Lax" in one and one != other
    assert fetch()[b"cache-control"].startswith(b"private")


@pytest.mark.parametrize(
    "header", [("sec-gpc", "1"), ("dnt", "1"), ("cookie", "avow_browser=off"), ("cookie", f"a=b; avow_browser={'ab' * 16}")]
)  # fmt: skip
def test_who_said_no_or_has_one_gets_none(header):
    assert b"set-cookie" not in fetch(header)
