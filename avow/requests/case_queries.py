"""
What pages ask about cases: the desk's list, a person's own, and how fast questions are answered.

Holds:    the desk's list has kinds, clocks and numbers, never whose a case is. Figures that are published are of
          FEWEST answers at least, so that they tell of nobody.
"""

import statistics
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, QuerySet

from avow.requests.case_models import Case
from avow.requests.case_states import OPEN, CaseKind, CaseState
from avow.requests.queries import REHEARSAL

FEWEST = 5
READ_BY_PEOPLE = (CaseKind.QUESTION, CaseKind.UNSURE, CaseKind.CORRECTION)


@dataclass(frozen=True)
class Speed:
    """How long first answers took; None of both while there are too few to say."""

    answers: int
    median: timedelta | None
    slowest: timedelta | None  # nineteen of twenty were at least as fast


def unfinished() -> list[Case]:
    """Return every open case, what is due first at the top; those of live checks are left out."""
    return list(_real().filter(state__in=OPEN).order_by(F("answered_at").asc(nulls_first=True), "due_at"))


def ended(*, most: int = 200) -> list[Case]:
    """Return the cases that ended, the newest first."""
    return list(_real().filter(state=CaseState.CLOSED).order_by("-closed_at")[:most])


def of_person(person: UUID) -> list[Case]:
    """Return a person's own cases, the newest first."""
    return list(Case.objects.filter(person=person).order_by("-received_at"))


def late(now: datetime) -> int:
    """Count the open cases whose promised day passed without a first answer."""
    return _real().filter(state__in=OPEN, answered_at=None, due_at__lt=now).count()


def first_answers() -> Speed:
    """Return how fast questions had their first answer."""
    answered = _real().filter(kind__in=READ_BY_PEOPLE, answered_at__isnull=False)
    took = sorted(case.answered_at - case.received_at for case in answered if case.answered_at)
    if len(took) < FEWEST:
        return Speed(len(took), None, None)
    median = timedelta(seconds=statistics.median(each.total_seconds() for each in took))
    return Speed(len(took), median, took[-(-len(took) * 19 // 20) - 1])


def _real() -> QuerySet[Case]:
    return Case.objects.exclude(way=REHEARSAL)
