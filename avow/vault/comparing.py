"""
Say whether somebody's field is what was given, without giving it out.

Why a door of its own: whoever verifies a caller by their phone number needs a yes or a no. Shown the number, they could
read it out to the wrong caller, or take it home.

Holds:    the same gate and, for an officer, the same case as for an opening. An officer compares one field of one
          person at most five times in a day, whatever cases they open, so that a number cannot be guessed digit by
          digit. A field that is empty is the same as nothing.
Does not: limit the service, which compares what a person types about themselves; those ways have limits of their own.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from avow.errors import Refused
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.vault import catalogue, fields, forms, gate, governing, persons, staff_openings
from avow.vault.actor import Actor
from avow.vault.forms import Form
from avow.vault.models import OpeningCase, SealedField
from avow.vault.visibility import visible

MOST = 5  # of one field of one person, by one officer in a day
A_DAY = timedelta(days=1)


@keeps(Promise.PURPOSE_LIMIT)
@transaction.atomic
def compare(person: UUID, field: str, given: str, purpose: Purpose, *, by: Actor, now: datetime) -> bool:
    """Say whether the current value is this one, in any spelling; BadInput when what was given is none of its kind."""
    declared = catalogue.field(field)
    key = persons.key_of(person)
    case = staff_openings.ask(person, [field], purpose, by=by, now=now)
    with visible(person):
        row = SealedField.objects.filter(person=person, field=field, superseded_at=None).first()
    gate.permit(person, [(field, row.policy if row else governing.in_force(now).sha256)], purpose, now=now)
    held = fields.unseal(fields.key(key), row).decode() if row else ""
    is_same = forms.same(declared.category, held, given)
    if case is not None:
        _within_the_limit(case, field, purpose, now)
        staff_openings.write(person, case, Form.COMPARED, now=now)
    return is_same and row is not None


def _within_the_limit(case: OpeningCase, field: str, purpose: Purpose, now: datetime) -> None:
    """Count one more comparison of this field, or refuse; the officer's rows are locked, so that two are never one."""
    rows = OpeningCase.objects.select_for_update().order_by("pk")
    recent = rows.filter(person=case.person, officer=case.officer, since__gt=now - A_DAY)
    if sum(row.tries.get(field, 0) for row in recent) >= MOST:
        staff_openings.count_refusals(case.person, [field], purpose, now)
        raise Refused(f"“{field}” was compared {MOST} times for this person today; find another way to know who it is.")
    row = next(row for row in recent if row.pk == case.pk)
    OpeningCase.objects.filter(pk=row.pk).update(tries={**row.tries, field: row.tries.get(field, 0) + 1})
