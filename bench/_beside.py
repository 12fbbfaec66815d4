"""Several processes that do something beside each other for a while, each with its own connections."""

import multiprocessing
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple
from uuid import UUID, uuid4

from bench.vault import NOW, execute, names, publish, timed

HEAD_START = 3.0  # seconds from handing out the work to its beginning: processes need about one to stand


class Work(NamedTuple):
    """What one process does: an act by its name, on whom, and how often a second (0: as often as it can)."""

    act: str
    people: Sequence[UUID]
    rate: float = 0.0


def page(person: UUID) -> None:
    """Open a page of twenty fields."""
    from avow.policy.purposes import Purpose  # noqa: PLC0415 - Django stands now
    from avow.vault import opening  # noqa: PLC0415
    from avow.vault.actor import SERVICE  # noqa: PLC0415

    assert opening.open_fields(person, names(), Purpose.ACCOUNT, by=SERVICE, now=NOW)


def put(person: UUID) -> None:
    """Seal a newer address."""
    from avow.vault import sealing  # noqa: PLC0415 - Django stands now

    sealing.put(person, names()[0], "ada@example.com", source="bench", now=NOW)


def erase(person: UUID) -> None:
    """Erase somebody."""
    from avow.vault import erasure  # noqa: PLC0415 - Django stands now
    from avow.vault.actor import SERVICE  # noqa: PLC0415

    erasure.erase(person, request=uuid4(), asked_by=SERVICE, now=NOW)


def insert(_: UUID) -> None:
    """Insert a plain row of the same size."""
    execute("INSERT INTO plain VALUES (%s, 0, %s)", [uuid4(), "ada@example.com"])


def update(person: UUID) -> None:
    """Update a plain row."""
    execute("UPDATE plain SET value = 'gone' WHERE id = %s AND field = 0", [person])


ACTS = {act.__name__: act for act in (page, put, erase, insert, update)}


def stand() -> None:
    """Set up Django in a fresh process, on the home that stands."""
    import django  # noqa: PLC0415

    django.setup()
    publish()  # published already: this declares the fields


def work(given: Work, begin: float, seconds: float) -> list[float]:
    """Do one process's work from a moment on, and return the milliseconds of each act."""
    took: list[float] = []
    time.sleep(max(0.0, begin - time.time()))
    act = ACTS[given.act]
    for number, person in enumerate(given.people):
        if given.rate:
            time.sleep(max(0.0, begin + number / given.rate - time.time()))
        if time.time() >= begin + seconds:
            break
        took.append(timed(lambda: act(person)))  # noqa: B023 - run at once
    return took


def together(works: Sequence[Work], seconds: float) -> dict[str, list[float]]:
    """Do all of this work beside each other and return the milliseconds by act."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(works), mp_context=context, initializer=stand) as pool:
        list(pool.map(time.sleep, [1.0] * len(works)))  # until each process stands
        begin = time.time() + HEAD_START
        done = [(given.act, pool.submit(work, given, begin, seconds)) for given in works]
        found: dict[str, list[float]] = {}
        for act, took in done:
            found.setdefault(act, []).extend(took.result())
    return found


def spread(took: list[float], seconds: float) -> dict[str, float]:
    """Sum up the milliseconds of one act that was done for so many seconds."""
    return {
        "p50_ms": round(statistics.median(took), 2),
        "p99_ms": round(statistics.quantiles(took, n=100)[98], 2),
        "a_second": round(len(took) / seconds, 1),
    }
