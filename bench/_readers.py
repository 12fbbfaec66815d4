"""People with an account and a confirmed address, by COPY: whom a message to everybody goes to."""

import secrets
from typing import Any
from uuid import UUID, uuid4

from bench._population import COVER, FIELD, PERSON, SLOT, copy
from bench.vault import NOW

ADDRESS = "ada.lovelace-%d@example%d.com"
DOMAINS = 50


def fill(cluster: Any, count: int) -> list[UUID]:
    """Make so many and return them; seals are real, rows are written by the superuser."""
    from django.db import connection  # noqa: PLC0415 - Django stands now

    from avow.people.models import Account  # noqa: PLC0415
    from avow.vault import fields, governing, persons, tree  # noqa: PLC0415
    from avow.vault.keys import buckets, epochs  # noqa: PLC0415

    people = [uuid4() for _ in range(count)]
    policy, epoch = governing.in_force(NOW).sha256, epochs.current(now=NOW)
    key = epochs.keyring().load(epoch)
    covers = [tree.plant(secrets.token_bytes(tree.SEED)) for _ in range(count // tree.LEAVES + 1 + buckets.AHEAD)]
    sealed = [buckets._wrap(key, number, epoch, 0, cover) for number, cover in enumerate(covers)]  # noqa: SLF001

    def values() -> Any:
        for number, cover in enumerate(covers):
            first = number * tree.LEAVES
            for leaf, seed in tree.leaves(cover, range(max(0, min(tree.LEAVES, count - first)))):
                person = people[first + leaf]
                own = fields.key(persons.key_from(person, seed))
                row = fields.Sealed(person.bytes, "email", 1, policy, b"")
                plain = (ADDRESS % (first + leaf, (first + leaf) % DOMAINS)).encode()
                yield person, "email", 1, policy, "bench", NOW, None, fields.seal(own, row, plain)

    with cluster.connect("avow_keys") as keys:
        copy(keys, SLOT, ((person, slot) for slot, person in enumerate(people)))
        copy(keys, COVER, ((number, epoch, True, 0, cover) for number, cover in enumerate(sealed)))
        keys.execute("SELECT setval('vault_slot', %s)", [count])
    with cluster.connect("avow") as avow:
        copy(avow, PERSON, ((person, slot, "account", NOW, policy, "") for slot, person in enumerate(people)))
        copy(avow, FIELD, values())
    for start in range(0, count, 1000):
        made = [Account(person=person, opened_at=NOW) for person in people[start : start + 1000]]
        Account.objects.bulk_create(made)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM people_account")
        numbers = [number for (number,) in cursor.fetchall()]
    with cluster.connect("avow") as avow:
        copy(
            avow, 'COPY account_emailaddress (email, verified, "primary", user_id) FROM STDIN',
            ((secrets.token_hex(16), True, True, number) for number in numbers),
        )  # fmt: skip
    for database in ("avow", "avow_keys"):
        with cluster.connect(database) as admin:
            admin.autocommit = True
            admin.execute("VACUUM ANALYZE")
    return people
