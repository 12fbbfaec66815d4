"""
My data: the values first, each with since when, under which text, what for, and what it was before.

Holds:    a correction that is refused comes back at its own field with what was typed and
          the sentence that says how to go on; the other fields are as they were.
          The copy to take along is made at the click and kept nowhere. It, and a new address, ask for a sign-in of the
          last minutes.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from avow.errors import BadInput
from avow.evidence import versions
from avow.evidence.versions import Version
from avow.people import new_address, numbers, phone_codes, phone_use, ports, queries, settings_change
from avow.people.guards import LastWay
from avow.people.queries import Shown
from avow.people.settings_change import Outcome
from avow.policy.purposes import Purpose
from avow.requests import exporting, flags
from avow.sharing import errands_queries, incidents_for_people
from avow.sharing.errands_queries import Line
from avow.vault import choices, opening_cases
from avow.vault.opening import Past
from avow.vault.opening_cases import OpeningReason
from avow.web.centre.gate import once_more, person_of
from avow.web.reading.governs import governs

AUTOCOMPLETE = {"name": ("text", "name"), "email": ("email", "email"), "phone": ("tel", "tel")}
SAID = {
    Outcome.CHANGED: "{label} is corrected.",
    Outcome.UNCHANGED: "{label} was this already; nothing was changed.",
    Outcome.CODE_SENT: "A code is on its way to the new address. The old one stays in use until you enter it.",
}


@dataclass(frozen=True)
class Refusal:
    """What was typed into a field and why it was not taken."""

    field: str
    typed: str
    sentence: str


@dataclass(frozen=True)
class Held:
    """One field with everything that is known about it."""

    shown: Shown
    before: tuple[Past, ...]
    version: Version | None
    purposes: tuple[tuple[Purpose, tuple[str, ...]], ...]
    sent: tuple[Line, ...]
    refusal: Refusal | None

    @property
    def typed(self) -> str:
        """What the form begins with."""
        return self.refusal.typed if self.refusal else self.shown.value or ""

    @property
    def input_type(self) -> str:
        """Which keyboard a phone shows."""
        return AUTOCOMPLETE.get(self.shown.field.name, ("text", "off"))[0]

    @property
    def autocomplete(self) -> str:
        """What a browser may fill in."""
        return AUTOCOMPLETE.get(self.shown.field.name, ("text", "off"))[1]


def held(person: UUID, now: datetime, refusal: Refusal | None = None) -> list[Held]:
    """Return all fields of the person."""
    current = versions.in_force(now)
    errands = errands_queries.of_person(person)
    by_sha = {version.sha256: version for version in versions.all_versions()}
    return [
        Held(
            shown,
            tuple(past for past in queries.history(person, shown.field.name, now) if past.until is not None),
            by_sha.get(shown.version or ""),
            tuple((purpose, justified(current, purpose)) for purpose in shown.field.purposes),
            tuple(line for line in errands if shown.field.name in line.fields),
            refusal if refusal and refusal.field == shown.field.name else None,
        )
        for shown in queries.profile(person, now)
    ]


def justified(version: Version, purpose: Purpose) -> tuple[str, ...]:
    """Return the sentences that allow this purpose."""
    return tuple(sentence.id for sentence, clause in version.bound.clauses if clause and purpose in clause.purposes)


@login_required
def my_data(request: HttpRequest) -> HttpResponse:
    """Show what is held."""
    return page(request, timezone.now())


@login_required
@require_POST
def correct(request: HttpRequest, field: str) -> HttpResponse:
    """Replace one field by what was typed, or say at the field why not."""
    if _opens_the_account(field, person_of(request)) and (asked := once_more(request)):
        return asked
    now, typed = timezone.now(), request.POST.get("value", "")
    try:
        outcome = settings_change.change(person_of(request), field, typed, now=now)
    except (BadInput, LastWay) as refused:
        return page(request, now, Refusal(field, typed, str(refused)), status=422)
    label = next(shown.field.label for shown in queries.profile(person_of(request), now) if shown.field.name == field)
    messages.success(request, SAID[outcome].format(label=label))
    return redirect("email-code" if outcome is Outcome.CODE_SENT else "my-data")


def _opens_the_account(field: str, person: UUID) -> bool:
    """Say whether whoever changes this field can take the account."""
    return field == "email" or (field == "phone" and numbers.has(person))


@login_required
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Hand over everything that is held, as one zip."""
    if asked := once_more(request):
        return asked
    now = timezone.now()
    made = exporting.export(person_of(request), now=now)
    named = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return HttpResponse(made.content, content_type=made.content_type, headers=named)


def page(request: HttpRequest, now: datetime, refusal: Refusal | None = None, status: int = 200) -> HttpResponse:
    """Render My data."""
    person = person_of(request)
    shown = {
        "fields": held(person, now, refusal),
        "phone_confirmed": phone_codes.confirmed_at(person, now=now),
        "phone_used": phone_use.is_allowed(person, now=now),
        "incident": incidents_for_people.unseen(person),
        "flags": [one for one in flags.on(person) if not one.decision],
        "can_text": ports.texts().can_send(),
        "waiting": new_address.is_waiting(person, now=now),
        "current": versions.in_force(now),
        "governs": governs(person, versions.in_force(now), now=now),
        "looked": [(case, OpeningReason(case.reason).label) for case in opening_cases.on(person)],
        "granted": [(one, choices.has_ended(one, now=now)) for one in choices.grants_of(person)],
    }
    return render(request, "avow/my_data.html", shown, status=status)
