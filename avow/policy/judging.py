"""
What a change of one sentence is: wording, narrowing, widening, or unclear.

Why the table is asked first: what a sentence lets the service do is written there (purposes, kinds of data, numbers,
promises), and the gate obeys it. The words are asked as well, since a table may not have followed its text.

Holds:    a change of a negation, modal verb, kind of data, purpose, recipient, time or right is never "wording"; signs
          that contradict each other, and everything that no rule decides, are "unclear".
Does not: judge law. Unclear counts as widening wherever it matters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from avow.policy.clauses import Clause, Kind
from avow.policy.lexicons import STRONG, WEAK, Matter, about, is_small
from avow.policy.numbers import AT_LEAST
from avow.policy.words import normalise


class Class(StrEnum):
    """How far a change goes, the least first."""

    WORDING = "wording"
    NARROWING = "narrowing"
    WIDENING = "widening"
    UNCLEAR = "unclear"


RANK = {Class.WORDING: 0, Class.NARROWING: 1, Class.UNCLEAR: 2, Class.WIDENING: 3}
KEEPS_BACK = frozenset({Kind.PROMISE, Kind.PROHIBITION, Kind.LIMIT, Kind.PROCEDURE})
LETS = frozenset({Kind.PERMISSION, Kind.FACT})
WHO_AND_WHAT = (Matter.DATA, Matter.PURPOSE, Matter.RECIPIENT)


@dataclass(frozen=True)
class Sign:
    """One thing that speaks for a class, as a sentence's end."""

    speaks_for: Class
    why: str


def judge(before: str, after: str, old: Clause | None, new: Clause | None) -> Sign:
    """Say what a reworded sentence is, and why."""
    gone, came = changed(before, after)
    from_table = table_signs(old, new)
    from_words = word_signs(before, after, gone, came, old)
    return settle([*from_table, *from_words]) or _without_sign(gone, came)


def judge_new(after: str, clause: Clause | None) -> Sign:
    """Say what a sentence is that was not there before."""
    if clause and clause.purposes:  # the gate opens for them, whatever kind of sentence it is called
        return Sign(Class.WIDENING, f"it is new and names {_list(clause.purposes)}")
    if clause and clause.kind is Kind.STATEMENT:
        return Sign(Class.WORDING, "it is new and promises nothing")
    if clause and clause.kind in KEEPS_BACK:
        return Sign(Class.NARROWING, f"it is new and a {clause.kind.value}")
    if clause and clause.categories:
        return Sign(Class.WIDENING, f"it is new and names {_list(clause.categories)}")
    words = about(normalise(after).split())
    spoken = [word for matter in WHO_AND_WHAT for word in words.get(matter, ())]
    if spoken and Matter.NEGATION not in words and Matter.RIGHT not in words:
        return Sign(Class.WIDENING, f"it is new and speaks of {_list(spoken)}")
    return Sign(Class.UNCLEAR, "it is new, and no rule decides what it allows")


def judge_withdrawn(before: str, clause: Clause | None) -> Sign:
    """Say what it means that a sentence is gone."""
    if clause and clause.kind is Kind.STATEMENT:
        return Sign(Class.WORDING, "it is withdrawn and promised nothing")
    words = about(normalise(before).split())
    if clause and clause.kind in KEEPS_BACK:
        return Sign(Class.WIDENING, f"a {clause.kind.value} is withdrawn")
    if held_back := [*words.get(Matter.NEGATION, ()), *words.get(Matter.RIGHT, ())]:
        return Sign(Class.WIDENING, f"it is withdrawn and spoke of {_list(held_back)}")
    if clause and clause.kind in LETS:
        return Sign(Class.NARROWING, f"a {clause.kind.value} is withdrawn")
    return Sign(Class.UNCLEAR, "it is withdrawn, and no rule decides what that means")


def table_signs(old: Clause | None, new: Clause | None) -> list[Sign]:
    """Compare what the two tables bind a sentence to; nothing when either does not know it."""
    if old is None or new is None:
        return []
    signs = []
    for what, then, now in (
        ("purpose", set(old.purposes), set(new.purposes)),
        ("kind of data", set(old.categories), set(new.categories)),
    ):
        signs += [Sign(Class.WIDENING, f"{what} {_list(sorted(now - then))} is new")] if now - then else []
        signs += [Sign(Class.NARROWING, f"{what} {_list(sorted(then - now))} is gone")] if then - now else []
    if lost := set(old.promises) - set(new.promises):
        signs.append(Sign(Class.WIDENING, f"the promise {_list(sorted(lost))} is gone"))
    if gained := set(new.promises) - set(old.promises):
        signs.append(
            Sign(Class.NARROWING if not lost else Class.UNCLEAR, f"the promise {_list(sorted(gained))} is new")
        )
    signs += _number_signs(dict(old.numbers), dict(new.numbers))
    if old.kind in KEEPS_BACK and new.kind in LETS:
        signs.append(Sign(Class.WIDENING, f"a {old.kind.value} became a {new.kind.value}"))
    if old.kind in LETS and new.kind in KEEPS_BACK:
        signs.append(Sign(Class.NARROWING, f"a {old.kind.value} became a {new.kind.value}"))
    return signs


