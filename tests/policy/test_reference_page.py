"""docs/reference/policy-format.md names everything that a table can hold. Tried: a new number without a row."""

from pathlib import Path

from avow.policy.clauses import Kind
from avow.policy.debts import DebtCode
from avow.policy.gaps import RULES
from avow.policy.numbers import NUMBERS
from avow.policy.reading_clauses import HEADER, KEYS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "policy-format.md").read_text()


def test_every_key_kind_number_debt_and_gap_is_described():
    names = [*KEYS, *Kind, *NUMBERS, *DebtCode, *(rule.code for rule in RULES)]
    assert [name for name in names if f"`{name}`" not in PAGE] == []
    assert [name for name in HEADER if f"{name} = " not in PAGE] == []


def test_the_numbers_meanings_are_the_codes_own():
    assert [meaning for meaning in NUMBERS.values() if meaning not in PAGE] == []
