"""
The settings of mail: where it comes back to, how fast it goes, and when news waits.

Holds:    what cannot be obeyed stops the start with a sentence that says why.
"""

import re
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from avow.communications.dkim import Signer
from avow.communications.quiet_time import QuietHours
from avow.errors import BadInput
from avow.host import pairs

BOUNCES = re.compile(r"[a-z0-9]@[a-z0-9.-]+")
QUIET = re.compile(r"([0-2]?\d):([0-5]\d)-([0-2]?\d):([0-5]\d) (\S+)")


def bounce_address(written: str) -> str:
    """Return the address that mail comes back to, or nothing when none is set."""
    if written and not BOUNCES.fullmatch(written):
        raise BadInput(
            "AVOW_BOUNCE_ADDRESS needs one small letter or digit before its @, as in b@example.com: behind it "
            "stand a plus and 62 more, and mail servers take 64."
        )
    return written


def quiet_hours(written: str) -> QuietHours | None:
    """Return the hours in which news waits, or None when it goes at any."""
    if not written:
        return None
    try:
        found = QUIET.fullmatch(written)
        first, second, third, fourth = (int(one) for one in found.groups()[:4]) if found else (99,) * 4
        hours = QuietHours(time(first, second), time(third, fourth), ZoneInfo(found[5] if found else ""))
    except (ValueError, OSError, KeyError):
        hours = None
    if hours is None or hours.begins == hours.ends:
        raise BadInput("AVOW_QUIET_HOURS is written as 20:00-08:00 Europe/Berlin: from when, until when, and where.")
    return hours


def signer(written: str) -> Signer | None:
    """Return what signs mail here, or None where the relay does."""
    if not written:
        return None
    wanted = "AVOW_DKIM is written as domain=example.com,selector=avow,key_file=/etc/avow/dkim.pem."
    parts = pairs.read(written, {"domain", "selector", "key_file"}, refusal=wanted)
    try:
        pem = Path(parts["key_file"]).read_bytes()
    except OSError:
        raise BadInput(
            "The file that AVOW_DKIM names cannot be read; it holds the key, readable to Avow alone."
        ) from None
    return Signer.read(parts["domain"], parts["selector"], pem)


def number(written: str, name: str) -> float:
    """Return a number that is not below zero; the name is for the sentence that refuses it."""
    try:
        found = float(written)
    except ValueError:
        found = -1.0
    if not 0 <= found < 1e6:  # noqa: PLR2004 - a rate above it is no limit
        raise BadInput(f"{name} is a number of mails, 0 or more; correct it.")
    return found
