"""
From an incident to the list of the people whom it touched, and to their notices: 100,000 people with an account.

Beside it, in the same run, the least that anybody would do in its place: one INSERT … SELECT of the same people,
without locks against erasures, without batches that survive a kill, and without anything that says who was left out.
The goal of the register is an hour, of which the law's clock has 72.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from bench._house import house
from bench._population import copy, tidy
from bench._readers import fill
from bench.vault import NOW, publish

PEOPLE = 100_000
OFFICERS = 5
TOLD = 10_000
LATER = NOW + timedelta(hours=12)  # everybody is here since NOW
PLAIN = """
    CREATE TABLE plain (incident uuid, person uuid, PRIMARY KEY (incident, person));
    GRANT ALL ON plain TO avow_app;
"""
CASES = """
    COPY vault_openingcase
         (id, person, officer, reason, reference, since, until, whole, masked, compared, tries) FROM STDIN
"""
BY_HAND = "INSERT INTO plain SELECT %s, person FROM vault_person WHERE kind = 'account' AND erased_at IS NULL"


def run() -> dict[str, Any]:
    """Measure each way of looking, then the notices."""
    with house(PLAIN) as cluster:
        publish()
        people, officer = fill(cluster, PEOPLE), uuid4()
        with cluster.connect("avow") as avow:
            copy(avow, CASES, cases(people, officer))
        tidy(cluster)
        from avow.sharing.incidents_finding import Scope  # noqa: PLC0415 - Django stands now

        looks = {
            "everybody": look(Scope.EVERYBODY),
            "who had a field": look(Scope.FIELDS, fields=["email"]),
            "one officer's openings": look(Scope.OPENINGS, officer=officer),
        }
        return {"people": PEOPLE, "found": looks, "by hand": timed(by_hand), "told": told(people[:TOLD])}


def cases(people: list[UUID], officer: UUID) -> list[tuple[object, ...]]:
    """Return the cases of five officers, one of whom is looked for."""
    others = [officer, *(uuid4() for _ in range(OFFICERS - 1))]
    since = NOW + timedelta(hours=2)
    return [
        (uuid4(), person, others[at % OFFICERS], "question", "", since, since + timedelta(hours=8), 0, 1, 0, "{}")
        for at, person in enumerate(people)
    ]


def timed(act: Callable[[], int]) -> dict[str, Any]:
    """Return how many an act came to, and in how many seconds."""
    began = time.perf_counter()
    many = act()
    took = time.perf_counter() - began
    return {"people": many, "seconds": round(took, 2), "a second": round(many / took)}


def by_hand() -> int:
    """Write the same rows in one statement."""
    from django.db import connection  # noqa: PLC0415 - Django stands now

    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, [uuid4()])
        return int(cursor.rowcount)


def registered() -> UUID:
    """Register an incident of this morning."""
    from avow.sharing import incidents  # noqa: PLC0415 - Django stands now
    from avow.sharing.incidents import Report  # noqa: PLC0415
    from avow.sharing.incidents_states import Kind  # noqa: PLC0415

    at = NOW + timedelta(hours=1)
    report = Report(Kind.ACCESS, "A share lay open.", "Somebody said so.", at, None, at)
    return incidents.register(report, number=uuid4(), by=uuid4(), now=LATER)


def look(kind: Any, **where: Any) -> dict[str, Any]:
    """Look for the people of a new incident, to the last batch."""
    from avow.sharing import incidents_finding  # noqa: PLC0415 - Django stands now
    from avow.sharing.incidents_finding import Where  # noqa: PLC0415
    from avow.sharing.incidents_models import Affected  # noqa: PLC0415

    number = registered()

    def found() -> int:
        incidents_finding.look(number, Where(kind, **where), by=uuid4(), now=LATER)
        incidents_finding.find_all(clock=lambda: LATER)
        return Affected.objects.filter(incident=number).count()

    return timed(found)


def told(people: list[UUID]) -> dict[str, Any]:
    """Tell some of them: decided, noted, kept in the account, queued sealed, and an entry in the log each."""
    from avow.sharing import incidents, incidents_telling  # noqa: PLC0415 - Django stands now
    from avow.sharing.incidents import Assessment  # noqa: PLC0415
    from avow.sharing.incidents_models import Affected  # noqa: PLC0415
    from avow.sharing.incidents_states import Risk  # noqa: PLC0415

    number, by = registered(), uuid4()
    Affected.objects.bulk_create(
        Affected(incident_id=number, person=person, scope=by, found_at=LATER) for person in people
    )
    incidents.assess(number, Assessment(Risk.HIGH, "Little.", "It is closed.", ["email"]), by=by, now=LATER)

    def sent() -> int:
        said = incidents_telling.Said("A share lay open.", "Little.", "It is closed.")
        incidents_telling.begin(number, said, by=by, now=LATER)
        return incidents_telling.tell_all(clock=lambda: LATER)

    return timed(sent)