def word_signs(before: str, after: str, gone: list[str], came: list[str], clause: Clause | None) -> list[Sign]:
    """Read the changed words by the lexicons."""
    lost, won = about(gone), about(came)
    whole = about([*normalise(before).split(), *normalise(after).split()])
    signs = [*_negation(lost, won, whole), *_modal(lost, won, clause, whole), *_numerals(lost, won, gone, came)]
    for matter in WHO_AND_WHAT:
        signs += _named(matter, lost.get(matter, []), won.get(matter, []), whole)
    said = " ".join(sign.why for sign in signs)
    for matter in Matter:
        with_its_negation = matter is Matter.MODAL and Matter.NEGATION.value in said
        if (matter in lost or matter in won) and matter.value not in said and not with_its_negation:
            words = [*lost.get(matter, []), *won.get(matter, [])]
            signs.append(Sign(Class.UNCLEAR, f"a word of {matter.value} changed: {_list(words)}"))
    return signs


def settle(signs: list[Sign]) -> Sign | None:
    """Bring signs to one: all for the same class, or unclear."""
    if not signs:
        return None
    decided = {sign.speaks_for for sign in signs} - {Class.UNCLEAR}
    why = "; ".join(dict.fromkeys(sign.why for sign in signs))
    if decided == {Class.WIDENING}:
        return Sign(Class.WIDENING, why)  # what else changed, a widening stays one
    if len(decided) == 1 and all(sign.speaks_for in decided for sign in signs):
        return Sign(decided.pop(), why)
    return Sign(Class.UNCLEAR, why)


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """Return the words that went and the words that came."""
    old, new = normalise(before).split(), normalise(after).split()
    gone, came = [], []
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            gone += old[i:j]
            came += new[k:m]
    return gone, came


def _without_sign(gone: list[str], came: list[str]) -> Sign:
    """Call it wording when only small words, or spellings of the same word, changed; else unclear."""
    left = [_stem(word) for word in gone if not is_small(word)]
    right = [_stem(word) for word in came if not is_small(word)]
    if sorted(left) == sorted(right):
        return Sign(Class.WORDING, "only small words, their order or their spelling changed")
    return Sign(Class.UNCLEAR, f"no rule decides what the change of {_list([*gone, *came])} means")


def _stem(word: str) -> str:
    """Bring spellings of one word together: British and American, singular and plural."""
    word = word.replace("isation", "ization").replace("ise", "ize").replace("our", "or")
    return word.removesuffix("s")


def _negation(
    lost: dict[Matter, list[str]], won: dict[Matter, list[str]], whole: dict[Matter, list[str]]
) -> list[Sign]:
    fewer = len(lost.get(Matter.NEGATION, [])) - len(won.get(Matter.NEGATION, []))
    if not fewer:
        return []
    said = _list(lost.get(Matter.NEGATION) if fewer > 0 else won.get(Matter.NEGATION))
    if Matter.RIGHT in whole:  # "we do not delete": less negation may well be more protection
        return [Sign(Class.UNCLEAR, f"a negation {'went' if fewer > 0 else 'came'} ({said}) beside a right")]
    if fewer > 0:
        return [Sign(Class.WIDENING, f"a negation went: {said}")]
    return [Sign(Class.NARROWING, f"a negation came: {said}")]


def _modal(
    lost: dict[Matter, list[str]], won: dict[Matter, list[str]], clause: Clause | None, whole: dict[Matter, list[str]]
) -> list[Sign]:
    then, now = set(lost.get(Matter.MODAL, [])), set(won.get(Matter.MODAL, []))
    promises = (clause is not None and clause.kind in KEEPS_BACK) or Matter.RIGHT in whole
    if then & STRONG and now & WEAK and promises:
        return [Sign(Class.WIDENING, f"a modal verb became weaker: {_list([*then, *now])}")]
    if then & WEAK and now & STRONG and promises:
        return [Sign(Class.NARROWING, f"a modal verb became stronger: {_list([*then, *now])}")]
    return []


def _named(matter: Matter, lost: list[str], won: list[str], whole: dict[Matter, list[str]]) -> list[Sign]:
    """Read what is named more or less in a sentence that allows something."""
    if not lost and not won:
        return []
    plain = Matter.NEGATION not in whole and Matter.RIGHT not in whole
    if won and not lost and plain:
        return [Sign(Class.WIDENING, f"a {matter.value} is named that was not: {_list(won)}")]
    if lost and not won and plain:
        return [Sign(Class.NARROWING, f"a {matter.value} is not named any more: {_list(lost)}")]
    return []


def _numerals(
    lost: dict[Matter, list[str]], won: dict[Matter, list[str]], gone: list[str], came: list[str]
) -> list[Sign]:
    """Read a longer or a shorter time when nothing else changed."""
    if len(gone) != 1 or len(came) != 1 or not (gone[0].isdecimal() and came[0].isdecimal()):
        return []
    if Matter.TIME not in lost or Matter.TIME not in won or int(gone[0]) == int(came[0]):
        return []
    longer = int(came[0]) > int(gone[0])
    return [Sign(Class.WIDENING if longer else Class.NARROWING, f"a time changed from {gone[0]} to {came[0]}")]


def _number_signs(old: dict[str, int], new: dict[str, int]) -> list[Sign]:
    signs = []
    for name in sorted(old.keys() | new.keys()):
        then, now = old.get(name), new.get(name)
        if then != now:
            less = now is not None and (then is None or now < then)
            if name in AT_LEAST and then is not None and now is not None:
                less = now > then
            said = f"the number {name} went from {'none' if then is None else then} to {'none' if now is None else now}"
            signs.append(Sign(Class.NARROWING if less else Class.WIDENING, said))
    return signs


def _list(words: Iterable[str] | None) -> str:
    return ", ".join(dict.fromkeys(f"“{word}”" for word in words or ()))
