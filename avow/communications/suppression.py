"""
What an address had asked before its person was erased: not to be written to.

    mac = HMAC(K_suppression, normalised address ‖ topic)       and the day; nothing else is kept

Why it outlives the person: whoever ended our letters and then left must not get them again because somebody
signs up with the address, or because the one list that knew was deleted with the account.

Holds:    rows of one address cannot be told to belong together, nor tested against a guess, without the secret
          (`suppression.secret` in the keyring). A row goes only when a person who showed that the address is theirs
          opts in.
Assumes:  the caller knows the address to be its person's: an address that somebody merely typed is neither kept
          here nor lifted (`queries.confirmed_address_of`).
Does not: survive the loss of the secret; then a later account starts with everything on.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from avow.communications.classes import Kind
from avow.communications.models import Suppression
from avow.people.install import secret
from avow.vault import crypto
from avow.vault.normalising import normalise


def remember(address: str, kinds: Iterable[Kind], *, now: datetime) -> None:
    """Keep that this address asked not to be written to about these; twice is once."""
    rows = [Suppression(mac=_mac(address, kind), since=now.date()) for kind in kinds]
    Suppression.objects.bulk_create(rows, ignore_conflicts=True)


def among(address: str, kinds: Iterable[Kind]) -> frozenset[Kind]:
    """Return about which of these the address asked not to be written to."""
    by_mac = {_mac(address, kind): kind for kind in kinds}
    found = Suppression.objects.filter(mac__in=list(by_mac)).values_list("mac", flat=True)
    return frozenset(by_mac[bytes(mac)] for mac in found)


def who_asked(addresses: Mapping[UUID, str], kind: Kind) -> set[UUID]:
    """Return whose address asked not to be written to about this."""
    macs = {person: _mac(address, kind) for person, address in addresses.items()}
    rows = Suppression.objects.filter(mac__in=list(macs.values())).values_list("mac", flat=True)
    found = {bytes(mac) for mac in rows}
    return {person for person, mac in macs.items() if mac in found}


def lift(address: str, kinds: Iterable[Kind]) -> int:
    """Forget it, since the person of this address opted in; return how many rows went."""
    return Suppression.objects.filter(mac__in=[_mac(address, kind) for kind in kinds]).delete()[0]


def _mac(address: str, kind: Kind) -> bytes:
    key = crypto.derive(secret("suppression"), "avow.suppression/1")
    return crypto.commitment(key, "avow/suppression", normalise("email", address).encode(), kind.encode())
