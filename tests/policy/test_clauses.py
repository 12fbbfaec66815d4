"""A clause table is read exactly, or refused with line and remedy. Tried: each `refuse` left out turns its line red."""

import re

import pytest

from avow.errors import BindingWrong
from avow.policy.categories import Category
from avow.policy.clauses import Kind
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.policy.reading_clauses import parse_clauses, read_clauses

HEAD = 'format = "avow.clauses/1"\n'
GOOD = """\
effective = 2024-05-05
[opt-out]
at = "3a.6"
kind = "promise"
promise = ["opt-out", "contact-limit"]
says = '''You can “unsubscribe”.'''
also = ["sha256:{}"]
purposes = ["communication"]
categories = ["user.contact.email"]
numbers.opt_out_seconds = 60 # why
why = "Since."
draft = true
""".format("ab" * 32)


def read(text):
    return parse_clauses((HEAD + text).encode(), name="t.toml")


def test_everything_in_a_clause_is_read():
    (clause,) = read(GOOD).clauses
    assert (clause.name, clause.at, clause.kind, clause.line) == ("opt-out", "3a.6", Kind.PROMISE, 3)
    assert clause.promises == (Promise.OPT_OUT, Promise.CONTACT_LIMIT)
    assert clause.purposes == (Purpose.COMMUNICATION,)
    assert clause.categories == (Category.EMAIL,)
    assert clause.numbers == (("opt_out_seconds", 60),)
    assert clause.draft
    assert "ab" * 32 in clause.hashes
    assert len(clause.hashes) == 2


def test_only_a_statement_needs_no_mechanism():
    table = read('[a]\nkind = "statement"\nsays = "A b"\n[b]\nkind = "disclaimer"\nsays = "C d"\n')
    assert [clause.needs_mechanism for clause in table.clauses] == [False, True]


ONE = '[a]\nkind = "promise"\nsays = "We do."\n'
BAD = [
    ('[a]\nkind = "promise"\npromise = "opt-outt"\nsays = "x"', 4, "did you mean “opt-out”?"),
    ('[a]\nkind = "promis"\nsays = "x"', 3, "did you mean “promise”?"),
    (ONE + 'purposes = ["acount"]', 5, "did you mean “account”?"),
    (ONE + 'categories = ["user.contact.emial"]', 5, "did you mean “user.contact.email”?"),
    (ONE + "numbers.key_backup_day = 7", 5, "did you mean “key_backup_days”?"),
    (ONE + "numbers.key_backup_days = -1", 5, "whole number"),
    (ONE + "numbers.key_backup_days = true", 5, "whole number"),
    (ONE + 'promisse = "opt-out"', 2, "did you mean “promise”?"),
    (ONE + 'at = "3a-6"', 5, "no place of a sentence"),
    (ONE + 'also = ["md5:1"]', 5, "sha256:"),
    (ONE + 'draft = "yes"', 5, "true or false"),
    (ONE + "why = 3", 5, "must be a string"),
    (ONE + "promise = [1]", 5, "a string or a list of strings"),
    ('[a]\nsays = "x"', 2, "has no `kind`"),
    ('[a]\nkind = "fact"', 2, "has no `says`"),
    ('[a]\nkind = "fact"\nsays = " … "', 4, "says nothing"),
    ('[a]\nkind = "statement"\npromise = "opt-out"\nsays = "x"', 2, "choose another kind"),
    ('[A_b]\nkind = "fact"\nsays = "x"', 2, "small letters"),
    ('polisy = "x"', 2, "did you mean “policy”?"),
    ('effective = "2024-05-05"', 2, "a date such as"),
    (ONE + 'at = "1.1"\n[b]\nkind = "fact"\nsays = "z"\nat = "1.1"', 9, "both claim 1.1"),
    (ONE + '[b]\nkind = "fact"\nsays = "We  do!"', 5, "claim the same sentence"),
    (ONE + "[a]\n", 5, "not TOML"),
    (ONE + "says = ", 5, "not TOML"),
]


@pytest.mark.parametrize(("text", "line", "remedy"), BAD)
def test_what_is_wrong_is_refused_with_line_and_remedy(text, line, remedy):
    with pytest.raises(BindingWrong) as refused:
        read(text)
    assert remedy in str(refused.value)
    assert re.match(rf"t\.toml, line {line}: ", str(refused.value)), str(refused.value)
    assert str(refused.value)[-1] in ".?"


@pytest.mark.parametrize(("raw", "remedy"), [(b"", "the first line"), (b"\xff", "UTF-8"), (b"x" * 4_000_001, "longer")])
def test_a_file_that_is_no_table_is_refused(raw, remedy):
    with pytest.raises(BindingWrong, match=remedy):
        parse_clauses(raw)


def test_a_missing_table_names_the_command_that_starts_one(tmp_path):
    with pytest.raises(BindingWrong, match="avow policy import"):
        read_clauses(tmp_path / "clauses.toml")
    with pytest.raises(BindingWrong, match="cannot be read"):
        read_clauses(tmp_path)
