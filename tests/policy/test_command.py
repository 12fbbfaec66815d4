"""`avow policy check` and `import` as a person calls them."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from avow.errors import AvowError
from avow.host.commands.policy import group
from avow.policy.shipped import roots

OURS = roots()[0] / "optimibi" / "2024-05-05.md"
AVOW = Path(sys.executable).with_name("avow")


def call(*words):
    return subprocess.run([AVOW, "policy", *map(str, words)], capture_output=True, text=True, timeout=180, check=False)


def inside(*words):
    """Call without a new process; a refusal comes back as the exception that the command line would print."""
    return CliRunner().invoke(group, [str(word) for word in words])


def checked(*words):
    result = inside("check", *words, "--json")
    assert result.exit_code == 0, result.exception
    return json.loads(result.stdout)


def refusal(*words):
    result = inside(*words)
    assert isinstance(result.exception, AvowError), result.output
    assert result.exception.exit_status == 2
    assert "\n" not in str(result.exception)
    return str(result.exception)


def test_the_published_policy_is_recognised_whole(shared):
    result = checked(shared / "policies" / "optimibi-2024-05-05.md")
    assert result["effective_date"] == "2024-05-05"
    assert len(result["sentences"]) == 40
    assert result["sentences"][0]["kind"] == "date"
    assert all(sentence["clause"] and sentence["kind"] for sentence in result["sentences"])
    assert [s["id"] for s in result["sentences"] if s["kind"] == "statement"] == ["0.2"]
    by_id = {s["id"]: s for s in result["sentences"]}
    assert by_id["4.1"]["promise"] == "no-sale"
    assert by_id["3a.3"]["promise"] == ["access-and-erase", "request-by-mail"]
    assert by_id["0.2"]["promise"] is None
    assert result["debts"] == []
    assert len(result["gaps"]) == 11


def test_debts_are_no_failure(shared):
    result = checked(shared / "policies" / "github.md")
    assert len(result["debts"]) == len(result["sentences"]) == 313


def test_a_named_table_is_used_whatever_it_knows(tmp_path):
    text = tmp_path / "p.md"
    text.write_text("Effective 2024-05-05. We never sell your data.")
    result = checked(text, "--clauses", OURS.with_name("clauses.toml"))
    assert [debt["code"] for debt in result["debts"]].count("missing") == 40


def test_for_people_it_is_a_page_with_debts_and_gaps():
    said = inside("check", OURS).stdout
    assert "40 of 40 sentences bound" in said
    assert "  4.1     prohibition  no-sale\n" in said
    assert "Debts: none" in said
    assert "What the text does not say (11)" in said
    assert "\x1b[" not in said, "no colour into a file"


def test_import_starts_a_table_and_never_overwrites_one(tmp_path):
    text = tmp_path / "p.md"
    text.write_text("Effective: May 5, 2024\n\n# A\n\nWe do not sell data. We “keep” '''it''' \\o/.")
    assert inside("import", text).exit_code == 0
    table = tmp_path / "clauses.toml"
    written = table.read_bytes()
    result = checked(text)
    assert [debt["code"] for debt in result["debts"]] == ["draft"] * 3
    assert [(s["kind"], s["promise"]) for s in result["sentences"]][:2] == [
        ("date", "versions-frozen"),
        ("prohibition", "no-sale"),
    ]
    assert "there already" in refusal("import", text)
    assert table.read_bytes() == written
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clauses.toml", "p.md"], "no temporary file stays"
    assert inside("import", text, "-o", tmp_path / "other.toml").exit_code == 0
    assert (tmp_path / "other.toml").read_bytes() == written


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: the file is empty"),
        (b"\x00\x01", "line 1: the file is binary"),
        (b"Effective 2024-05-05\n\xff", "line 2: a byte here is not UTF-8"),
        (b"We do.", "no effective date"),
        (b"We do.\n\nEffective Date: February 31, 2024", "line 3: there is no day"),
        (b"We keep your data. " * 550_000, "longer than 1,000,000 bytes"),
    ],
)
@pytest.mark.parametrize("command", ["check", "import"])
def test_bad_texts_are_refused_and_nothing_is_written(tmp_path, command, content, said):
    text = tmp_path / "p.md"
    text.write_bytes(content)
    assert said in refusal(command, text)
    assert list(tmp_path.iterdir()) == [text]


def test_a_folder_a_missing_file_and_a_missing_table_are_refused(tmp_path):
    assert "is a folder" in refusal("check", tmp_path)
    assert "There is no file" in refusal("check", tmp_path / "p.md")
    assert "There is no clause table" in refusal("check", OURS, "--clauses", tmp_path / "t.toml")
    assert "cannot be written" in refusal("import", OURS, "-o", tmp_path / "nowhere" / "t.toml")
    assert "not an ordinary file" in refusal("check", "/dev/zero")


def test_a_bad_table_is_refused_with_its_line(tmp_path):
    table = tmp_path / "clauses.toml"
    table.write_text(OURS.with_name("clauses.toml").read_text().replace('promise = "no-sale"', 'promise = "no-sails"'))
    said = refusal("check", OURS, "--clauses", table)
    line = int(said.split(", line ")[1].split(":")[0])
    assert "no-sails" in table.read_text().splitlines()[line - 1]
    assert "did you mean “no-sale”?" in said


def spent():
    """Seconds of the processor that children of this process have used: what else runs does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_as_a_program_it_answers_fast_and_a_refusal_is_one_line_with_status_2(tmp_path):
    assert call("check", OURS).returncode == 0  # compiles, once
    begun = spent()
    good = call("check", OURS, "--json")
    assert spent() - begun < 3, "half a second on a quiet machine"
    assert good.returncode == 0
    assert len(json.loads(good.stdout)["sentences"]) == 40
    bad = call("check", tmp_path)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr.count("\n") == 1
    assert "Traceback" not in bad.stderr


def test_checking_imports_neither_django_nor_a_database():
    loaded = "import sys; import avow.host.commands.policy; print([m for m in ('django', 'psycopg', 'tomlkit.items') if m in sys.modules])"
    assert subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    ).stdout.strip() in {"[]", "['tomlkit.items']"}
