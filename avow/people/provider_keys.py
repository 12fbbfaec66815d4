"""
The keys that sign what applications are told, one after the other.

    keys/oidc.pem                 the first; signs from the beginning
    keys/oidc-1795910400.pem      a later one; signs from that second on

    made                 +LEAD: begins to sign                 successor begins, +LEAD: gone
     |  published, unused  |  signs; the one before is published  |

Why files and no table: what signs must lie in no database, whose copies travel. Why each is published a day before it
signs and a day after: applications keep what they read of our keys, and none may meet a key that it does not know.

Holds:    there is always exactly one key that signs. Two processes that make a successor at a time make one. A key
          whose time is over is overwritten and removed, and is believed by nobody from that moment.
Source:   OpenID Connect Core 10.1.1 (rotation of signing keys).
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from allauth.idp.oidc.models import PrivateKey

from avow.keyring.file import wipe
from avow.keyring.rsa import rsa_key

FIRST = "oidc"
LATER = re.compile(r"^oidc-(\d{9,12})\.pem$")
LEAD = timedelta(days=1)
SIGNS_FOR = timedelta(days=90)


def keys(folder: Path) -> list[PrivateKey]:
    """Return every key that is there, the oldest first; the first is made when there is none."""
    there = _there(folder)
    ends = [begins + LEAD for _, begins in there[1:] if begins] + [None]
    return [
        PrivateKey(pem=_pem(folder, name), not_before=begins, issued_at=begins, expires_at=end)
        for (name, begins), end in zip(there, ends, strict=True)
    ]


def renew(folder: Path, *, now: datetime, at_once: bool = False) -> datetime | None:
    """
    Make a successor when the present key has signed for long enough; return when it begins to sign.

    at_once: the successor signs from now on and no other key is believed any more, as after a theft. Who is signing in
    at this moment begins again.
    """
    there = _there(folder)
    if at_once:
        begins = now.replace(microsecond=0)
        rsa_key(folder, _name(begins))
        for name, _ in there:
            if name != _name(begins):
                _remove(folder, name)
        return begins
    newest = there[-1][1] or _made_at(folder)
    if newest + SIGNS_FOR - LEAD > now:
        return None
    begins = (now + LEAD).replace(microsecond=0)
    rsa_key(folder, _name(begins))
    return begins


def clear(folder: Path, *, now: datetime) -> int:
    """Remove keys whose time is over; return how many."""
    over = [name for (name, _), (_, next_) in pairwise(_there(folder)) if next_ and next_ + LEAD <= now]
    return sum(_remove(folder, name) for name in over)


def _remove(folder: Path, name: str) -> bool:
    path = folder / f"{name}.pem"
    if not path.exists():
        return False
    wipe(path)
    return True


@lru_cache(maxsize=8)
def _pem(folder: Path, name: str) -> str:
    return rsa_key(folder, name)


def _there(folder: Path) -> list[tuple[str, datetime | None]]:
    """Return name and beginning of every key, the oldest first; with no key there, the first that is to be made."""
    found = (LATER.match(path.name) for path in folder.glob(f"{FIRST}-*.pem"))
    begins = sorted(datetime.fromtimestamp(int(match[1]), UTC) for match in found if match)
    first: list[tuple[str, datetime | None]] = [(FIRST, None)]
    return (first if not begins or (folder / f"{FIRST}.pem").exists() else []) + [(_name(at), at) for at in begins]


def _name(begins: datetime) -> str:
    return f"{FIRST}-{int(begins.timestamp())}"


def _made_at(folder: Path) -> datetime:
    rsa_key(folder, FIRST)
    return datetime.fromtimestamp((folder / f"{FIRST}.pem").stat().st_mtime, UTC)
