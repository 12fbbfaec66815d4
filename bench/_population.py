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


class Planted(NamedTuple):
    """People with keys and nothing else yet."""

    people: list[UUID]  # in the order of their slots
    policy: str
    covers: list[Any]
    sealed: list[bytes]  # the covers, as the key database has them

    def leaves(self) -> Iterator[tuple[int, bytes]]:
        """Return the place of each person and the leaf that their key comes from."""
        from avow.vault import tree  # noqa: PLC0415 - Django stands now

        for number, cover in enumerate(self.covers):
            first = number * tree.LEAVES
            for leaf, seed in tree.leaves(cover, range(max(0, min(tree.LEAVES, len(self.people) - first)))):
                yield first + leaf, seed


def plant(cluster: Any, count: int) -> Planted:
    """Make so many people with a key each, and return them."""
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
    return Planted(people, policy, covers, sealed)


def tidy(cluster: Any) -> None:
    """Have both databases know what they hold."""
    for database in ("avow", "avow_keys"):
        with cluster.connect(database) as admin:
            admin.autocommit = True
            admin.execute("VACUUM ANALYZE")


def fill(cluster: Any, count: int) -> Town:
    """Make so many people and return them; seals are real, rows are written by the superuser."""
    planted = plant(cluster, count)
    people = planted.people
    with cluster.connect("avow") as avow:
        copy(avow, FIELD, values(planted))
        avow.execute(TWINS + " WHERE superseded_at IS NULL")
        avow.execute(COVERS)
        copy(avow, "COPY plain_cover FROM STDIN", enumerate(planted.sealed))
    tidy(cluster)
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


def values(planted: Planted) -> Iterator[tuple[object, ...]]:
    """Seal what everybody gave, each under their own key."""
    from avow.vault import fields, persons  # noqa: PLC0415 - Django stands now

    few = pages(len(planted.people))
    for place, seed in planted.leaves():
        person = planted.people[place]
        own = fields.key(persons.key_from(person, seed))
        for field, ordinal, last in history(place, few):
            row = fields.Sealed(person.bytes, field, ordinal, planted.policy, b"")
            plain = (ADDRESS % place).encode()
            ended = None if last else NOW
            yield person, field, ordinal, planted.policy, "bench", NOW, ended, fields.seal(own, row, plain)


def history(place: int, few: int) -> list[tuple[str, int, bool]]:
    """Name the values of the person at this place: an address, a page of fields, or a long history of each field."""
    if place < few:
        return [(name, 1, True) for name in names()]
    if place < few + MUCH:
        each = VALUES // FIELDS
        return [(name, ordinal, ordinal == each) for name in names() for ordinal in range(1, each + 1)]
    return [(names()[0], 1, True)]
