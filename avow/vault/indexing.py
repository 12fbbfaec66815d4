"""
Rebuild the blind index from the addresses' own ciphertext, after a restore.

Why it can be done: the token lies beside the ciphertext in avow, the address opens with its person's key, and the index
is computed from address and pepper. So a key database may lose it, and nobody loses their sign-in.

Holds:    an address gets back the very token that other tables hold. What is there is left; so it may be stopped and
          begun again. No address leaves `addresses`. A stale token that nobody holds any more makes way.
Assumes:  the pepper is the one that was made here (`keyring.secret` refuses another).
Does not: index who has no key: they were erased.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from avow.vault import addresses, persons
from avow.vault.keys.models import AddressToken, PersonSlot
from avow.vault.models import AddressSealed

BATCH = 2_000  # addresses between two words of progress


def missing() -> int:
    """Count the addresses of people with a key that nobody could sign in with."""
    return sum(_with_key(_without_token(rows)) for rows in _batches())


def rebuild(*, now: datetime, say: Callable[[str], Any], everything: bool = False) -> int:
    """Index what is missing, or look at each address; return how many were indexed."""
    done, seen = 0, 0
    for rows in _batches():
        done += _index(rows if everything else _without_token(rows), now)
        seen += len(rows)
        if seen % (BATCH * 10) == 0:
            say(f"{seen:,} addresses looked at, {done:,} indexed again.")
    if done:
        say(f"{done:,} addresses can be found again.")
    return done


def _index(rows: list[AddressSealed], now: datetime) -> int:
    """Write the index of these addresses where it is missing or another one."""
    keys = persons.keys_of({row.person for row in rows})
    wanted = {row.token: (row.kind, addresses.index_of(row, keys[row.person])) for row in rows if row.person in keys}
    have = {row.token: (row.kind, bytes(row.idx)) for row in AddressToken.objects.filter(token__in=wanted)}
    done = 0
    for token, (kind, idx) in wanted.items():
        if have.get(token) != (kind, idx):
            done += _put(token, kind, idx, now)
    return done


def _put(token: str, kind: str, idx: bytes, now: datetime) -> int:
    """Give an index its token; another token that somebody holds for the same address is left where it is."""
    other = AddressToken.objects.filter(kind=kind, idx=idx).exclude(token=token).values_list("token", flat=True).first()
    if other is not None and AddressSealed.objects.filter(token=other).exists():
        return 0
    with transaction.atomic(using="avow_keys"):
        AddressToken.objects.filter(token__in=[token, other or token]).delete()
        AddressToken.objects.create(token=token, kind=kind, idx=idx, minted_at=now)
    return 1


def _without_token(rows: list[AddressSealed]) -> list[AddressSealed]:
    there = set(AddressToken.objects.filter(token__in=[row.token for row in rows]).values_list("token", flat=True))
    return [row for row in rows if row.token not in there]


def _with_key(rows: list[AddressSealed]) -> int:
    who = [row.person for row in rows]
    there = set(PersonSlot.objects.filter(person__in=who).values_list("person", flat=True))
    return sum(person in there for person in who)


def _batches() -> Iterator[list[AddressSealed]]:
    """Yield all addresses in the order of their tokens, whole tokens together."""
    after = ""
    while rows := list(AddressSealed.objects.filter(token__gt=after).order_by("token", "person")[:BATCH]):
        after = rows[-1].token
        rows += AddressSealed.objects.filter(token=after).exclude(pk__in=[row.pk for row in rows if row.token == after])
        yield rows
