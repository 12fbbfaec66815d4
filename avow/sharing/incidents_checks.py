"""
Live check of the register: a canary's incident goes through it in vain, and no real one is past its time.

Holds:    what the check writes is rolled back, and nobody is told anything. What it says are numbers, and no names.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import Exists, OuterRef

from avow.errors import BadInput, Refused
from avow.people.in_vain import in_vain
from avow.policy.promises import Promise, watches
from avow.sharing import incidents, incidents_filing, incidents_finding, incidents_signing
from avow.sharing.incidents import Assessment, Report
from avow.sharing.incidents_finding import LATEST, Scope, Where
from avow.sharing.incidents_models import Affected, Incident, IncidentLetter, IncidentNote, IncidentScope
from avow.sharing.incidents_states import OWED_WITHIN, Authority, Kind, People, Risk, Stage, Step
from avow.sharing.incidents_words import Topic
from avow.vault import enrolment, opening_cases
from avow.vault.enrolment import PersonKind
from avow.vault.forms import Form
from avow.vault.models import OpeningReason

ONE, OTHER = UUID("caca0000-0000-4000-8000-0000000000e1"), UUID("caca0000-0000-4000-8000-0000000000e2")
A_DAY = timedelta(days=1)
SAID = "a live check tries the register"


@watches(Promise.BREACH_REGISTER, every=timedelta(minutes=10))
def a_breach_is_registered_and_told_in_time(now: datetime) -> str | None:
    """Register a canary's incident and try to decide it alone; hold every real one against its clock."""
    with in_vain():
        if fault := _goes_through(now):
            return fault
    return _late(now)


def _goes_through(now: datetime) -> str | None:
    """Take a canary's incident through the register; return what went wrong."""
    person, about = _opened_by_somebody(now)
    number = incidents.register(_report(now), number=uuid4(), by=ONE, now=now)
    if not Incident.objects.filter(pk=number).exists():
        return "an incident that was registered is not in the register"
    look = incidents_finding.look(number, Where(Scope.OPENINGS, officer=about), by=ONE, now=now)
    while incidents_finding.find_some(look, now=now):
        pass
    if list(Affected.objects.filter(incident=number).values_list("person", flat=True)) != [person]:
        return "the person whose data an officer opened was not found, or somebody else was"
    if not _is_refused(lambda: incidents_filing.file(number, told_at=now, by=ONE, now=now)):
        return "an authority could be told after 72 hours without a reason"
    incidents.assess(number, Assessment(Risk.UNLIKELY, SAID, SAID), by=ONE, now=now)
    proposed = incidents_signing.propose(number, Step.AUTHORITY_NOT_OWED, SAID, by=ONE, now=now)
    if not _is_refused(lambda: incidents_signing.agree(proposed, by=ONE, now=now)):
        return "one officer alone could decide that the authority need not be told"
    incidents_signing.agree(proposed, by=OTHER, now=now)
    if not _is_refused(lambda: incidents_signing.propose(number, Step.CLOSE, SAID, by=ONE, now=now)):
        return "an incident could be closed while nobody had decided about its people"
    return None


def _late(now: datetime) -> str | None:
    """Return which real incidents are past their time, in numbers, or None."""
    standing = Incident.objects.exclude(stage=Stage.CLOSED)
    past = standing.filter(due_at__lt=now)
    why = IncidentNote.objects.filter(
        incident=OuterRef("pk"), topic=Topic.DELAY, at__gte=OuterRef("due_at") - OWED_WITHIN
    )
    if untold := past.filter(authority=Authority.UNDECIDED).exclude(Exists(why)).count():
        return (
            f"{untold} incidents are past 72 hours: the authority was not told, and no reason for the delay is written"
        )
    if undecided := past.filter(people=People.UNDECIDED).count():
        return f"{undecided} incidents are past 72 hours, and nobody decided whether their people are told"
    if slow := IncidentScope.objects.filter(done_at=None, begun_at__lt=now - LATEST).count():
        return f"{slow} looks for the people whom an incident touched have run for more than an hour"
    if stuck := IncidentLetter.objects.filter(done_at=None, begun_at__lt=now - A_DAY).count():
        return f"{stuck} notices to people have been under way for more than a day"
    late = Affected.objects.filter(told_at=None, incident__people=People.TOLD, found_at__lt=now - A_DAY)
    if found := late.count():
        return f"{found} people were found a day ago or earlier, after the notice had gone, and are not told"
    return None


def _opened_by_somebody(now: datetime) -> tuple[UUID, UUID]:
    """Make a browser that is nobody's, of which an officer who is nobody opened something."""
    person, officer = enrolment.enrol(kind=PersonKind.BROWSER, now=now), uuid4()
    case = opening_cases.open_case(person, officer=officer, reason=OpeningReason.QUESTION, now=now)
    opening_cases.used(opening_cases.find(case), Form.MASKED, now=now)
    return person, officer


def _report(now: datetime) -> Report:
    since = now - 2 * OWED_WITHIN
    return Report(Kind.ACCESS, SAID, SAID, since, None, since)


def _is_refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except (Refused, BadInput):
        return True
    return False
