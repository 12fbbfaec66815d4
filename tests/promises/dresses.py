"""A value in the encodings in which software commonly writes one, and a search for all of them."""

import base64
import hashlib
import json
import re
from urllib.parse import quote, quote_plus


def dresses(value):
    """The value as bytes in each encoding; hashes too, since an address is guessed easily."""
    raw = value.encode()
    digests = [made(raw).hexdigest().encode() for made in (hashlib.md5, hashlib.sha1, hashlib.sha256)]
    return {
        raw, raw.hex().encode(), raw.hex().upper().encode(), value.encode("utf-16-le"), value.encode("utf-16-be"),
        quote(value).encode(), quote_plus(value).encode(), json.dumps(value)[1:-1].encode(), *_base64(raw), *digests,
        *_digits(value),
    }  # fmt: skip


def _base64(raw):
    """Base64 at each of the three places at which a value can begin, without what its neighbours change."""
    for n in range(3):
        packed = base64.b64encode(b"x" * n + raw)[4 if n else 0 : -4]
        yield from (packed, packed.translate(bytes.maketrans(b"+/", b"-_")))


def _digits(value):
    """A telephone number as others write it; an IP address as four bytes in hex."""
    if re.fullmatch(r"\+\d{8,}", value):
        yield from (value[1:].encode(), value[3:].encode())
    if re.fullmatch(r"\d+(\.\d+){3}", value):
        yield bytes(int(part) for part in value.split(".")).hex().encode()


def found(values, everything):
    """Which of these values lie there in any dress, with the case of letters ignored as mail and browsers do."""
    lower = everything.lower()
    return {value for value in values if any(dress.lower() in lower for dress in dresses(value))}
