"""What `avow policy check` prints for people: the text by section, then what is owed and what is left out."""

import shutil
import textwrap
from collections.abc import Sequence

import click

from avow.policy.clauses import Clause
from avow.policy.debts import Debt, DebtCode, debts
from avow.policy.document import Sentence
from avow.policy.gaps import gaps
from avow.policy.law import Profile, Warned, warnings
from avow.policy.loading import Loaded

WIDEST = 110
ID, KIND = 8, 13
FEW = 5  # debts of one kind that are listed one by one


def readable(loaded: Loaded, profile: Profile, *, colour: bool) -> str:
    """Return the whole page."""
    bound = loaded.bound
    width = min(shutil.get_terminal_size((100, 24)).columns, WIDEST)
    owed, left_out = debts(bound), gaps(bound)
    page = [_bold(bound.document.title, colour=colour), _summary(loaded)]
    path: tuple[str, ...] | None = None
    for sentence, clause in bound.clauses:
        if sentence.path != path:
            path = sentence.path
            page += ["", _bold(" › ".join(path), colour=colour)] if path else [""]
        page.append(_sentence(sentence, clause, width))
    page += _listed("Debts", _said_once(owed), "none: every sentence has its clause.", width, colour=colour)
    page += _listed(
        "What the text does not say", [gap.sentence for gap in left_out], "no gap found.", width, colour=colour
    )
    asked = [_warned(one) for one in warnings(bound, profile)]
    page += _listed(
        f"What the law asks besides, by {profile}", asked, "nothing that is not kept.", width, colour=colour
    )
    return "\n".join(page)


def _warned(one: Warned) -> str:
    """Return a demand that is open as a line: what is asked, by what, and what to do."""
    of = f" (of {', '.join(one.sentences)})" if one.sentences else ""
    return f"{one.demand.id}{of}: {one.demand.asks} {one.demand.warn} [{one.article}]"


def _said_once(owed: Sequence[Debt]) -> list[str]:
    """Return the debts as lines; many sentences without a clause are one line, since each says so above."""
    unbound = [debt for debt in owed if debt.code is DebtCode.UNBOUND]
    if len(unbound) <= FEW:
        return [debt.sentence for debt in owed]
    rest = [debt.sentence for debt in owed if debt.code is not DebtCode.UNBOUND]
    return [f"{len(unbound)} sentences have no clause; each is marked so above.", *rest]


def _summary(loaded: Loaded) -> str:
    bound = loaded.bound
    day = bound.document.effective_date
    of = f"{len(bound.bound)} of {len(bound.clauses)} sentences bound"
    by = (
        f"by {loaded.table}"
        if loaded.table
        else f"as no clause table knows it; start one: avow policy import {loaded.text}"
    )
    return f"Effective {day.isoformat() if day else 'at no stated date'}. {of} {by}."


def _sentence(sentence: Sentence, clause: Clause | None, width: int) -> str:
    kind = clause.kind.value if clause else "—"
    promises = ", ".join(clause.promises) if clause else "no clause"
    draft = " (draft)" if clause and clause.draft else ""
    first = f"  {sentence.id:<{ID}}{kind:<{KIND}}{promises or 'nothing to keep'}{draft}"
    indent = " " * (2 + ID)
    return first + "\n" + textwrap.fill(sentence.text, width, initial_indent=indent, subsequent_indent=indent)


def _listed(title: str, lines: list[str], none: str, width: int, *, colour: bool) -> list[str]:
    if not lines:
        return ["", f"{title}: {none}"]
    filled = [textwrap.fill(line, width, initial_indent="  · ", subsequent_indent="    ") for line in lines]
    return ["", _bold(f"{title} ({len(lines)})", colour=colour), *filled]


def _bold(text: str, *, colour: bool) -> str:
    return click.style(text, bold=True) if colour else text
