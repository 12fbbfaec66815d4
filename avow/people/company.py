"""
Who runs this installation, as its policy in force says.

Holds:    name and address come from the table of clauses and from nowhere else.
"""

from datetime import datetime

from avow.errors import NotFound
from avow.evidence import versions


def name(now: datetime) -> str:
    """Return the company's name."""
    return _table(now)[0] or "this service"


def contact(now: datetime) -> str | None:
    """Return the address to which people can write."""
    return _table(now)[1]


def _table(now: datetime) -> tuple[str | None, str | None]:
    try:
        table = versions.in_force(now).bound.table
    except NotFound:
        return None, None
    return table.company, table.contact
