"""
What the vault costs, durably: enrol, put, open one field, a page of 20 fields, many at once, erase.

Each act is paired, by turns in the same run, with the least that any service would do in its place: one
durable INSERT of a row of the same size, one SELECT of the same rows, one durable UPDATE of one row. Erasing is
measured beside little and beside much data of the person, since it promises not to depend on that.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from bench._house import house

PEOPLE = 600
MUCH = 60  # people with much data
VALUES = 5  # a field of theirs
FIELDS = 20
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLAIN = """
    CREATE TABLE plain (id uuid, field int, value text, PRIMARY KEY (id, field));
    GRANT SELECT, INSERT, UPDATE, DELETE ON plain TO avow_app;
"""


def publish() -> None:
    """Publish the policy that ships, and declare twenty fields."""
    from avow.evidence import versions  # noqa: PLC0415 - Django stands now
    from avow.policy.categories import Category  # noqa: PLC0415
    from avow.policy.promises import Promise  # noqa: PLC0415
    from avow.policy.purposes import Purpose  # noqa: PLC0415
    from avow.policy.shipped import roots  # noqa: PLC0415
    from avow.vault.catalogue import PersonalField, register_fields  # noqa: PLC0415

    folder = roots()[0] / "optimibi"
    text = next(folder.glob("[0-9]*.md"))
    versions.freeze(text.read_bytes(), (folder / "clauses.toml").read_bytes(), now=NOW, published_by="bench")
    every = frozenset(Purpose)
    for name in names():
        register_fields(
            PersonalField(name, name, Category.NAME, every, False, "bench", "nobody", "bench", Promise.GIVEN_DATA)
        )


def names() -> list[str]:
    """Name the fields of a page."""
    return [f"bench-{number}" for number in range(FIELDS)]


def timed(act: Callable[[], object]) -> float:
    """Return the milliseconds that an act takes."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def summary(ours: list[float], plain: list[float]) -> dict[str, float]:
    """Sum up an act and its plain pair."""
    p50, base = statistics.median(ours), statistics.median(plain)
    return {
        "p50_ms": round(p50, 2),
        "p99_ms": round(statistics.quantiles(ours, n=100)[98], 2),
        "a_second": round(1000 / p50),
        "plain_p50_ms": round(base, 2),
        "ratio": round(p50 / base, 1),
    }


def by_turns(count: int, act: Callable[[int], object], plain: Callable[[int], object]) -> dict[str, float]:
    """Do an act and its plain pair by turns, after a few to warm up."""
    ours, theirs = [], []
    for number in range(count):
        ours.append(timed(lambda: act(number)))  # noqa: B023 - run at once
        theirs.append(timed(lambda: plain(number)))  # noqa: B023
    return summary(ours[5:], theirs[5:])


def execute(statement: str, parameters: list[Any]) -> Any:
    """Run one statement, durably, and return its rows when it has some."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else None


def run() -> dict[str, Any]:
    """Measure each act by turns with its plain pair."""
    with house(PLAIN):
        publish()
        from avow.policy.purposes import Purpose  # noqa: PLC0415 - Django stands now
        from avow.vault import enrolment, erasure, opening, sealing  # noqa: PLC0415
        from avow.vault.actor import SERVICE  # noqa: PLC0415

        people: list[UUID] = []
        ids = [uuid4() for _ in range(PEOPLE)]

        def insert(number: int, field: int, value: str = "ada@example.com") -> None:
            execute("INSERT INTO plain VALUES (%s, %s, %s)", [ids[number], field, value])

        def put(number: int, field: str) -> None:
            sealing.put(people[number], field, "ada@example.com", source="bench", now=NOW)

        def select(number: int, fields: int) -> None:
            execute("SELECT value FROM plain WHERE id = %s AND field < %s", [ids[number], fields])

        def page(number: int, fields: list[str]) -> None:
            got = opening.open_fields(people[number], fields, Purpose.ACCOUNT, by=SERVICE, now=NOW)
            assert len(got) == len(fields)

        def erase(number: int) -> None:
            erasure.erase(people[number], request=uuid4(), asked_by=SERVICE, now=NOW)

        def update(number: int) -> None:
            execute("UPDATE plain SET value = 'gone' WHERE id = %s AND field = 0", [ids[number]])

        figures: dict[str, Any] = {
            "enrol": by_turns(PEOPLE, lambda _: people.append(enrolment.enrol(now=NOW)), lambda n: insert(n, -1)),
            "put": by_turns(PEOPLE, lambda n: put(n, names()[0]), lambda n: insert(n, 0)),
        }
        for number in range(100, 100 + MUCH):
            for field, name in enumerate(names()[1:], 1):
                insert(number, field)
                for _ in range(VALUES):
                    put(number, name)
        figures["open one field"] = by_turns(PEOPLE, lambda n: page(n, names()[:1]), lambda n: select(n, 1))
        figures["page of 20 fields"] = by_turns(
            400, lambda n: page(100 + n % MUCH, names()), lambda n: select(100 + n % MUCH, FIELDS)
        )
        figures["open one field of each of 600 at once"] = by_turns(
            12,
            lambda _: len(opening.open_each(people, names()[0], Purpose.ACCOUNT, now=NOW)) == PEOPLE,
            lambda _: execute("SELECT id, value FROM plain WHERE field = 0", []),
        )
        figures["erase, little data"] = by_turns(100, lambda n: erase(n + 200), lambda n: update(n + 200))
        figures[f"erase, {1 + (FIELDS - 1) * VALUES} values"] = by_turns(
            MUCH, lambda n: erase(n + 100), lambda n: update(n + 100)
        )
        return {"people": PEOPLE, **figures}
