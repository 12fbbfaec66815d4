"""
The beacon brings a browser its cookie, so that what it opens next can be seen and forgotten by it; who said no gets none.

It bites: without `_new_cookie` in `beacon.beacon` no browser of a site whose server sends the pages ever has a cookie (so it was).
"""

import pytest

from avow.usage import beacon, cookies
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
    "header", [
        ("sec-gpc", "1"), ("dnt", "1"), ("cookie", "avow_browser=off"), ("user-agent", "Googlebot/2.1"),
        ("sec-purpose", "prefetch"), ("sec-fetch-site", "cross-site"),
    ]
)  # fmt: skip
def test_who_said_no_or_would_not_bring_it_gets_none(header):
    assert b"set-cookie" not in fetch(header)


def test_who_has_one_keeps_it_and_a_made_up_one_is_replaced():
    assert b"set-cookie" not in fetch(("cookie", f"a=b; avow_browser={cookies.fresh()}"))
    assert b"set-cookie" in fetch(("cookie", f"avow_browser={'ab' * 32}"))


def test_of_two_lines_that_say_it_one_is_enough():
    assert b"set-cookie" not in fetch(("sec-gpc", "1"), ("sec-gpc", "0"))
