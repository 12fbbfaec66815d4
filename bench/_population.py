"""A vault full of people, by COPY: each with a key of their own, an address sealed under it, and a plain twin."""

import secrets
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from bench.vault import FIELDS, NOW, names

PAGES = 1000  # people with a page of fields, the first ones; fewer when there are fewer people
MUCH = 40  # people with much data, after those
VALUES = 1000  # values of theirs
ADDRESS = "ada.lovelace-%d@example.com"
SLOT = "COPY vault_keys_personslot (person, slot) FROM STDIN"
COVER = "COPY vault_keys_bucket (bucket_id, epoch_id, epoch_wraps, generation, cover) FROM STDIN"
PERSON = "COPY vault_person (person, slot, kind, enrolled_at, signed_up_under, governed_by) FROM STDIN"
FIELD = """
    COPY vault_sealedfield (person, field, ordinal, policy, source, collected_at, superseded_at, ciphertext) FROM STDIN
"""
TWINS = "INSERT INTO plain SELECT person, substr(field, 7)::int, 'ada.lovelace@example.com' FROM vault_sealedfield"
COVERS = "CREATE TABLE plain_cover (id bigint PRIMARY KEY, cover bytea); GRANT ALL ON plain_cover TO avow_app"


class Town(NamedTuple):
    """Everybody, by what they are measured for."""

    everybody: list[UUID]  # in the order of their slots
    pages: list[UUID]
    much: list[UUID]
    rest: list[UUID]  # one address each


def fill(cluster: Any, count: int) -> Town:
    """Make so many people and return them; seals are real, rows are written by the superuser."""
    from avow.vault import governing, tree  # noqa: PLC0415 - Django stands now
    from avow.vault.keys import buckets, epochs  # noqa: PLC0415

    people = [uuid4() for _ in range(count)]
    policy, epoch = governing.in_force(NOW).sha256, epochs.current(now=NOW)
    key = epochs.keyring().load(epoch)
    covers = [tree.plant(secrets.token_bytes(tree.SEED)) for _ in range(count // tree.LEAVES + 1 + buckets.AHEAD)]
    sealed = [buckets._wrap(key, number, epoch, 0, cover) for number, cover in enumerate(covers)]  # noqa: SLF001
    with cluster.connect("avow_keys") as keys:
        copy(keys, SLOT, ((person, slot) for slot, person in enumerate(people)))
        copy(keys, COVER, ((number, epoch, True, 0, cover) for number, cover in enumerate(sealed)))
        keys.execute("SELECT setval('vault_slot', %s)", [count])
    with cluster.connect("avow") as avow:
        copy(avow, PERSON, ((person, slot, "account", NOW, policy, "") for slot, person in enumerate(people)))
        copy(avow, FIELD, values(people, covers, policy))
        avow.execute(TWINS + " WHERE superseded_at IS NULL")
        avow.execute(COVERS)
        copy(avow, "COPY plain_cover FROM STDIN", enumerate(sealed))
    for database in ("avow", "avow_keys"):
        with cluster.connect(database) as admin:
            admin.autocommit = True
            admin.execute("VACUUM ANALYZE")
    few = pages(count)
    return Town(people, people[:few], people[few : few + MUCH], people[few + MUCH :])


def pages(count: int) -> int:
    """Return how many of so many people have a page."""
    return min(PAGES, count // 10)


def copy(connection: Any, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Write rows by COPY."""
    with connection.cursor() as cursor, cursor.copy(statement) as into:
        for row in rows:
            into.write_row(row)


def values(people: list[UUID], covers: list[Any], policy: str) -> Iterator[tuple[object, ...]]:
    """Seal what everybody gave, each under their own key."""
    from avow.vault import fields, persons, tree  # noqa: PLC0415 - Django stands now

    few = pages(len(people))
    for number, cover in enumerate(covers):
        first = number * tree.LEAVES
        for leaf, seed in tree.leaves(cover, range(max(0, min(tree.LEAVES, len(people) - first)))):
            person = people[first + leaf]
            own = fields.key(persons.key_from(person, seed))
            for field, ordinal, last in history(first + leaf, few):
                row = fields.Sealed(person.bytes, field, ordinal, policy, b"")
                plain = (ADDRESS % (first + leaf)).encode()
                ended = None if last else NOW
                yield person, field, ordinal, policy, "bench", NOW, ended, fields.seal(own, row, plain)


def history(place: int, few: int) -> list[tuple[str, int, bool]]:
    """Name the values of the person at this place: an address, a page of fields, or a long history of each field."""
    if place < few:
        return [(name, 1, True) for name in names()]
    if place < few + MUCH:
        each = VALUES // FIELDS
        return [(name, ordinal, ordinal == each) for name in names() for ordinal in range(1, each + 1)]
    return [(names()[0], 1, True)]
