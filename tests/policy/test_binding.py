"""Sentences find their clauses by their words. Tried: matching by place alone, or letting ids repeat, turns these red."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.errors import BindingWrong
from avow.policy.binding import bind, find_table
from avow.policy.debts import debts
from avow.policy.identity import fingerprint
from avow.policy.limits import exceeded
from avow.policy.parsing import parse
from avow.policy.promises import Promise
from avow.policy.reading_clauses import parse_clauses


def policy(text):
    return parse(text.encode(), undated=True)


def table(*clauses):
    return parse_clauses(('format = "avow.clauses/1"\n' + "\n".join(clauses)).encode())


def clause(name, says, at=None, extra=""):
    place = f'at = "{at}"\n' if at else ""
    return f'[{name}]\nkind = "promise"\nsays = "{says}"\n{place}{extra}\n'


def named(bound):
    return [(s.id, c.name if c else None) for s, c in bound.clauses]


def test_a_bound_sentence_keeps_its_clauses_place_wherever_it_stands():
    text = policy("# A\n\nNew one here.\n\n# B\n\nWe do.")
    assert named(bind(text, table(clause("do", "We do.", "1.1")))) == [("1.2", None), ("1.1", "do")]


def test_another_wording_binds_by_its_hash():
    bound = bind(
        policy("Altogether different."),
        table(clause("do", "We do.", "0.7", f'also = ["sha256:{fingerprint("Altogether different")}"]')),
    )
    assert named(bound) == [("0.7", "do")]


def test_repeated_sentences_are_bound_by_place():
    text = policy("# A\n\nAsk us.\n\n# B\n\nAsk us.")
    bound = bind(text, table(clause("b", "Ask us.", "2.1"), clause("a", "Ask us.", "1.1")))
    assert named(bound) == [("1.1", "a"), ("2.1", "b")]
    assert named(bind(text, table(clause("b", "Ask us.", "2.1")))) == [("1.1", None), ("2.1", "b")]


def test_a_clause_that_fits_two_sentences_must_say_which():
    with pytest.raises(BindingWrong, match=r"line 2: .* stands at 1\.1 and 2\.1; add `at`"):
        bind(policy("# A\n\nAsk us.\n\n# B\n\nAsk us."), table(clause("a", "Ask us.")))


def test_an_edited_sentence_is_bound_to_nothing_and_shown_beside_its_clause():
    bound = bind(
        policy("We may sell your personal data."), table(clause("no-sale", "We never sell your personal data.", "0.1"))
    )
    assert bound.unbound
    assert [(d.code.value, d.id, d.clause) for d in debts(bound)] == [
        ("unbound", "0.1", "no-sale"),
        ("missing", "0.1", "no-sale"),
    ]


def test_drafts_are_debts_until_confirmed():
    bound = bind(policy("We do."), table(clause("do", "We do.", "0.1", "draft = true")))
    assert [d.code.value for d in debts(bound)] == ["draft"]


def test_promises_purposes_and_numbers_are_of_what_stands_in_the_text():
    rows = [
        clause("a", "We do.", "0.1", 'promise = "opt-out"\npurposes = ["legal"]\nnumbers.answer_days = 30'),
        clause("b", "We also do.", "0.2", 'promise = "opt-out"\nnumbers.answer_days = 10'),
        clause("gone", "We did.", "0.3", 'promise = "opt-out"\npurposes = ["account"]\nnumbers.answer_days = 1'),
    ]
    bound = bind(policy("We do. We also do."), table(*rows))
    assert [c.name for c in bound.by_promise(Promise.OPT_OUT)] == ["a", "b"]
    assert bound.purposes == {"legal"}
    assert (bound.number("answer_days").value, bound.number("answer_days").clause.name) == (10, "b")
    assert bound.number("usage_days") is None
    assert bound.clause_of("0.2").name == "b"
    assert bound.clause_of("9.9") is None


def test_a_setting_may_be_stricter_and_never_laxer():
    bound = bind(policy("We do."), table(clause("do", "We do.", "0.1", "numbers.answer_days = 10")))
    assert exceeded({"answer_days": 10, "ANSWER_DAYS": 9, "other": 99}, bound) == []
    assert exceeded({"answer_days": None}, bound) == []
    (one,) = exceeded({"ANSWER_DAYS": 11}, bound)
    assert (one.setting, one.value, one.clause, one.at, one.most) == ("ANSWER_DAYS", 11, "do", "0.1", 10)
    assert "§0.1" in str(one)


def test_text_and_table_both_change_the_bound_policys_hash():
    one, other = table(clause("do", "We do.")), table(clause("do", "We do."), "# so")
    hashes = {bind(policy(text), t).sha256 for text in ("We do.", "We do. ") for t in (one, other)}
    assert len(hashes) == 4


def test_the_table_that_knows_most_is_found_and_half_is_the_least(tmp_path):
    for name, known in (("few", ["Aa bb."]), ("most", ["Aa bb.", "Cc dd."])):
        (tmp_path / name).mkdir()
        rows = [clause(f"c{i}", says) for i, says in enumerate(known)]
        (tmp_path / name / "clauses.toml").write_text('format = "avow.clauses/1"\n' + "\n".join(rows))
    assert find_table(policy("Aa bb. Cc dd. Ee ff. Gg hh."), [tmp_path]) == tmp_path / "most" / "clauses.toml"
    assert find_table(policy("Aa bb. Cc dd. Ee ff. Gg hh. Ii jj."), [tmp_path]) is None
    assert find_table(policy("Aa bb."), [tmp_path / "nowhere"]) is None


SAID = st.sampled_from(["Aa bb.", "Cc dd.", "Ee ff."])
PLACES = st.lists(st.sampled_from(["0.1", "0.2", "0.3", "1.1", "1.2", "2a.9"]), unique=True, max_size=6)


@given(st.lists(st.lists(SAID, min_size=1, max_size=4), min_size=1, max_size=3), PLACES, st.data())
def test_ids_stay_unique_and_nothing_is_bound_twice(sections, places, data):
    text = "\n\n".join("# Part\n\n" + " ".join(said) for said in sections)
    rows = [clause(f"c{i}", data.draw(SAID), place) for i, place in enumerate(places)]
    bound = bind(policy("Start.\n\n" + text), table(*rows))
    ids = [s.id for s, _ in bound.clauses]
    assert len(ids) == len(set(ids))
    assert [s.id for s in bound.document] == ids
    names = [c.name for _, c in bound.clauses if c]
    assert len(names) == len(set(names))
    assert all(s.id == c.at for s, c in bound.clauses if c)
