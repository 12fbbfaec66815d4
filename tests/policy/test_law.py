"""
What the law asks beyond the text: a table that names real promises, and warnings that go when the text settles them.

It bites: each was tried. With `needs` unread nothing ever settles a demand; with the profiles merged California's days
are asked of a company in Lisbon; with the foreign mark unread a German text looks as if it said everything.
"""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from avow.errors import BadInput
from avow.host.commands.policy import group
from avow.policy import law
from avow.policy.gaps import RULES
from avow.policy.law import Profile
from avow.policy.loading import load
from avow.policy.numbers import NUMBERS

POLICY = Path(__file__).resolve().parents[2] / "policies/optimibi"
TEXT, TABLE = POLICY / "2024-05-05.md", POLICY / "clauses.toml"


def warned(folder, text=None, table=None, profile=Profile.STRICTEST):
    (folder / "p.md").write_text(text or TEXT.read_text())
    (folder / "clauses.toml").write_text(table or TABLE.read_text())
    bound = load(folder / "p.md", folder / "clauses.toml").bound
    return {one.demand.id: one for one in law.warnings(bound, profile)}


def test_every_demand_can_be_looked_up():
    ids = [one.id for one in law.demands()]
    assert len(ids) == len(set(ids)) and {f"L{number}" for number in range(1, 18)} <= {one.split("-")[0] for one in ids}
    for one in law.demands():
        assert one.asks.endswith(".") and one.tightens and one.articles, one.id
        assert bool(one.kept) != bool(one.warn), f"{one.id} is kept, or says what to do"
        if one.needs:
            assert one.needs.gap in {rule.code for rule in RULES} | {""}, one.id
            assert one.needs.number in NUMBERS.keys() | {""}, one.id


def test_strictest_asks_what_any_profile_asks_and_none_asks_nothing(tmp_path):
    every = warned(tmp_path)
    gdpr, ccpa = (warned(tmp_path, profile=one) for one in (Profile.GDPR, Profile.CCPA))
    assert every.keys() == gdpr.keys() | ccpa.keys() and gdpr.keys() != ccpa.keys()
    assert "L9" in gdpr and "L9" not in ccpa and "11 CCR" in ccpa["L8"].article and "L8" not in gdpr
    assert warned(tmp_path, profile=Profile.NONE) == {}


@pytest.mark.parametrize(
    ("demand", "said"),
    [
        ("L6", "We keep it for two years: that is our retention period."),
        ("L8", "We honour the Global Privacy Control of your browser."),
        ("L15-complaint", "You may lodge a complaint with a supervisory authority."),
        ("L15-child", "Our service is not for children under 16."),
    ],
)
def test_a_sentence_in_the_text_settles_a_demand(tmp_path, demand, said):
    assert demand in warned(tmp_path)
    assert demand not in warned(tmp_path, text=f"{TEXT.read_text()}\n\n{said}\n")


@pytest.mark.parametrize(("days", "open_"), [(30, set()), (31, {"L2"}), (46, {"L2", "L2-us"})])
def test_a_number_settles_it_up_to_what_the_law_gives(tmp_path, days, open_):
    table = TABLE.read_text().replace("numbers.answer_days = 30", f"numbers.answer_days = {days}")
    assert warned(tmp_path, table=table).keys() & {"L2", "L2-us"} == open_


def test_without_the_clause_it_is_open_and_the_sentences_that_it_tightens_are_named(tmp_path):
    assert warned(tmp_path)["L13"].sentences == ("4.5", "4.7") and "L12" not in warned(tmp_path)
    table = TABLE.read_text().replace('"basis-per-purpose"', '"scope-marked"')
    assert "L1" not in warned(tmp_path) and "L1" in warned(tmp_path, table=table)


def test_of_a_text_in_another_language_nothing_is_believed_said(tmp_path):
    text = "---\nlanguage: de\neffective: 2024-05-05\n---\n# Datenschutz\n\n5. Mai 2024\n\nWir heißen Beispiel. Global Privacy Control. Retention.\n"
    (tmp_path / "d.md").write_text(text)
    bound = load(tmp_path / "d.md", None, need_table=False).bound
    found = {one.demand.id for one in law.warnings(bound, Profile.STRICTEST)}
    assert {"L6", "L8", "L13", "L15-child", "L15-who", "L15-complaint"} <= found


def test_the_shell_and_programs_read_it():
    run = CliRunner()
    said = run.invoke(group, ["check", str(TEXT), "--law", "ccpa"], catch_exceptions=False).output
    assert "What the law asks besides, by ccpa" in said and "Directive 2002/58" not in said
    data = json.loads(run.invoke(group, ["check", str(TEXT), "--json"], catch_exceptions=False).output)
    assert {"id", "asks", "article", "sentences", "do"} == data["law"][0].keys()
    assert run.invoke(group, ["check", str(TEXT), "--law", "martian"]).exit_code == 2


def test_another_profile_is_refused_with_a_sentence():
    with pytest.raises(BadInput, match="strictest, gdpr, ccpa, none"):
        law.profile_called("GDPR")
