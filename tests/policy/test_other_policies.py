"""Real policies that nobody here wrote, and texts at the edge of what is read."""

from time import process_time

import pytest

from avow.errors import PolicyUnreadable
from avow.policy.binding import bind
from avow.policy.drafting import draft
from avow.policy.gaps import gaps
from avow.policy.identity import relink
from avow.policy.parsing import parse
from avow.policy.reading import MOST, read_policy
from avow.policy.reading_clauses import parse_clauses
from avow.policy.rendering import render

POLICIES = {
    "basecamp-2020-05-06.md": (151, "2020-05-06"),
    "basecamp-2020-06-25.md": (159, "2020-06-25"),
    "basecamp-2020-12-04.md": (185, "2020-12-04"),
    "basecamp-2022-05-18.md": (177, "2022-02-10"),
    "basecamp-2022-12-22.md": (152, "2022-07-18"),
    "basecamp-2023-07-27.md": (183, "2023-04-20"),
    "github.md": (313, "2024-02-01"),
    "mozilla-websites.md": (72, "2025-11-05"),
    "optimibi-2024-05-05.md": (40, "2024-05-05"),
}
SECOND = 1.0  # of the processor's time: what else runs on the machine does not count


@pytest.mark.parametrize("name", POLICIES)
def test_a_real_policy_is_read_in_under_a_second_with_unique_ids(shared, name):
    raw = (shared / "policies" / name).read_bytes()
    begun = process_time()
    document = parse(raw, name=name)
    assert process_time() - begun < SECOND
    ids = [s.id for s in document]
    assert len(ids) == len(set(ids))
    assert (len(ids), str(document.effective_date)) == POLICIES[name]
    assert not any(mark in s.text for s in document for mark in ("**", "{:", "<!--", "](")), "no markup in the words"
    lines = raw.decode().splitlines()
    for s in document:
        first = s.text.split()[0].strip("“”\"'([.,:’")
        assert first in lines[s.line - 1], (s.line, s.text)
    html = render(document, lambda s: (f"⟦{s.id}|", "⟧"))
    assert [part.split("|")[0] for part in html.split("⟦")[1:]] == ids


@pytest.mark.parametrize("name", POLICIES)
def test_an_imported_table_binds_every_sentence(shared, name, tmp_path):
    document = parse((shared / "policies" / name).read_bytes())
    bound = bind(document, parse_clauses(draft(document, tmp_path / name).encode()))
    assert not bound.unbound
    assert not bound.missing
    assert all(c.draft for _, c in bound.clauses)
    assert [s.id for s in bound.document] == [s.id for s in document]


def test_most_of_a_policy_is_recognised_in_its_next_version(shared):
    old, new = (parse((shared / "policies" / f"basecamp-2020-{day}.md").read_bytes()) for day in ("05-06", "06-25"))
    fates = [link.fate.value for link in relink(old.sentences, new.sentences)]
    assert fates.count("same") == 145
    assert fates.count("edited") == 6
    assert fates.count("removed") == 0


def test_the_gaps_are_those_of_each_text(shared):
    def codes(name):
        return [gap.code for gap in gaps(parse((shared / "policies" / name).read_bytes()))]

    every = "controller legal-basis retention transfers agents authority minors sensitive profiling gpc breach".split()
    assert codes("optimibi-2024-05-05.md") == every
    assert codes("github.md") == ["breach"]
    assert "gpc" not in codes("mozilla-websites.md"), "it speaks of Do Not Track"
    assert "authority" in codes("mozilla-websites.md")


def test_of_a_foreign_text_the_rules_say_that_they_cannot_read_it():
    german = parse("Stand: 5. Mai 2024\n\nWir löschen die Daten, die Sie uns geben, nicht.".encode())
    assert [gap.code for gap in gaps(german)] == ["language"]


BAD = [
    (b"", 1, "is empty"),
    (b" \n\n", 1, "is empty"),
    (b"---\ntitle: x\n---\n", 1, "no sentence"),
    (b"# Only a heading\n", 1, "no sentence"),
    (b"We do.\nWe \x00 do.", 2, "binary"),
    (b"\x89PNG\r\n\x1a\x00\x00", 2, "binary"),
    (b"We do.\n\nWe \xff do.", 3, "not UTF-8"),
    ("We do.".encode("utf-16"), 1, "UTF-16"),
    (b"---\ntitle: [x\n---\nWe do.", 2, "not YAML"),
    (b"---\na: 1\nb: '\n---\nWe do.", 3, "not YAML"),
    (b"---\nJust a text\n---\nWe do.", 2, "no `key: value` pairs"),
]


@pytest.mark.parametrize(("raw", "line", "reason"), BAD)
def test_a_bad_file_is_refused_with_line_and_remedy(raw, line, reason):
    with pytest.raises(PolicyUnreadable) as refused:
        parse(raw, name="p.md")
    assert reason in str(refused.value)
    assert "p.md, line " in str(refused.value)
    assert f"line {line}" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_ten_megabytes_are_refused_at_once(tmp_path):
    file = tmp_path / "big.md"
    file.write_bytes(b"We keep your data. " * 550_000)
    begun = process_time()
    with pytest.raises(PolicyUnreadable, match="longer than 1,000,000 bytes"):
        parse(read_policy(file), name="big.md")
    assert process_time() - begun < SECOND


def test_the_longest_policy_that_is_read_is_read_in_seconds():
    paragraph = (
        "We keep what you give us for as long as your account is **active**, and [no longer](https://x.example). " * 6
    )
    text = (("# Section\n\n" + (paragraph + "\n\n") * 10) * 200)[: MOST - 100]
    begun = process_time()
    assert len(parse(text.encode(), undated=True).sentences) > 9_000
    assert process_time() - begun < 20


@pytest.mark.parametrize(
    "text",
    ["[" * 20_000, "![" * 10_000, "**a" * 10_000, "> " * 5_000 + "a", "- " * 5_000 + "a", "<a " * 10_000, "<!" * 10_000 + "a",
     "<div>" * 5_000 + "a", "<div><b" * 5_000, "a&" * 10_000, "(a) " * 10_000, "a. " * 10_000, "`" * 20_000, "|a" * 5_000 + "\n" + "|-" * 5_000,
     "---\na: " + "[" * 20_000 + "\n---\na", "---\n" + "- " * 5_000 + "\n---\na", "A.B." * 10_000, "\\\n" * 10_000, "<br>" * 10_000 + "a"],
)  # fmt: skip
def test_hostile_nesting_ends_in_time(text):
    begun = process_time()
    try:
        parse(text.encode(), undated=True)
    except PolicyUnreadable:
        pass
    assert process_time() - begun < 5
