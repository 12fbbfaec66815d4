"""
Open a case before opening a person's data as somebody of the company: for whom, why, and until when.

Why a row of its own: "staff may look when it is needed" can be neither checked nor shown. A case names one
person, one officer and one reason of a closed list, ends by itself within a day, counts what was opened under it, and
its person reads it on their own page.

Holds:    nobody opens a case on themselves. Where one of the same officer, person and reason stands, that one is
          returned. Counting fails once a case has ended, so what was unsealed meanwhile is not given out. At an erasure
          the cases go, and only how much was opened on which day stays.
Assumes:  an officer's own reference is a file number; what looks like a name or an address is refused, and what looks
          like a number is taken at its word.
Does not: open anything, or say which form is given (`staff_openings`).
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F, QuerySet

from avow.errors import BadInput, Erased, NotFound, Refused
from avow.policy.purposes import Purpose
from avow.vault import persons
from avow.vault.forms import Form
from avow.vault.models import OpeningCase, OpeningReason

__all__ = [
    "OpeningReason",
    "ask_for_a_number",
    "end",
    "end_of",
    "find",
    "forget",
    "listed",
    "on",
    "open_case",
    "standing",
    "used",
]
LASTS = timedelta(hours=8)
LONGEST = timedelta(hours=24)
REFERENCE = re.compile(
    r"(?=.*[0-9-])[\w ./#-]{1,40}"
)  # a file number has a digit or a dash; a name or an address fits not
AT_THEIR_WISH = frozenset({Purpose.RIGHTS, Purpose.ACCOUNT, Purpose.COMMUNICATION})
PURPOSES: Mapping[str, frozenset[Purpose]] = MappingProxyType(
    {
        OpeningReason.REQUEST: AT_THEIR_WISH,
        OpeningReason.QUESTION: AT_THEIR_WISH,
        OpeningReason.CORRECTION: AT_THEIR_WISH,
        OpeningReason.SECURITY: frozenset({Purpose.SECURITY, Purpose.ACCOUNT}),
        OpeningReason.LAW: frozenset({Purpose.LEGAL}),
    }
)
NEEDS_WHOLE = frozenset(
    {OpeningReason.CORRECTION, OpeningReason.LAW}
)  # a mask can be neither corrected nor handed over
FORGOTTEN = """
         gone AS (
           DELETE FROM vault_openingcase WHERE person = %(person)s RETURNING since, whole, masked, compared),
         kept AS (
           INSERT INTO vault_openingcount (day, form, opened)
           SELECT (since AT TIME ZONE 'UTC')::date, form, sum(opened)
             FROM gone,
                  LATERAL (VALUES ('whole', whole), ('masked', masked), ('compared', compared)) AS f (form, opened)
            GROUP BY 1, 2 HAVING sum(opened) > 0 ORDER BY 1, 2
           ON CONFLICT (day, form) DO UPDATE SET opened = vault_openingcount.opened + EXCLUDED.opened)
"""  # parts of a statement, so that an erasure can have them in its own
FORGET = f"WITH {FORGOTTEN} SELECT count(*) FROM gone"  # noqa: S608  # nosec B608 - constants of this file


@transaction.atomic
def open_case(
    person: UUID, *, officer: UUID, reason: OpeningReason, now: datetime, reference: str = "", lasts: timedelta = LASTS
) -> UUID:
    """Open a case of this officer for this person and return its number; the standing one's where there is one."""
    if person == officer:
        raise Refused("A case about oneself is for another officer; ask one of them.")
    if not timedelta() < lasts <= LONGEST:
        raise BadInput("A case lasts some hours, 24 at most; open another one when it has ended.")
    ask_for_a_number(reference)
    if persons.lock(person).erasing_since is not None:
        raise Erased("This person is being erased; nobody of the company looks at their data any more.")
    own = _standing(person, officer, now).filter(reason=reason).first()
    if own is None:
        own = OpeningCase.objects.create(
            id=uuid4(), person=person, officer=officer, reason=reason, reference=reference, since=now, until=now + lasts
        )
    return own.id


def ask_for_a_number(reference: str) -> None:
    """Raise BadInput for a reference that looks like a name or an address; none at all is well."""
    if reference and not REFERENCE.fullmatch(reference):
        raise BadInput("A reference is a short file number, such as 2026/113; leave names and addresses out of it.")


def end(case: UUID, *, now: datetime) -> None:
    """End a case; ending it twice changes nothing."""
    if not OpeningCase.objects.filter(pk=case, ended_at=None).update(ended_at=now):
        find(case)


def end_of(reference: str, *, now: datetime) -> None:
    """End every case that stands under a reference: the work that it was opened for is done."""
    OpeningCase.objects.filter(reference=reference, ended_at=None, until__gt=now).update(ended_at=now)


def find(case: UUID, *, by: UUID | None = None) -> OpeningCase:
    """Return a case, or NotFound; to the officer whom it is about there is none."""
    row = OpeningCase.objects.filter(pk=case).first()
    if row is None or (by is not None and row.person == by):
        raise NotFound("There is no case by this number; the desk lists those that there are under Openings.")
    return row


def standing(
    person: UUID, officer: UUID, purpose: Purpose, *, now: datetime, case: UUID | None = None
) -> OpeningCase | None:
    """Return the officer's case for this person that allows this purpose: the one named, else one that gives least."""
    rows = [row for row in _standing(person, officer, now) if purpose in PURPOSES[row.reason]]
    own = [row for row in rows if case in (None, row.pk)]
    return min(own, key=lambda row: (row.reason in NEEDS_WHOLE, row.since), default=None)


def used(case: OpeningCase, form: Form, *, now: datetime) -> bool:
    """Count one opening under a case; False when the case has ended, and then nothing may be given out."""
    row = OpeningCase.objects.filter(pk=case.pk, ended_at=None, until__gt=now)
    return row.update(**{form.value: F(form.value) + 1}) > 0


def on(person: UUID) -> list[OpeningCase]:
    """Return every case on a person, the newest first: what their own page and their export show."""
    return list(OpeningCase.objects.filter(person=person).order_by("-since", "pk"))


def listed(*, apart_from: UUID, at_most: int = 200) -> list[OpeningCase]:
    """Return the newest cases for the desk, without those on the officer who looks."""
    return list(OpeningCase.objects.exclude(person=apart_from).order_by("-since", "pk")[:at_most])


def forget(person: UUID) -> int:
    """Remove every case on an erased person, keep the count of each day, and return how many cases went."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"person": person})
        return int(cursor.fetchone()[0])


def _standing(person: UUID, officer: UUID, now: datetime) -> QuerySet[OpeningCase]:
    own = OpeningCase.objects.filter(person=person, officer=officer)
    return own.filter(ended_at=None, since__lte=now, until__gt=now).order_by("since")
