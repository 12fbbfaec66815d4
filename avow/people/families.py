"""
The family of a browser: the only thing about it that rows keep in clear.

Why so few: a rare browser is nearly a name. What is not one of the common ones is "other".
"""

OTHER = "other"
BY_MARK = (("Firefox/", "Firefox"), ("Edg", "Chromium"), ("Chrome/", "Chromium"), ("Version/", "Safari"))


def family(agent: str) -> str:
    """Return the family that a user agent says it is of."""
    found = next((name for mark, name in BY_MARK if mark in agent), OTHER)
    return found if found != "Safari" or "Safari/" in agent else OTHER
