"""What the tests of the register say and do: an incident as an officer reports it, and whom it touched."""

from datetime import timedelta
from uuid import uuid4

from avow.sharing import incidents, incidents_finding, incidents_signing, incidents_telling
from avow.sharing.incidents import Assessment, Report
from avow.sharing.incidents_finding import Where
from avow.sharing.incidents_states import Kind, Risk, Step
from avow.sharing.incidents_telling import Said

ONE, OTHER, THIRD = uuid4(), uuid4(), uuid4()
HAPPENED = "A backup lay open on a share that the whole office could read."
SAID = Said(HAPPENED, "Somebody could have read your name.", "The share is closed. You need do nothing.")


def report(now, **other):
    plain = {
        "kind": Kind.ACCESS, "happened": HAPPENED, "found": "Somebody of the office said so.",
        "since": now - timedelta(hours=5), "until": now - timedelta(hours=2), "aware_at": now - timedelta(hours=1),
    }  # fmt: skip
    return Report(**{**plain, **other})


def assessment(**other):
    plain = {
        "risk": Risk.HIGH,
        "consequences": SAID.consequences,
        "measures": SAID.measures,
        "fields": ["name"],
        "records": 3,
    }
    return Assessment(**{**plain, **other})


def registered(now, **other):
    return incidents.register(report(now, **other), number=uuid4(), by=ONE, now=now)


def looked(incident, kind, now, at_once=5000, **where):
    scope = incidents_finding.look(incident, Where(kind, **where), by=ONE, now=now)
    incidents_finding.find_all(clock=lambda: now, at_once=at_once)
    return scope


def decided(incident, step, now):
    """Two officers take a step."""
    incidents_signing.agree(incidents_signing.propose(incident, step, "It is so.", by=ONE, now=now), by=OTHER, now=now)


def told(incident, now, at_once=500):
    letter = incidents_telling.begin(incident, SAID, by=ONE, now=now)
    incidents_telling.tell_all(clock=lambda: now, at_once=at_once)
    return letter


def closed(incident, now):
    incidents.assess(incident, assessment(risk=Risk.UNLIKELY), by=ONE, now=now)
    for step in (Step.AUTHORITY_NOT_OWED, Step.PEOPLE_NOT_OWED, Step.CLOSE):
        decided(incident, step, now)
