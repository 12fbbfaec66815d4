"""
What changed between two versions of a policy, sentence by sentence: the list that is the change notice.

Why by clauses and words: a clause's name follows its sentence however it is reworded, and unchanged words are the same
sentence wherever they stand. A sentence that only moved is not listed.

Holds:    pure; every sentence of either text is in at most one change. A sentence whose words stayed while its table
          changed what it allows is listed too, since the gate obeys the table.
Does not: rule. "unclear" waits for an officer, and counts as widening until then.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum

from avow.policy.binding import BoundPolicy
from avow.policy.clauses import Clause, Kind
from avow.policy.document import Sentence
from avow.policy.identity import Fate, relink
from avow.policy.judging import RANK, Class, Sign, judge, judge_new, judge_withdrawn, settle, table_signs


class Fortune(StrEnum):
    """What became of a sentence."""

    REWORDED = "reworded"
    REBOUND = "rebound"  # the same words, which the table lets mean more or less
    NEW = "new"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Change:
    """One changed sentence: its id in the newer text, or in the older one when it is gone."""

    id: str
    fortune: Fortune
    class_: Class
    before: str | None
    after: str | None
    why: str


@dataclass(frozen=True)
class Piece:
    """Some words of a changed sentence; `mark` says whether they went, came or stayed."""

    mark: str  # "same", "gone" or "came"
    text: str


Pair = tuple[Sentence | None, Sentence | None]


def diff(old: BoundPolicy, new: BoundPolicy) -> tuple[Change, ...]:
    """Return every change from one bound text to another, in the order of the newer one, then what is withdrawn."""
    return tuple(change for pair in pairs(old, new) if (change := _change(pair, old, new)))


def pairs(old: BoundPolicy, new: BoundPolicy) -> list[Pair]:
    """Say which sentence is which: by words, else by the clause that both tables bind, else by likeness."""
    links = relink(tuple(old.document), tuple(new.document))
    found: list[Pair] = [(link.old, link.new) for link in links if link.fate in (Fate.SAME, Fate.MOVED)]
    left = {link.old.id: link.old for link in links if link.old and link.fate not in (Fate.SAME, Fate.MOVED)}
    came = {link.new.id: link.new for link in links if link.new and link.fate not in (Fate.SAME, Fate.MOVED)}
    for sentence in list(came.values()):
        clause = new.clause_of(sentence.id)
        before = old.sentence_of(clause.name) if clause else None
        if before and before.id in left:
            found.append((left.pop(before.id), came.pop(sentence.id)))
    alike = [(link.old.id, link.new.id) for link in links if link.fate is Fate.EDITED and link.old and link.new]
    found += [(left.pop(o), came.pop(n)) for o, n in alike if o in left and n in came]
    found += [(None, sentence) for sentence in came.values()]
    places = {sentence.id: place for place, sentence in enumerate(new.document)}
    found.sort(key=lambda pair: places[pair[1].id] if pair[1] else len(places))
    return [*found, *((sentence, None) for sentence in left.values())]


def worst(changes: Iterable[Change]) -> Class:
    """Return how far a whole change goes; without any, it is wording."""
    return max((change.class_ for change in changes), key=RANK.__getitem__, default=Class.WORDING)


def pieces(before: str | None, after: str | None) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both sentences in pieces, for marks at the words that changed."""
    old, new = (before or "").split(), (after or "").split()
    left, right = [], []
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        same = what == "equal"
        if old[i:j]:
            left.append(Piece("same" if same else "gone", " ".join(old[i:j])))
        if new[k:m]:
            right.append(Piece("same" if same else "came", " ".join(new[k:m])))
    return tuple(left), tuple(right)


def _change(pair: Pair, old: BoundPolicy, new: BoundPolicy) -> Change | None:
    before, after = pair
    then = old.clause_of(before.id) if before else None
    now = new.clause_of(after.id) if after else None
    if before and after:
        if old.bound and new.bound:  # both texts have a table: what one of them does not bind, it binds to nothing
            then, now = then or _emptied(now), now or _emptied(then)
        return (
            _rebound(before, after, then, now) if before.sha256 == after.sha256 else _reworded(before, after, then, now)
        )
    if after:
        return _made(after.id, Fortune.NEW, judge_new(after.text, now), None, after.text)
    assert before
    return _made(before.id, Fortune.WITHDRAWN, judge_withdrawn(before.text, then), before.text, None)


def _emptied(clause: Clause | None) -> Clause | None:
    """Return a clause of the same kind that allows and promises nothing."""
    return clause and replace(clause, promises=(), purposes=(), categories=(), numbers=())


def _reworded(before: Sentence, after: Sentence, then: Clause | None, now: Clause | None) -> Change:
    dates = {clause.kind for clause in (then, now) if clause} == {Kind.DATE}
    sign = (
        Sign(Class.WORDING, "the date on which the text takes effect")
        if dates
        else judge(before.text, after.text, then, now)
    )
    return _made(after.id, Fortune.REWORDED, sign, before.text, after.text)


def _rebound(before: Sentence, after: Sentence, then: Clause | None, now: Clause | None) -> Change | None:
    sign = settle(table_signs(then, now))
    return _made(after.id, Fortune.REBOUND, sign, before.text, after.text) if sign else None


def _made(id_: str, fortune: Fortune, sign: Sign, before: str | None, after: str | None) -> Change:
    return Change(id_, fortune, sign.speaks_for, before, after, sign.why)
