"""
The vault with a million people in it: create, page, bulk, erase, roll, each beside its plain path in the same run.

Why so many: what costs little at 600 people may scan a table at a million. AVOW_BENCH_PEOPLE makes it smaller.

    create              enrol, durably                                beside   INSERT of one row, durably
    page                open 20 fields of one person                  beside   SELECT of the same 20 rows
    bulk                open 100,000 people's addresses               beside   SELECT of the same rows
    erase               one person, with 1 and with 1,000 values      beside   UPDATE of one row, durably
    erase, in company   4 processes erase and 4 write                 beside   4 that update and 4 that insert
    roll                every cover sealed again                      beside   UPDATE of as many rows of that size
                        and the backup of the key database after it, which has a row for each person
    pages under load    at 70 % of what 4 processes can read, with    beside   the same without erasures
                        10 erasures a second

What the server does for them, by EXPLAIN (ANALYZE, BUFFERS) at 200,000 people (PostgreSQL 15, nothing prepared):

    one person's key        two index scans (personslot_pkey, bucket_pkey), 7 pages; planning takes 5 times as long as
                            running, so it is prepared
    one person's page       index scan of field_one_current_value by row-level security's person, 4 pages
    one person's choices    an index scan of vault_person_pkey; scans of grants, objections and freezes by their person
                            once those are many, whole while they are few
    20,000 keys             one scan of personslot against a hash of the people, a hash join with the covers, one row
                            for each cover: 40 ms
    20,000 fields           bitmap scan of field_one_current_value, a search for each person: 115 ms, half of it for
                            pages that no cache had; row-level security's own condition is the one that is searched by
    20,000 people's choices one scan of each table against a hash of the people: 68 ms, and 160 when every tenth person
                            has objected to or granted something

No index is missing: each search for one person ends at its row, and many people are cheaper by a scan of the small
tables than by as many searches. That scan is of the whole table for each batch, which is why a batch is large.
"""

import os
import random
import time
from itertools import chain
from typing import Any
from uuid import UUID, uuid4

from bench._beside import ACTS, Work, spread, together
from bench._house import house
from bench._population import Town, fill
from bench.vault import FIELDS, NOW, PLAIN, by_turns, execute, names, publish, summary, timed

