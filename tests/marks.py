"""
What a value looks like in bytes that software writes, and one fast search for all of it.

Why grams: there are some thousand patterns, and each file is to be read once. Every pattern has four bytes that hardly
another has; where none of these stand no pattern can, and looking that up is a few array operations for a megabyte.

Holds:    letters' case is ignored, also within hex and base64. A pattern has at least eight bytes, so that random bytes
          do not hit one by chance; shorter values are refused rather than not looked for.
Does not: see into what is compressed or sealed: who searches unpacks Parquet and archives, and reads tables by COPY too.
"""

import base64
import hashlib
import html
import json
import quopri
import re
import unicodedata
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from types import MappingProxyType
from urllib.parse import quote, quote_plus

import numpy as np

LEAST = 8  # bytes of a pattern
BEGINS = 12  # bytes of a digest; a multiple of three, so that its base64 begins the same
BITS = 20  # of the table of grams
STRIDE = 4 * 1024 * 1024  # bytes at a time
GOLDEN = np.uint32(2_654_435_761)
NORMAL = ("NFC", "NFD", "NFKC", "NFKD")


def forms(value: str, *, guessable: bool = True) -> Iterator[tuple[str, bytes]]:
    """Yield the value in each encoding, each with its name; as a digest too, unless the value is random."""
    for text in spellings(value):
        raw = text.encode()
        for name, coded in (*plain(text), *escaped(text), *packed(text)):
            if len(coded) >= LEAST:
                yield name, coded
        for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512) if guessable else ():
            yield from hashed(digest(raw).digest(), digest.__name__.removeprefix("openssl_"))


def spellings(value: str) -> set[str]:
    """Return the value as Unicode may write it, in each case."""
    return {unicodedata.normalize(form, text) for form in NORMAL for text in (value, value.casefold(), value.upper())}


