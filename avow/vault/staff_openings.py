"""
Ask an officer for their case before anything opens, give the least form, and write down that it opened.

Why only staff: what a person opens is theirs, and what the service opens it does at that person's step or under
a clause, thousands of times a day; entries for those would say nothing and hide what matters. So openings by
the person, and by the service, are not recorded one by one, and the pages say so.

Holds:    without a standing case for this person and purpose nothing is unsealed for an officer, and the refusal is
          counted. The entry and the count stand in one transaction, under the person's key: they can see it. A case
          that ended meanwhile gives nothing out.
Does not: limit what the service opens for its own work; the gate does.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.errors import NoCase, PurposeRefused
from avow.evidence.acts import Act
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.vault import catalogue, opening_cases, refusals
from avow.vault.actor import Actor, ActorKind
from avow.vault.attesting import attest
from avow.vault.canary import CANARY
from avow.vault.forms import Form
from avow.vault.models import OpeningCase
from avow.vault.opening_cases import NEEDS_WHOLE

FIRST = (
    "Open a case for this person first, at the desk under Openings: it says why you look, and ends by itself. "
    "What you want to do, {purpose}, must be what a case of that reason allows."
)


@keeps(Promise.PURPOSE_LIMIT)
def ask(person: UUID, labels: Collection[str], purpose: Purpose, *, by: Actor, now: datetime) -> OpeningCase | None:
    """Return the case under which an officer opens this, None for everybody else; NoCase where none stands."""
    if by.kind is not ActorKind.STAFF:
        return None
    assert by.id is not None, "staff act under their own number"
    case = opening_cases.standing(person, by.id, purpose, now=now, case=by.case)
    if case is None:
        count_refusals(person, labels, purpose, now)
        raise NoCase(FIRST.format(purpose=purpose.value))
    return case


def form_of(label: str, purpose: Purpose, case: OpeningCase | None) -> Form:
    """Return the least form that the catalogue allows here; an officer sees less, unless the reason needs it whole."""
    return catalogue.form(label, purpose, at_the_desk=case is not None and case.reason not in NEEDS_WHOLE)


def to_show(
    person: UUID | None, labels: Collection[str], purpose: Purpose, case: OpeningCase | None, *, now: datetime
) -> dict[str, Form]:
    """Return the form in which each of these is shown; refuse, and count, what may only be compared."""
    given = {label: form_of(label, purpose, case) for label in labels}
    if hidden := [label for label, form in given.items() if form is Form.COMPARED]:
        count_refusals(person, hidden, purpose, now)
        raise PurposeRefused(f"“{hidden[0]}” is never shown for {purpose.value}; compare it with what you were given.")
    return given


@transaction.atomic
def write(person: UUID, case: OpeningCase, form: Form, *, now: datetime) -> None:
    """Count one opening on its case and record it for its person; NoCase when the case ended meanwhile."""
    if not opening_cases.used(case, form, now=now):
        raise NoCase("Your case for this person has ended; open another one at the desk under Openings.")
    attest(person, Act.OPENED_BY_STAFF, promise=Promise.PURPOSE_LIMIT, actor="staff", now=now)


def count_refusals(person: UUID | None, labels: Collection[str], purpose: Purpose, now: datetime) -> None:
    """Count a refusal for each of these; those of a live check's own tries are left out."""
    if person != CANARY:
        for label in labels:
            refusals.count(label, purpose, now=now)