PEOPLE = int(os.environ.get("AVOW_BENCH_PEOPLE", "1000000"))
ADDRESSES = min(100_000, PEOPLE // 2)
SECONDS = 10.0  # of work in company
SIDE = 4  # processes of a kind
LOAD = 0.7  # of the pages that can be read
ERASURES = 10.0  # a second
ROUNDS = 3
MOST = 10_000  # people for one process, more than it gets to
PLAIN_BULK = "SELECT id, value FROM plain WHERE id = ANY(%s) AND field = 0"
PLAIN_PAGE = "SELECT value FROM plain WHERE id = %s AND field < %s"


def soak() -> dict[str, Any]:
    """Fill the house, then measure one after the other; who was erased is not asked again."""
    with house(PLAIN) as cluster:
        publish()
        began = time.monotonic()
        town = fill(cluster, PEOPLE)
        filled = time.monotonic() - began
        chance = random.Random(4)  # noqa: S311  # nosec B311 - whom to measure, no key
        leaving = chance.sample(town.rest[: len(town.rest) // 2], len(town.rest) // 4)
        staying = town.rest[len(town.rest) // 2 :]
        return {
            "people": PEOPLE,
            "filled": {"seconds": round(filled, 1), "people_a_second": round(PEOPLE / filled)},
            "create": create(),
            f"page of {FIELDS} fields": page(town),
            f"bulk of {ADDRESSES} addresses, anybody": bulk(chance.sample(town.everybody, ADDRESSES)),
            f"bulk of {ADDRESSES} addresses, by sign-up": bulk(town.everybody[:ADDRESSES]),
            "erase, 1 value": erase(take(leaving, 200)),
            "erase, 1000 values": erase(town.much),
            "erase, in company": in_company(leaving, staying),
            "roll": roll(),
            "pages under load": under_load(town.pages, leaving),
        }


def create() -> dict[str, float]:
    """Enrol people one by one."""
    from avow.vault import enrolment  # noqa: PLC0415 - Django stands now

    return by_turns(
        500,
        lambda _: enrolment.enrol(now=NOW),
        lambda _: execute("INSERT INTO plain VALUES (%s, 0, 'ada@example.com')", [uuid4()]),
    )


def page(town: Town) -> dict[str, float]:
    """Open the pages of one person after the other."""
    from avow.policy.purposes import Purpose  # noqa: PLC0415 - Django stands now
    from avow.vault import opening  # noqa: PLC0415
    from avow.vault.actor import SERVICE  # noqa: PLC0415

    def ours(number: int) -> None:
        person = town.pages[number % len(town.pages)]
        assert len(opening.open_fields(person, names(), Purpose.ACCOUNT, by=SERVICE, now=NOW)) == FIELDS

    return by_turns(
        500, ours, lambda number: execute(PLAIN_PAGE, [town.pages[number % len(town.pages)], FIELDS])
    )  # fmt: skip


def bulk(people: list[UUID]) -> dict[str, float]:
    """Open the addresses of many at once, in three rounds."""
    from avow.policy.purposes import Purpose  # noqa: PLC0415 - Django stands now
    from avow.vault import opening  # noqa: PLC0415

    def ours() -> None:
        assert len(opening.open_each(people, names()[0], Purpose.ACCOUNT, now=NOW)) == len(people)

    def plain() -> None:
        assert len(execute(PLAIN_BULK, [people])) == len(people)

    took = [(timed(ours), timed(plain)) for _ in range(ROUNDS)]
    return seconds(min(one for one, _ in took), min(other for _, other in took))


def seconds(ours: float, plain: float) -> dict[str, float]:
    """Sum up two acts that take long, from milliseconds."""
    return {
        "seconds": round(ours / 1000, 3),
        "plain_seconds": round(plain / 1000, 3),
        "ratio": round(ours / plain, 1),
    }


def erase(people: list[UUID]) -> dict[str, float]:
    """Erase one after the other, with nobody beside."""
    return by_turns(
        len(people), lambda number: ACTS["erase"](people[number]), lambda number: ACTS["update"](people[number])
    )  # fmt: skip


def in_company(leaving: list[UUID], staying: list[UUID]) -> dict[str, Any]:
    """Let several processes erase while as many write, then the same in plain rows."""
    gone = [take(leaving, min(MOST, len(leaving) // (2 * SIDE))) for _ in range(SIDE)]
    stay = [staying[number::SIDE][:MOST] for number in range(SIDE)]
    ours = together([Work("erase", some) for some in gone] + [Work("put", some) for some in stay], SECONDS)
    plain = together([Work("update", some) for some in stay] + [Work("insert", some) for some in stay], SECONDS)
    done = {"erase": summary(ours["erase"], plain["update"]), "put": summary(ours["put"], plain["insert"])}
    return {"erasers": SIDE, "writers": SIDE, **done}


def take(people: list[UUID], count: int) -> list[UUID]:
    """Take so many off a list: nobody is erased twice."""
    taken, people[:] = people[:count], people[count:]
    return taken


def roll() -> dict[str, Any]:
    """Roll the keys three times and take the quickest; the parts of that one are told as well."""
    from avow.vault.keys import backups, rolling  # noqa: PLC0415 - Django stands now

    parts: dict[str, float] = {}

    def watched(module: Any, name: str) -> None:
        plain = getattr(module, name)

        def act(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return plain(*given, **named)
            finally:
                parts[name] = parts.get(name, 0.0) + (time.perf_counter() - began) * 1000

        setattr(module, name, act)

    watched(rolling, "finish")
    watched(backups, "take")
    took = []
    for _ in range(ROUNDS):
        parts.clear()
        ours = timed(lambda: rolling.roll(now=NOW, at_once=True))
        plain = timed(lambda: execute("UPDATE plain_cover SET cover = cover || ''::bytea", []))
        took.append((parts["finish"], parts["take"], ours, plain))
    sealed, backup, ours, plain = min(took)
    return {
        "covers": covers(),
        "every cover sealed again": seconds(sealed, plain),
        "backup of the key database, written and read back": {"seconds": round(backup / 1000, 3)},
        "all of it": {"seconds": round(ours / 1000, 3)},
    }


def covers() -> int:
    """Count the covers that a roll seals again."""
    return int(execute("SELECT count(*) FROM plain_cover", [])[0][0])


def under_load(pages: list[UUID], leaving: list[UUID]) -> dict[str, Any]:
    """Read pages at part of what can be read, by turns with and without erasures beside."""
    most = len(together(readers(pages, 0.0), SECONDS)["page"]) / SECONDS
    alone, beside = list[list[float]](), list[list[float]]()
    for _ in range(ROUNDS):
        alone.append(together(readers(pages, LOAD * most), SECONDS)["page"])
        erasing = Work("erase", take(leaving, int(ERASURES * SECONDS)), ERASURES)
        beside.append(together([*readers(pages, LOAD * most), erasing], SECONDS)["page"])
    without, under = sum(map(len, alone)), sum(map(len, beside))
    return {
        "most_a_second": round(most),
        "erasures_a_second": ERASURES,
        "alone": spread(list(chain(*alone)), ROUNDS * SECONDS),
        "beside_erasures": spread(list(chain(*beside)), ROUNDS * SECONDS),
        "falls_by_percent": round(100 * (1 - under / without), 2),
    }


def readers(pages: list[UUID], rate: float) -> list[Work]:
    """Share a rate of pages among the readers; each goes round and round."""
    endless = pages * max(1, int(SECONDS * 3000 / len(pages)))
    return [Work("page", endless[number:], rate / SIDE) for number in range(SIDE)]
