"""Since when a policy is in force, in many wordings. Tried: reading 5/6/2024 as May turns the last test red."""

from datetime import date

import pytest

from avow.errors import PolicyUnreadable
from avow.policy.parsing import parse

THE_DAY = date(2024, 5, 5)
WORDINGS = [
    "**Effective Date:** **May 5, 2024**",
    "Effective date: 5 May 2024",
    "*Last updated: May 5th, 2024*",
    "Last Updated: [May 5, 2024](https://x.example)",
    "This policy is effective as of the 5th of May, 2024.",
    "Last modified 2024-05-05",
    "Updated 2024/05/05",
    "Stand: 5. Mai 2024",
    "Gültig ab 05.05.2024",
    "Dernière mise à jour : 5 mai 2024",
    "Última actualización: 5 de mayo de 2024",
    "Ultimo aggiornamento: 5 maggio 2024",
    "Laatst bijgewerkt: 5 mei 2024",
    "最終更新日:2024年5月5日",
    "更新日期:2024年5月5日",
    "시행일: 2024년 5월 5일",
    "May 5, 2024",
    "5/5/2024",
    "In force since Sunday, 5 May 2024",
]


@pytest.mark.parametrize("line", WORDINGS)
def test_the_date_is_read_as_policies_write_it(line):
    assert parse(f"# Privacy\n\n{line}\n\nWe keep data.".encode()).effective_date == THE_DAY


@pytest.mark.parametrize("key", ["date", "effective", "effective_date", "effective-date", "last_updated", "updated"])
def test_the_front_matter_counts_too(key):
    assert parse(f"---\n{key}: 2024-05-05\n---\nWe keep data.".encode()).effective_date == THE_DAY


def test_an_attribute_counts_when_nothing_is_said():
    assert parse(b'We keep data.\n{: datetime="2024-05-05" }\n').effective_date == THE_DAY


def test_effective_beats_updated_and_the_text_beats_the_front_matters_date():
    text = b"---\ndate: 2020-01-01\n---\nLast updated: April 1, 2024\n\nEffective: May 5, 2024\n\nWe do."
    assert parse(text).effective_date == THE_DAY


def test_the_date_may_stand_at_the_end_and_other_dates_do_not_count():
    text = "In 2019 we were founded.\n\n" + "We do things.\n\n" * 30 + "Last updated on May 5, 2024."
    assert parse(text.encode()).effective_date == THE_DAY


@pytest.mark.parametrize(
    ("text", "line", "remedy"),
    [
        ("Effective Date: February 31, 2024\n\nWe do.", 1, "no day “February 31, 2024”"),
        ("We do.\n\nLast updated: 2023-13-01", 3, "no day “2023-13-01”"),
        ("---\neffective: 2024-02-31\n---\nWe do.", 2, "no day “2024-02-31”"),
        ("We do.\n\nEffective 5/6/2024", 3, "can be two dates"),
        ("We do.", 1, "no effective date was found"),
    ],
)
def test_an_impossible_ambiguous_or_missing_date_is_refused_with_its_line(text, line, remedy):
    with pytest.raises(PolicyUnreadable) as refused:
        parse(text.encode(), name="p.md")
    assert f"p.md, line {line}:" in str(refused.value)
    assert remedy in str(refused.value)
