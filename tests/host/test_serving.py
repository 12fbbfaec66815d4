"""What may be served: bound texts, and settings no laxer than they say."""

import pytest

from avow.errors import BadInput, BindingWrong, PolicyUnreadable
from avow.host import serving
from avow.policy.loading import load_shipped


def test_the_shipped_policy_may_be_served():
    assert len(serving.read(None).bound.document.sentences) == 40


def test_a_sentence_without_a_clause_is_refused_with_its_line(tmp_path):
    shipped = load_shipped()
    text = tmp_path / "policy.md"
    text.write_bytes(shipped.raw + b"\nWe also promise to do something that nobody has bound.\n")
    lines = text.read_bytes().count(b"\n")
    with pytest.raises(BindingWrong, match=f"in line {lines}") as refused:
        serving.read(text)
    assert refused.value.exit_status == 2
    assert "avow policy check" in str(refused.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(PolicyUnreadable):
        serving.read(tmp_path / "none.md")


def test_a_setting_that_goes_beyond_its_clause_is_refused_with_the_clause(tmp_path, monkeypatch):
    shipped = load_shipped()
    (tmp_path / "2024-05-05.md").write_bytes(shipped.raw)
    table = shipped.table.read_text()
    names = [line for line in table.splitlines() if line.startswith("[") and not line.startswith("[[")]
    named = table.replace(names[5], f"{names[5]}\nnumbers = {{ answer_days = 10 }}", 1)
    (tmp_path / "clauses.toml").write_text(named)
    monkeypatch.setenv("AVOW_ANSWER_DAYS", "10")
    serving.read(tmp_path / "2024-05-05.md")
    monkeypatch.setenv("AVOW_ANSWER_DAYS", "11")
    with pytest.raises(BindingWrong, match="AVOW_ANSWER_DAYS = 11 breaks §"):
        serving.read(tmp_path / "2024-05-05.md")
    monkeypatch.setenv("AVOW_ANSWER_DAYS", "soon")
    with pytest.raises(BadInput, match="whole number"):
        serving.read(tmp_path / "2024-05-05.md")


def test_what_is_named_on_the_command_line_goes_before_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("AVOW_POLICY", "/from/environment.md")
    assert str(serving.named(None)) == "/from/environment.md"
    assert str(serving.named(str(tmp_path / "x.md"))) == str(tmp_path / "x.md")
