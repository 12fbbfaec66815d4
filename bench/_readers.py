"""People with an account and a confirmed address, by COPY: whom a message to everybody goes to."""

import secrets
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from bench._population import FIELD, Planted, copy, plant, tidy
from bench.vault import NOW

ADDRESS = "ada.lovelace-%d@example%d.com"
DOMAINS = 50
AT_ONCE = 1000


def fill(cluster: Any, count: int) -> list[UUID]:
    """Make so many and return them; seals are real, rows are written by the superuser."""
    from avow.people.models import Account  # noqa: PLC0415 - Django stands now

    planted = plant(cluster, count)
    for start in range(0, count, AT_ONCE):
        some = planted.people[start : start + AT_ONCE]
        Account.objects.bulk_create([Account(person=person, opened_at=NOW) for person in some])
    numbers = list(Account.objects.values_list("pk", flat=True))
    with cluster.connect("avow") as avow:
        copy(avow, FIELD, addresses(planted))
        copy(
            avow, 'COPY account_emailaddress (email, verified, "primary", user_id) FROM STDIN',
            ((secrets.token_hex(16), True, True, number) for number in numbers),
        )  # fmt: skip
    tidy(cluster)
    return planted.people


def addresses(planted: Planted) -> Iterator[tuple[object, ...]]:
    """Seal everybody's address, each under their own key."""
    from avow.vault import fields, persons  # noqa: PLC0415 - Django stands now

    for place, seed in planted.leaves():
        person = planted.people[place]
        row = fields.Sealed(person.bytes, "email", 1, planted.policy, b"")
        plain = (ADDRESS % (place, place % DOMAINS)).encode()
        sealed = fields.seal(fields.key(persons.key_from(person, seed)), row, plain)
        yield person, "email", 1, planted.policy, "bench", NOW, None, sealed
