"""
Count what staff opened: how much, in which form, on which day.

Why: "the desk sees less than it did" is a figure or it is nothing. The day is that of the case under which something
was opened.

Holds:    counts of cases that stand here and of those that went with their persons, together; nobody is named.
Does not: count what persons open of their own, or the service for its work.
"""

from datetime import date, datetime, timedelta

from django.db import connection

SINCE = timedelta(days=30)
COUNTED = """
    SELECT day, form, sum(opened)::int FROM (
        SELECT (since AT TIME ZONE 'UTC')::date AS day, form, opened
          FROM vault_openingcase,
               LATERAL (VALUES ('whole', whole), ('masked', masked), ('compared', compared)) AS f (form, opened)
        UNION ALL SELECT day, form, opened FROM vault_openingcount) AS all_of_them
     WHERE day > %s AND opened > 0 GROUP BY day, form
"""


def by_form(now: datetime) -> dict[tuple[date, str], int]:
    """Return how many openings there were in the last thirty days, by day and form."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [(now - SINCE).date()])
        return {(day, form): opened for day, form, opened in cursor.fetchall()}
