"""
Addresses as random tokens: found by a blind index among the keys, opened with a person's key.

    avow_keys   token, HMAC of the normalised address     who has the address finds the token
    avow        token, person, ciphertext                  who has the person's key opens the address

Why two places: a thief of either database learns no address, and cannot even test a guess without the pepper,
which lies in the keyring. Why a token at all: other tables can refer to an address without holding it.

Holds:    one token for one address, whoever writes it first and however it is spelt. Erasing a person removes
          their ciphertext, and the token too unless somebody else holds the address. A caller who rolls back
          keeps the address and its token: a token is removed only after avow has committed that it was let go.
Assumes:  two databases do not commit together. A token is minted first and removed last: a crash between, or a
          caller who rolls back, leaves a token that nobody holds (`sweep` removes it). Whoever takes up a token, and
          whoever removes it, holds the token's advisory lock in avow until they commit, so neither acts on what the
          other is changing. An erasure removes tokens in the one transaction that destroys the key (`erasure`).
Does not: find parts of addresses; an index for that would give them away.
"""

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from avow.keyring.secret import named_secret
from avow.policy.purposes import Purpose
from avow.vault import addresses_sealing, catalogue, crypto, forms, gate, governing, holds, persons, staff_openings
from avow.vault.actor import SERVICE, Actor
from avow.vault.keys.models import AddressToken
from avow.vault.models import AddressSealed
from avow.vault.normalising import normalise

INDEX = 16  # bytes of the blind index
ENTROPY = 15  # bytes: 24 characters of base32, lower case since some software lowers addresses
A_DAY = timedelta(days=1)


def token_for(
    kind: str, value: str, person: UUID, now: datetime, *, random: crypto.Random = secrets.token_bytes
) -> str:
    """Return the token of an address, minting it when it is new, and seal the address for this person."""
    idx = blind_index(kind, value)
    with transaction.atomic():
        persons.lock(person)
        key = persons.key_of(person)  # before minting: an erased person shall leave no token behind
        token = _take_up(kind, idx, random)
        row = AddressSealed(
            token=token, person=person, kind=kind, policy=governing.in_force(now).sha256, collected_at=now
        )
        _seal(row, key, value, random)
    return token


def find(kind: str, value: str) -> str | None:
    """Return the token of an address, or None when nobody holds it."""
    return _token_at(kind, blind_index(kind, value))


def open_address(
    token: str, person: UUID, purpose: Purpose, *, by: Actor = SERVICE, now: datetime | None = None
) -> str | None:
    """Return the address as this person gave it, masked for the desk; None when they do not hold this token."""
    now = now or timezone.now()
    key = persons.key_of(person)
    row = AddressSealed.objects.filter(token=token, person=person).first()
    if row is None:
        return None
    case = staff_openings.ask(person, [row.kind], purpose, by=by, now=now)
    gate.permit(person, [(row.kind, row.policy)], purpose, now=now)
    form = staff_openings.to_show(person, [row.kind], purpose, case, now=now)[row.kind]
    plain = addresses_sealing.unseal(addresses_sealing.key(key), row)
    if case is not None:
        staff_openings.write(person, case, form, now=now)
    return forms.shown(plain.decode(), form, catalogue.category(row.kind))


def let_go(token: str, person: UUID, *, now: datetime | None = None) -> None:
    """Forget that a person has this address; nobody's address loses its token once that is committed.

    `now` is the wall clock unless a caller has its own.
    """
    with transaction.atomic():
        rows = AddressSealed.objects.filter(token=token, person=person)
        for kind in rows.values_list("kind", flat=True):
            holds.keep_replaced(person, kind, token=token, now=now or timezone.now())
        rows.delete()
        _remove_when_committed([token])


def forget(person: UUID) -> int:
    """Remove a person's addresses, and the tokens that nobody else holds; return how many addresses went."""
    with transaction.atomic():
        _remove_when_committed(held_alone(person))
        return remove_sealed(person)


def remove_sealed(person: UUID) -> int:
    """Remove the ciphertext of a person's addresses; return how many went."""
    return AddressSealed.objects.filter(person=person).delete()[0]


def held_alone(person: UUID) -> list[str]:
    """Lock the person's tokens until the transaction ends, and return those that nobody else holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT vault_held_alone(%s)", [person])
        return list(cursor.fetchone()[0])


def sweep(*, now: datetime) -> int:
    """Remove tokens that nobody took up within a day; return how many."""
    old = AddressToken.objects.filter(minted_at__lt=now - A_DAY).order_by("token").values_list("token", flat=True)
    return sum(_remove_unheld(token) for token in old.iterator(chunk_size=1000))


def blind_index(kind: str, value: str) -> bytes:
    """Return what an address is indexed by: the same for every spelling of it, and nothing without the pepper."""
    pepper = named_secret(settings.KEYRING_FOLDER, "pepper")
    return crypto.commitment(crypto.derive(pepper, f"bi:{kind}:v1"), "", normalise(kind, value).encode())[:INDEX]


def index_of(row: AddressSealed, key: bytes) -> bytes:
    """Return the index of a stored address, from its ciphertext; the address itself stays here."""
    plain = addresses_sealing.unseal(addresses_sealing.key(key), row)
    return blind_index(row.kind, plain.decode())


def _take_up(kind: str, idx: bytes, random: crypto.Random) -> str:
    """Return the token of an index, locked in avow; mint again when it was removed while we waited."""
    while True:
        fresh = base64.b32encode(random(ENTROPY)).decode().lower()
        AddressToken.objects.bulk_create([AddressToken(token=fresh, kind=kind, idx=idx)], ignore_conflicts=True)
        token = _token_at(kind, idx)
        if token is not None:
            _lock(token)
            if _token_at(kind, idx) == token:
                return token


def _token_at(kind: str, idx: bytes) -> str | None:
    return AddressToken.objects.filter(kind=kind, idx=idx).values_list("token", flat=True).first()


def _remove_when_committed(tokens: Iterable[str]) -> None:
    """Remove these tokens when the caller has committed; what fails then is logged, and swept up within a day."""
    for token in tokens:
        transaction.on_commit(partial(_remove_unheld, token), robust=True)


def _remove_unheld(token: str) -> int:
    """Remove a token that nobody holds, under its lock, so that nobody takes it up meanwhile."""
    with transaction.atomic():
        _lock(token)
        held = AddressSealed.objects.filter(token=token).exists()
        return 0 if held else int(AddressToken.objects.filter(token=token).delete()[0])


def _lock(token: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT vault_lock_address(%s)", [token])


def _seal(row: AddressSealed, key: bytes, value: str, random: crypto.Random) -> None:
    """Store the address as it was given, in place of an earlier spelling."""
    row.ciphertext = addresses_sealing.seal(addresses_sealing.key(key), row, value, random=random)
    holds.keep_replaced(row.person, row.kind, token=row.token, now=row.collected_at)
    AddressSealed.objects.filter(token=row.token, person=row.person).delete()
    row.save(force_insert=True)
