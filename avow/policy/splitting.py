"""
Where one sentence ends and the next begins.

Why our own: a policy's sentences are its units of promise, so they must come out
the same on every machine and under every reflow; a trained splitter does neither.

Holds:    looks at characters and never at line breaks; linear in the text. A piece
          without a letter or digit, or a lone "1." or "(a)", joins its neighbour.
          A colon, semicolon or comma ends nothing, so the intro of a list is one sentence.
Does not: parse. A name that ends in an exclamation mark before a capital splits.
"""

import re
import unicodedata

from avow.policy.abbreviations import MAY_END, MONTHS, NEVER_END, STARTERS

OPENERS = "\"'“‘„‚«‹([{¿¡「『（《〈【*_"
CLOSERS = re.escape("\"'”’“»›)]}」』）》〉】*_")
LATIN_END = re.compile(rf"[.!?…؟۔।։]+[{CLOSERS}]*(?=\s)")
CJK_END = re.compile(rf"[。！？｡]+[{CLOSERS}]*")
END = re.compile(rf"{CJK_END.pattern}|{LATIN_END.pattern}")
LAST_WORD = re.compile(r"[^\s\"“„«(\[]*$")
WORD = re.compile(r"[^\W_]+")
ENUMERATOR = re.compile(r"\(?[a-z0-9]{1,4}\)\s+")  # (a) Sharing …
LONE_NUMBER = re.compile(r"\(?(\d{1,3}|[a-zA-Z]|[ivxIVX]+)[.)]+")
REACH = 60  # how far back a word before a full stop can begin; longer ones are no abbreviations


def spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence, without the space around it."""
    found: list[tuple[int, int]] = []
    start = 0
    for cut in [*_cuts(text), len(text)]:
        span = _trimmed(text, start, cut)
        if span is not None and _stands_alone(text[slice(*span)]):
            found.append(span)
            start = cut
    return _with_rest(text, start, found)


def split(text: str) -> list[str]:
    """Return the sentences of a text."""
    return [text[start:end] for start, end in spans(text)]


def _cuts(text: str) -> list[int]:
    return [m.end() for m in END.finditer(text) if _ends(text, m)]


def _with_rest(text: str, start: int, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Give a trailing piece that cannot stand alone to the sentence before it, if there is one."""
    rest = _trimmed(text, start, len(text))
    if rest is None or start == len(text):
        return found
    if not found:
        return [rest] if any(c.isalnum() for c in text[slice(*rest)]) else []
    return [*found[:-1], (found[-1][0], rest[1])]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    bare = piece.strip()
    if not bare:
        return None
    first = start + len(piece) - len(piece.lstrip())
    return first, first + len(bare)


def _stands_alone(piece: str) -> bool:
    return any(c.isalnum() for c in piece) and LONE_NUMBER.fullmatch(piece) is None


def _ends(text: str, mark: re.Match[str]) -> bool:
    """Decide whether the mark at this place ends a sentence."""
    if mark.group()[0] in "。！？｡":
        return True
    following = ENUMERATOR.sub("", text[mark.end() : mark.end() + REACH].lstrip(), count=1).lstrip(OPENERS)
    if not following or following[0].islower():
        return not following
    return not mark.group().startswith(".") or mark.group().startswith("..") or _full_stop_ends(text, mark, following)


def _full_stop_ends(text: str, mark: re.Match[str], following: str) -> bool:
    """Decide about a single full stop by the word before it and, in doubt, the word after it."""
    before = LAST_WORD.search(text, max(0, mark.start() - REACH), mark.start())
    word = before.group().casefold() if before else ""
    if word in NEVER_END:
        return False
    next_word = WORD.match(following)
    after = next_word.group().casefold() if next_word else ""
    if word.isdigit():
        return not (len(word) <= 2 and after in MONTHS)  # noqa: PLR2004 - "5. Mai 2024"
    if word in MAY_END or _is_initial(word):
        return after in STARTERS
    return True


def _is_initial(word: str) -> bool:
    """Say whether a word is one letter (J.) or letters with full stops between them (U.N.)."""
    letters = word.split(".")
    return all(len(part) == 1 and unicodedata.category(part)[0] == "L" for part in letters)
