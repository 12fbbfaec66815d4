"""
Whose data could have been seen, lost or changed: the people behind an incident, batch by batch, by their numbers.

Why from what is stored and not from memory of what was read: the service opens data thousands of times a day at
people's own steps, and writes down one by one only what staff open (`staff_openings`). So an incident of one officer
is exact; one of a database or of the service is everybody who had the fields in that time.

Holds:    each batch is in the order of numbers and begins behind the last one, so a look that was killed goes on.
          People with an account and browsers alike; never a key that is nobody's. Nothing is opened.
Does not: name who was erased since: of them there are counts (`erased_since`, `opened_of_erased`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from avow.vault.models import OpeningCount, Person, PersonKind
from avow.vault.visibility import visible

PEOPLE = (PersonKind.ACCOUNT, PersonKind.BROWSER)
OPENED = """
    SELECT DISTINCT c.person FROM vault_openingcase AS c JOIN vault_person AS p USING (person)
     WHERE p.kind IN ('account', 'browser') AND c.whole + c.masked + c.compared > 0
       AND c.since <= %(until)s AND LEAST(c.ended_at, c.until) >= %(since)s
       AND (%(officer)s::uuid IS NULL OR c.officer = %(officer)s) AND (%(after)s::uuid IS NULL OR c.person > %(after)s)
     ORDER BY c.person LIMIT %(at_most)s
"""
HAD = """
    SELECT DISTINCT person FROM vault_sealedfield
     WHERE field = ANY(%s) AND collected_at <= %s AND (superseded_at IS NULL OR superseded_at >= %s)
"""


@dataclass(frozen=True)
class Span:
    """From when until when something could have been touched."""

    since: datetime
    until: datetime


def everybody(span: Span, *, after: UUID | None, at_most: int) -> list[UUID]:
    """Return who was here by the end of the span and was not erased."""
    rows = Person.objects.filter(kind__in=PEOPLE, erased_at=None, enrolled_at__lte=span.until).order_by("person")
    if after is not None:
        rows = rows.filter(person__gt=after)
    return list(rows.values_list("person", flat=True)[:at_most])


def whose_were_opened(span: Span, officer: UUID | None, *, after: UUID | None, at_most: int) -> list[UUID]:
    """Return whose data an officer, or anybody of the company, opened something of under a case within the span."""
    values = {"since": span.since, "until": span.until, "officer": officer, "after": after, "at_most": at_most}
    with connection.cursor() as cursor:
        cursor.execute(OPENED, values)
        return [person for (person,) in cursor.fetchall()]


def who_had(fields: Collection[str], span: Span, *, among: Collection[UUID]) -> list[UUID]:
    """Return who of these had a value of one of these fields at any moment of the span."""
    if not among:
        return []
    with visible(*among), connection.cursor() as cursor:
        cursor.execute(HAD, [list(fields), span.until, span.since])
        return sorted(person for (person,) in cursor.fetchall())


def erased_since(span: Span) -> int:
    """Count who was here within the span and was erased after it began: nobody can name them any more."""
    rows = Person.objects.filter(kind__in=PEOPLE, erased_at__gte=span.since, enrolled_at__lte=span.until)
    return rows.count()


def opened_of_erased(span: Span) -> int:
    """Count the openings by staff, on the days of the span, of people who were erased since."""
    rows = OpeningCount.objects.filter(day__gte=span.since.date(), day__lte=span.until.date())
    return rows.aggregate(all=Sum("opened"))["all"] or 0
