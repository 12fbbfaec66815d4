"""
Where somebody signed in before: so that a sign-in from elsewhere can be told to them.

    mark = HMAC(HKDF(K_p, "avow.browser/1"), network, family)      network: /24 of IPv4, /48 of IPv6

Why a mark and no cookie: whoever clears their cookies is not a stranger, and a cookie would follow them. Why under the
person's key: two accounts in one house cannot be seen to share it, and nothing is left when the key is gone.

Holds:    what was sent (address and browser) lies sealed under the person's key for thirty days, for them to look at;
          after that only the mark is left, and after half a year without use not even that.
          The first browser of a fresh account is its own and nobody is told.
Does not: tell two browsers of one family behind one network apart: that would need more than is kept.
"""

import ipaddress
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from avow.people import families
from avow.people.models import Account, KnownBrowser
from avow.policy.purposes import Purpose
from avow.vault import crypto, persons
from avow.vault.sealing import open_blob, seal_blob

SHOWN_FOR = timedelta(days=30)
KNOWN_FOR = timedelta(days=183)
FRESH = timedelta(days=1)  # of an account: its first browser is no stranger's
LABEL = "known-browser"
LONGEST = 300  # characters of what a browser says of itself
NETWORK = {4: 24, 6: 48}


@dataclass(frozen=True)
class Seen:
    """One browser that signed in: what the person may look at, while it is kept."""

    family: str
    address: str
    agent: str
    since: datetime
    last: datetime


@transaction.atomic
def seen(account: Account, address: str, agent: str, *, now: datetime) -> bool:
    """Keep that somebody signed in from here; return whether that is news to be told."""
    Account.objects.select_for_update().filter(pk=account.pk).first()  # one sign-in at a time decides what is new
    mark = mark_of(account.person, address, agent)
    is_first = not KnownBrowser.objects.filter(person=account.person).exists() and now - account.opened_at < FRESH
    sealed = seal_blob(account.person, LABEL, json.dumps({"address": address, "agent": agent[:LONGEST]}).encode())
    kept = {"sealed": sealed, "last": now, "shown_until": now + SHOWN_FOR}
    _, is_new = KnownBrowser.objects.update_or_create(
        person=account.person, mark=mark, defaults=kept, create_defaults=kept | {"since": now}
    )
    return is_new and not is_first


def mark_of(person: UUID, address: str, agent: str) -> str:
    """Return the mark of a browser for one person."""
    key = crypto.derive(persons.key_of(person), "avow.browser/1")
    return crypto.commitment(key, "mark", network(address).encode(), families.family(agent).encode()).hex()


def network(address: str) -> str:
    """Return the network of an address: what is told, and by what it is known again."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "an unknown place"
    return str(ipaddress.ip_network(f"{parsed}/{NETWORK[parsed.version]}", strict=False))


def of(person: UUID, *, now: datetime) -> list[Seen]:
    """Return the browsers that are still kept, the latest first."""
    rows = KnownBrowser.objects.filter(person=person, shown_until__gt=now).exclude(sealed=None).order_by("-last")
    return [_opened(row) for row in rows]


def clear_expired(now: datetime) -> int:
    """Forget what was sent after thirty days, and whose mark was not met for half a year; return how many."""
    faded = KnownBrowser.objects.filter(shown_until__lte=now).exclude(sealed=None).update(sealed=None)
    return faded + KnownBrowser.objects.filter(last__lte=now - KNOWN_FOR).delete()[0]


def forget(person: UUID) -> int:
    """Remove the person's browsers; return how many rows went."""
    return KnownBrowser.objects.filter(person=person).delete()[0]


def count(person: UUID) -> int:
    """Count the person's browsers."""
    return KnownBrowser.objects.filter(person=person).count()


def _opened(row: KnownBrowser) -> Seen:
    assert row.sealed is not None
    sent = json.loads(open_blob(row.person, LABEL, bytes(row.sealed), purpose=Purpose.SECURITY))
    return Seen(families.family(sent["agent"]), sent["address"], sent["agent"], row.since, row.last)
