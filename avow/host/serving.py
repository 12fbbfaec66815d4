"""
Which policy this house runs, and whether it may.

Holds:    a text whose sentences are not all bound and confirmed, or a setting that goes
          beyond what the text allows, is refused with the sentence that says so, before
          anything is written.
Does not: freeze it; `preparing` does that when the tables stand.
"""

import os
from pathlib import Path

from avow.errors import BadInput, BindingWrong
from avow.policy.binding import BoundPolicy
from avow.policy.debts import DebtCode, debts
from avow.policy.limits import exceeded
from avow.policy.loading import Loaded, load, load_shipped
from avow.policy.numbers import NUMBERS


def shipped_policy() -> BoundPolicy:
    """Return the policy that Avow brings along, bound."""
    return load_shipped().bound


def named(option: str | None) -> Path | None:
    """Return the file that --policy or AVOW_POLICY names, or None when neither does."""
    file = option or os.environ.get("AVOW_POLICY")
    return Path(file).absolute() if file else None


def read(file: Path | None) -> Loaded:
    """Read and bind the file, or the shipped policy when there is none, and refuse what could not be kept."""
    loaded = load(file) if file else load_shipped()
    refuse_unbound(loaded)
    refuse_laxer(loaded.bound)
    return loaded


def refuse_unbound(loaded: Loaded) -> None:
    """Raise BindingWrong when a sentence has no confirmed clause."""
    owed = [debt for debt in debts(loaded.bound) if debt.code is not DebtCode.MISSING]
    if owed:
        line = next((s.line for s in loaded.bound.document if s.id == owed[0].id), 0)
        raise BindingWrong(
            f"{len(owed)} sentences of {loaded.text.name} are not bound, the first in line {line}: {owed[0].sentence} "
            f"`avow policy check {loaded.text}` lists them all."
        )


def refuse_laxer(bound: BoundPolicy) -> None:
    """Raise BindingWrong for the first setting that goes beyond its clause."""
    if beyond := exceeded(limits(), bound):
        raise BindingWrong(f"AVOW_{beyond[0]} Lower it and start again.")


def limits() -> dict[str, int | None]:
    """Return the settings that a policy's numbers bound, as given; None means that the clause itself decides."""
    return {name.upper(): number(f"AVOW_{name.upper()}") for name in NUMBERS}


def number(name: str) -> int | None:
    """Read a whole number from the environment; raise BadInput when it is none."""
    text = os.environ.get(name, "")
    if text and not text.isdecimal():
        raise BadInput(f"{name} is not a whole number; write digits only, or leave it out.")
    return int(text) if text else None
