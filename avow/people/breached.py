"""
Whether a password is among those that were stolen somewhere: these are tried first.

    bundled    breached.bin, sorted hashes of 13,000 long ones (scripts/write_breached.py)      always
    your own   AVOW_BREACHED_PASSWORDS: the whole list of Have I Been Pwned, as its file          if you have it
    remote     AVOW_BREACH_RANGE: an address that answers the first five digits of a hash         if you say so

Why not remote by default: even five digits of a hash say to an outsider that somebody here chose a password just now.

Holds:    nothing of a password leaves the process but those five digits, and only to the address that was configured.
          The answer is padded. An address that does not answer in two seconds refuses nobody.
          A look into the whole list (a billion lines) reads about thirty of them and keeps none.
Does not: know what was stolen since the list was made.
Source:   NIST SP 800-63B-4 section 3.1.1.2 (blocklist); ASVS 5.0 6.2.4 and 6.2.12.
"""

import hashlib
import http.client
import logging
import mmap
import unicodedata
from bisect import bisect_left
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

SHORTEST = 15  # characters; nobody may choose a shorter one
SIZE = 5  # bytes of a hash in the bundled list
PREFIX = 5  # hexadecimal digits that may leave
PATIENCE = 2.0  # seconds
LONGEST_ANSWER = 200_000  # bytes; a padded one has about 50,000
LINE = 128  # bytes; more than a line of the whole list has
log = logging.getLogger("avow.people.breached")


def is_known(password: str) -> bool:
    """Say whether a list that we may ask knows this password."""
    if _is_bundled(password):
        return True
    digits = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    if settings.BREACHED_PASSWORDS and _is_in_file(settings.BREACHED_PASSWORDS, digits):
        return True
    return bool(settings.BREACH_RANGE) and _is_in_range(settings.BREACH_RANGE, digits)


def short(password: str) -> bytes:
    """Return what the bundled list keeps of a password: capitals and look-alikes of Unicode are no defence."""
    return hashlib.sha256(unicodedata.normalize("NFKC", password).casefold().encode()).digest()[:SIZE]


@cache
def _bundled() -> tuple[bytes, ...]:
    raw = Path(__file__).with_suffix(".bin").read_bytes()
    return tuple(raw[at : at + SIZE] for at in range(0, len(raw), SIZE))


def _is_bundled(password: str) -> bool:
    known, wanted = _bundled(), short(password)
    at = bisect_left(known, wanted)
    return at < len(known) and known[at] == wanted


def _is_in_file(path: Path, digits: str) -> bool:
    """Look for a line that begins with these digits in a file that is sorted by them."""
    wanted = digits.encode()
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as lines:
            return _halve(lines, wanted)
    except (OSError, ValueError):
        log.warning("the list of stolen passwords cannot be read; passwords are judged without it")
        return False


def _halve(lines: mmap.mmap, wanted: bytes) -> bool:
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high) // 2
        start = lines.rfind(b"\n", max(0, middle - LINE), middle) + 1
        end = lines.find(b"\n", middle, middle + LINE)
        end = len(lines) if end < 0 else end
        line = lines[start : start + len(wanted)].upper()
        if line == wanted:
            return True
        low, high = (end + 1, high) if line < wanted else (low, start)
    return False


def _is_in_range(address: str, digits: str) -> bool:
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        connection.request("GET", f"{parts.path.rstrip('/')}/{digits[:PREFIX]}", headers={"Add-Padding": "true"})
        answer = connection.getresponse()
        said = answer.read(LONGEST_ANSWER).decode("ascii", "ignore") if answer.status == http.client.OK else ""
    except (OSError, http.client.HTTPException):
        log.warning("the address that knows stolen passwords does not answer; passwords are judged without it")
        return False
    finally:
        connection.close()
    lines = (line.strip().partition(":") for line in said.splitlines())
    return any(suffix.upper() == digits[PREFIX:] and count.strip() not in {"", "0"} for suffix, _, count in lines)
