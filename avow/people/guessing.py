"""
How hard a password is to guess: a small estimate for long passwords.

Why: Django's list of 19,640 common passwords has 48 that are long enough to matter
at 15 characters, so "passwordpassword" and "qwertyuiopasdfghjkl" pass it. What people
do at length 15 is to join a common word, a run of keys, a repeat and the company's name.
So a password is covered by the cheapest such pieces, and the sum is compared with a bar.

    a word of the common list       13 bits      a run (abc…, 321…, qwerty…)    6 bits
    a context word (company, own)    1 bit       the piece before, once more    1 bit
    any other character            4.7 bits      a digit                      3.3 bits

Holds:    pure, and linear in the length but for a bounded look-back; what is longer
          than READ is judged by its first READ characters.
Does not: ask for digits, capitals or signs (NIST 800-63B-4), nor know what was stolen: `breached` does.
"""

import gzip
import math
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

from django.contrib.auth import password_validation

BAR = 40.0  # bits: four unrelated common words pass, three do not
READ = 64  # characters
WORD, RUN, CONTEXT, AGAIN, DIGIT, OTHER = 13.0, 6.0, 1.0, 1.0, math.log2(10), 4.7
LONGEST_PIECE = 33  # the longest entry of Django's list
SHORTEST_WORD, SHORTEST_RUN, SHORTEST_OWN = 4, 3, 3
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "qazwsxedcrfvtgbyhnujm",
    "1q2w3e4r5t6z7u8i9o0p",
    "1q2w3e4r5t6y7u8i9o0p",
)
SPELT = str.maketrans("4301$5@7!", "aeoissati")


@cache
def common_words() -> frozenset[str]:
    """Return Django's common passwords."""
    path = Path(password_validation.__file__).parent / "common-passwords.txt.gz"
    return frozenset(gzip.decompress(path.read_bytes()).decode().split())


@cache
def runs() -> str:
    """Return every row of keys and letters, forwards and backwards."""
    return "\n".join(ROWS + tuple(row[::-1] for row in ROWS))


def bits(password: str, context: Collection[str] = ()) -> float:
    """Return the cheapest cover's cost, read as written and with the usual letters for look-alikes."""
    plain = password.casefold()[:READ]
    known = frozenset(word.casefold() for word in context if len(word) >= SHORTEST_OWN)
    return min(_cheapest(reading, known) for reading in {plain, plain.translate(SPELT)})


def guessable(password: str, context: Collection[str] = ()) -> bool:
    """Say whether the estimate stays below the bar."""
    return bits(password, context) < BAR


def _cheapest(text: str, context: frozenset[str]) -> float:
    best = [0.0] + [math.inf] * len(text)
    for end in range(1, len(text) + 1):
        best[end] = min(best[start] + cost for start, cost in _pieces(text, end, context))
    return best[-1]


def _pieces(text: str, end: int, context: frozenset[str]) -> Iterator[tuple[int, float]]:
    """Yield each piece that ends here: where it starts, and what it costs."""
    last = text[end - 1]
    yield end - 1, DIGIT if last.isdigit() else OTHER
    for start in range(max(0, end - LONGEST_PIECE), end):
        piece = text[start:end]
        if start >= len(piece) and text[start - len(piece) : start] == piece:
            yield start, AGAIN
        if piece in context:
            yield start, CONTEXT
        if len(piece) >= SHORTEST_RUN and piece in runs():
            yield start, RUN
        if len(piece) >= SHORTEST_WORD and piece in common_words():
            yield start, WORD
