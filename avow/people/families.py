"""
The family of a browser: the only thing about it that rows keep in clear.

Why so few: a rare browser is nearly a name. What is not one of the common ones is "other".

Does not: find a program that says it is a browser; `is_bot` knows those that say what they are.
"""

import re

OTHER, BOT = "other", "bot"
MARKS = re.compile(
    r"(?<!cu)bots?\b|crawl|spider|slurp|preview|headless|phantomjs|lighthouse|externalhit|mediapartners"
    r"|curl/|wget/|libwww|python-|python/|aiohttp/|httpx/|go-http-client|^java/|node-fetch|axios/|scrapy|^ruby|http_?client",
    re.IGNORECASE,
)  # Cubot makes telephones
BY_MARK = (("Firefox/", "Firefox"), ("Edg", "Chromium"), ("Chrome/", "Chromium"), ("Version/", "Safari"))


def family(agent: str) -> str:
    """Return the family that a user agent says it is of."""
    found = next((name for mark, name in BY_MARK if mark in agent), OTHER)
    return found if found != "Safari" or "Safari/" in agent else OTHER


def is_bot(agent: str) -> bool:
    """Tell whether a user agent says that it is a program and not a person's browser."""
    return MARKS.search(agent) is not None
