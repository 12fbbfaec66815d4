"""
Take up a case at the desk: look at what was said in it, under an opening case that comes with the work.

Why here and nowhere else: whoever answers a letter must read it, and a second form for that would be filled in without
thought. So the letter is the reason, and its number the reference; every other look needs a case that an officer
opens by hand.

Holds:    the opening case is the officer's own, for this person or for the letter's own key, and ends when the case is
          closed, or by itself. An officer does not take up a case of their own; another does.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.requests import threads
from avow.requests.case_models import Case
from avow.requests.threads import Said
from avow.vault import opening_cases
from avow.vault.actor import staff
from avow.vault.opening_cases import OpeningReason


@transaction.atomic
def take_up(case: Case, *, officer: UUID, now: datetime) -> list[Said]:
    """Return what was said, oldest first, as somebody of the company reads it; nothing when its key is gone."""
    if case.person is None and case.subject is None:
        return []
    under = opening_cases.open_case(
        threads.key_of(case), officer=officer, reason=OpeningReason.REQUEST, reference=case.number, now=now
    )
    return threads.read(case, by=staff(officer, case=under), now=now)
