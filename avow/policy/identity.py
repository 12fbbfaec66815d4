"""
Which sentence of one text is which sentence of another.

Holds:    relink gives every old and every new sentence exactly one link: the same
          words under the same headings first, then the same words anywhere, then
          what is alike enough to count as edited; the rest was added or removed.
Does not: judge. "Edited" says that two sentences are alike, never that they
          promise the same; whoever changes a text decides that.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

from avow.policy.document import Sentence
from avow.policy.words import NO_SPACES, fingerprint, normalise

__all__ = ["Fate", "Link", "fingerprint", "likeness", "normalise", "relink"]

ALIKE = 0.6  # below this a changed sentence counts as a new one


class Fate(StrEnum):
    """What became of a sentence between two texts."""

    SAME = "same"  # same words under the same heading
    MOVED = "moved"  # same words elsewhere
    EDITED = "edited"  # alike, with other words
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Link:
    """One sentence in two texts; `old` is None for an added one, `new` for a removed one."""

    fate: Fate
    old: Sentence | None
    new: Sentence | None
    likeness: float


def relink(old: Sequence[Sentence], new: Sequence[Sentence]) -> list[Link]:
    """Link two readings of a policy; new sentences in reading order, then what was removed."""
    pairs: dict[int, tuple[int, Fate, float]] = {}
    left = set(range(len(old)))
    for key, fate in ((_under_headings, Fate.SAME), (_under_heading, Fate.SAME), (_words, Fate.MOVED)):
        _pair_equals(old, new, pairs, left, key=key, fate=fate)
    _pair_alikes(old, new, pairs, left)
    links = [_link(old, new, n, pairs.get(n)) for n in range(len(new))]
    return links + [Link(Fate.REMOVED, old[o], None, 0.0) for o in sorted(left)]


def _link(old: Sequence[Sentence], new: Sequence[Sentence], n: int, pair: tuple[int, Fate, float] | None) -> Link:
    if pair is None:
        return Link(Fate.ADDED, None, new[n], 0.0)
    o, fate, likeness = pair
    return Link(fate, old[o], new[n], likeness)


def _under_headings(sentence: Sentence) -> Hashable:
    return sentence.sha256, tuple(_heading(h) for h in sentence.path), sentence.ordinal


def _under_heading(sentence: Sentence) -> Hashable:
    return sentence.sha256, tuple(_heading(h) for h in sentence.path[-1:])


def _words(sentence: Sentence) -> Hashable:
    return sentence.sha256


@lru_cache(maxsize=4096)
def _heading(text: str) -> str:
    """Return a heading's words without the number that it happens to have."""
    return re.sub(r"^\d+ ", "", normalise(text))


def _pair_equals(
    old: Sequence[Sentence],
    new: Sequence[Sentence],
    pairs: dict[int, tuple[int, Fate, float]],
    left: set[int],
    *,
    key: Callable[[Sentence], Hashable],
    fate: Fate,
) -> None:
    """Pair what is still free on both sides and has the same key, in reading order."""
    waiting: dict[Hashable, list[int]] = defaultdict(list)
    for o in sorted(left, reverse=True):
        waiting[key(old[o])].append(o)
    for n, sentence in enumerate(new):
        if n not in pairs and (free := waiting.get(key(sentence))):
            o = free.pop()
            pairs[n] = (o, fate, 1.0)
            left.discard(o)


def _pair_alikes(
    old: Sequence[Sentence], new: Sequence[Sentence], pairs: dict[int, tuple[int, Fate, float]], left: set[int]
) -> None:
    """Pair the rest by likeness, the most alike first; a tie goes to the earlier sentence."""
    free = [n for n in range(len(new)) if n not in pairs]
    for likeness, o, n in sorted(_alikes(old, new, left, free), key=lambda found: (-found[0], found[1], found[2])):
        if o in left and n not in pairs:
            pairs[n] = (o, Fate.EDITED, likeness)
            left.discard(o)


def _alikes(
    old: Sequence[Sentence], new: Sequence[Sentence], left: set[int], free: Iterable[int]
) -> Iterable[tuple[float, int, int]]:
    for n in free:
        matcher = SequenceMatcher(None, b=_tokens(new[n].text), autojunk=False)
        for o in left:
            matcher.set_seq1(_tokens(old[o].text))
            if ratio := _ratio(matcher):
                yield ratio, o, n


@lru_cache(maxsize=8192)
def _tokens(text: str) -> tuple[str, ...]:
    """Return what likeness compares: words, or characters where words have no spaces."""
    words = normalise(text)
    return tuple(words) if re.search(NO_SPACES, words) else tuple(words.split())


def likeness(one: str, other: str) -> float:
    """Return how alike two sentences are, or 0 when it is too little to call one an edit of the other."""
    return _ratio(SequenceMatcher(None, _tokens(one), _tokens(other), autojunk=False))


def _ratio(matcher: SequenceMatcher[str]) -> float:
    """Compare in full only what two cheap bounds let through."""
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    exact = matcher.ratio()
    return exact if exact >= ALIKE else 0.0
