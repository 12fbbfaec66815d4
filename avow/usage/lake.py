"""
The lake: one row an event, under a name that its person has for one day only.

    day date · at timestamp (UTC) · pid int64 · ctx int64 · kind 'page'|'feature' · page template · feature · browser · status int16

Does not: hold anything yet; the collector comes with this issue.
"""

from datetime import date
from typing import Any

from avow.errors import Unavailable


def events(since: date, until: date) -> Any:
    """Return the events of these days, both included, as an ibis table."""
    raise Unavailable("Nothing is collected here yet, so there is nothing to analyse.")