def plain(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield it in each character set, and its hexadecimal digits."""
    for name in ("utf-8", "utf-16-le", "utf-16-be", "latin-1"):
        coded = text.encode(name, "ignore")
        if coded.decode(name) == text:
            yield name, coded
            yield f"{name} in hex", coded.hex().encode()


def escaped(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield it as URLs, JSON, HTML, mail headers and program text escape it."""
    raw = text.encode()
    yield "url", quote(text, safe="").encode()
    yield "url", quote(text).encode()
    yield "url", quote_plus(text).encode()
    yield "url, every byte", "".join(f"%{byte:02x}" for byte in raw).encode()
    yield "json", json.dumps(text)[1:-1].encode()
    yield "json, every letter", "".join(f"\\u{unit:04x}" for unit in _units(text)).encode()
    yield "program text", text.encode("unicode_escape")
    yield "program text, every byte", "".join(f"\\x{byte:02x}" for byte in raw).encode()
    yield "html", html.escape(text).encode()
    yield "html", html.escape(text, quote=False).encode("ascii", "xmlcharrefreplace")
    yield "html", re.sub(r"[^a-zA-Z0-9 .,-]", lambda found: f"&#x{ord(found[0]):x};", text).encode()
    yield "html", re.sub(r"[^a-zA-Z0-9 .,-]", lambda found: f"&#{ord(found[0])};", text).encode()
    yield "html, every letter", "".join(f"&#{ord(letter)};" for letter in text).encode()
    yield "html, every letter in hex", "".join(f"&#x{ord(letter):x};" for letter in text).encode()
    yield "quoted-printable", quopri.encodestring(raw).replace(b"=\n", b"")
    yield "quoted-printable", quopri.encodestring(raw, quotetabs=True).replace(b"=\n", b"")
    yield "quoted-printable header", quopri.encodestring(raw, header=True).replace(b"=\n", b"")


def packed(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield base64 at the three places at which a value can begin, in both alphabets, without what neighbours change."""
    for kind in ("utf-8", "utf-16-le"):
        raw = text.encode(kind)
        for at in range(3):
            whole = base64.b64encode(bytes(at) + raw)
            coded = whole[-(-8 * at // 6) : 8 * (at + len(raw)) // 6]
            yield f"base64 of {kind}", coded
            yield f"base64 of {kind}", coded.translate(bytes.maketrans(b"+/", b"-_"))


def hashed(digest: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield how a digest begins, as it is, in hex and in base64: an address is guessed easily, and digests are cut short."""
    begins = digest[:BEGINS]
    yield name, begins
    yield f"{name} in hex", begins.hex().encode()
    yield f"{name} in base64", base64.b64encode(begins)
    yield f"{name} in base64", base64.urlsafe_b64encode(begins)


def _units(text: str) -> Iterator[int]:
    raw = text.encode("utf-16-be")
    return (int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2))


def also(value: str) -> set[str]:
    """Return what else the value is known by: parts of it, a number as others write it, an address in its long form."""
    if re.fullmatch(r"\+\d{8,}", value):
        return {value[1:], f"00{value[1:]}", value[2:]}
    if re.fullmatch(r"[0-9a-f:]+:[0-9a-f:]+", value):
        return {ip_address(value).exploded, ip_address(value).compressed}
    if re.fullmatch(r"\S+@\S+", value):
        return {value.partition("@")[0]}
    return {word for word in re.split(r"\s+", value) if len(word) > LEAST and value.count(" ") <= 1}


class Search:
    """All patterns of some named values, prepared; `within` says which stand in some bytes, and in which form."""

    def __init__(self, values: Mapping[str, str], random: Mapping[str, str] = MappingProxyType({})) -> None:
        self.patterns: dict[bytes, tuple[str, str]] = {}
        for name, value in {**values, **random}.items():
            assert len(value) >= LEAST, f"{name} is too short to be searched for"
            for text in (value, *also(value)):
                for form, coded in forms(text, guessable=name in values):
                    self.patterns.setdefault(coded.lower(), (name, form))
            if re.fullmatch(r"[0-9a-f:]+:[0-9a-f:]+", value):
                self.patterns.setdefault(ip_address(value).packed.lower(), (name, "sixteen bytes"))
        self.longest = max(map(len, self.patterns))
        self.by_gram: dict[int, list[tuple[int, bytes]]] = {}
        for pattern in self.patterns:
            for at in _own_grams(pattern):
                self.by_gram.setdefault(int.from_bytes(pattern[at : at + 4], "little"), []).append((at, pattern))
        self.table = np.zeros(1 << BITS, bool)
        self.table[_slot(np.array(list(self.by_gram), np.uint32))] = True

    def within(self, content: bytes | memoryview) -> set[tuple[str, str]]:
        """Return each value that stands there as (name, form)."""
        found: set[tuple[str, str]] = set()
        view = memoryview(content)
        for start in range(0, max(len(view), 1), STRIDE):
            found |= self._in_part(bytes(view[start : start + STRIDE + self.longest]).lower())
        return found

    def _in_part(self, part: bytes) -> set[tuple[str, str]]:
        """Look at each fourth place alone: wherever a pattern begins, one of its own grams stands at such a place."""
        words = np.frombuffer(part, np.uint32, len(part) // 4)
        near = np.flatnonzero(self.table.take(_slot(words)))
        return {
            self.patterns[pattern]
            for place, word in zip(near.tolist(), words[near].tolist(), strict=True)
            for at, pattern in self.by_gram.get(word, ())
            if 4 * place >= at and part.startswith(pattern, 4 * place - at)
        }


def _slot(words: np.ndarray) -> np.ndarray:
    return (words * GOLDEN) >> np.uint32(32 - BITS)


def _own_grams(pattern: bytes) -> Iterator[int]:
    """Yield four places of a pattern, one for each remainder: those whose bytes differ most, so that few others have them."""
    for remainder in range(4):
        yield max(range(remainder, len(pattern) - 3, 4), key=lambda at: len(set(pattern[at : at + 4]) - {0}))
