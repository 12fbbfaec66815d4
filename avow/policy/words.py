"""
The words of a text without their dress, and the hash of them.

Why words: lawyers reflow lines, editors curl quotes and sites change heading
levels, and none of that is a new promise. A changed word is, however alike the
two look: "do not sell" and "may sell" are 98 % alike.

Holds:    the fingerprint ignores letter case, white space, punctuation, markup and
          the compatibility forms of Unicode, and keeps what changes a meaning: marks
          inside numbers (1.5 is not 15), per cent, plus and currency signs.
          Normalising twice changes nothing more.
"""

import re
import unicodedata
from hashlib import sha256

KEPT = {"%", "‰", "+"}
NO_SPACES = r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"  # kana and Han are written without spaces
BETWEEN_CJK = re.compile(rf"(?<={NO_SPACES}) (?={NO_SPACES})")


def normalise(text: str) -> str:
    """Return the words of a text alone: folded, in one form of Unicode, with single spaces."""
    visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())
    words = "".join(_kept(folded, i) for i in range(len(folded)))
    return BETWEEN_CJK.sub("", " ".join(words.split()))


def _kept(text: str, i: int) -> str:
    """Return the character at i, or what stands for it: a space, or nothing for what cannot be seen."""
    c = text[i]
    if c.isalnum():
        return c
    category = unicodedata.category(c)
    if category[0] == "M":
        return c
    if category == "Cf":
        return ""
    if c in KEPT or category == "Sc":
        return f" {c} "
    if category[0] == "P" and 0 < i < len(text) - 1 and text[i - 1].isdigit() and text[i + 1].isdigit():
        return c
    return " "


def fingerprint(text: str) -> str:
    """Return the SHA-256 of the normalised text, in hex."""
    return sha256(normalise(text).encode()).hexdigest()
