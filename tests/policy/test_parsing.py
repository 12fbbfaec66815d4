"""Any Markdown in, sentences with ids out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avow.errors import PolicyUnreadable
from avow.policy.parsing import parse

DATED = "Effective Date: May 5, 2024\n\n"


def ids(text, **more):
    return {s.id: s.text for s in parse(text.encode(), **more)}


def read(text):
    return ids(DATED + text)


def test_unnumbered_parts_get_letters_and_their_parts_digits():
    found = read(
        "# 3. Data\n\nOwn words.\n\n## A\n\nOf a.\n\n### Deep\n\nOf deep.\n\n#### Deeper\n\nOf deeper.\n\n## B\n\nOf b."
    )
    assert list(found) == ["0.1", "3.1", "3a.1", "3a1.1", "3a1a.1", "3b.1"]


def test_sections_without_numbers_are_counted():
    assert list(read("## One\n\nA one.\n\n## Two\n\nA two.")) == ["0.1", "1.1", "2.1"]


def test_a_section_that_repeats_a_number_gets_a_free_one():
    assert list(read("## 2. One\n\nA.b.\n\n## 2. Two\n\nC d.\n\n## Three\n\nE f.")) == ["0.1", "2.1", "1.1", "3.1"]


def test_more_than_26_parts_go_on_with_aa():
    parts = "\n\n".join(f"## Part\n\nWords {i}." for i in range(28))
    assert list(read("# 1. All\n\n" + parts))[-2:] == ["1aa.1", "1ab.1"]


def test_a_single_heading_above_all_is_the_title():
    document = parse(b"# Our Policy\n\nEffective 2024-05-05.\n\n## First\n\nWe do.")
    assert document.title == "Our Policy"
    assert [s.id for s in document] == ["0.1", "1.1"]


def test_front_matter_with_nulls_gives_title_permalink_and_language():
    document = parse(
        b"---\ntitle: Privacy\npermalink: /a/Policy /\ntags:\nx: ~\nlang: en-GB\ndate: 2024-05-05\n---\nWe do."
    )
    assert (document.title, document.permalink, document.language) == ("Privacy", "/a/Policy /", "en-GB")
    assert str(document.effective_date) == "2024-05-05"
    assert document.sentences[0].line == 9


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("/privacy", "/privacy"),
        ("privacy/", "/privacy/"),
        ("https://x.example/privacy", "/privacy"),
        ("pretty", None),
        ("/a/../../etc/passwd", None),
        ("javascript:alert(1)/", None),
        ("//", None),
        ("", None),
    ],
)
def test_a_permalink_is_a_path_on_this_site_or_nothing(written, path):
    text = f"---\npermalink: {written!r}\n---\n{DATED}We do."
    assert parse(text.encode()).permalink == path


def test_kramdown_attribute_lines_vanish():
    found = read("## Foo {#foo}\n{: .big }\n\nWe do.\n{: #we-do }\n\n* We also do.{: .x}\n{: #also }\n")
    assert list(found.values())[1:] == ["We do.", "We also do."]
    assert parse((DATED + "## Foo {#foo}\n\nWe do.").encode()).sentences[1].path == ("Foo",)


def test_bold_lead_ins_belong_to_their_sentence_and_bold_may_span_two():
    found = read("We share:\n\n- **Agents:** We do. We **may. We** can.\n- *None*: no.")
    assert list(found.values())[1:] == ["We share:", "Agents: We do.", "We may.", "We can.", "None: no."]


def test_each_cell_of_a_table_has_its_sentences():
    found = read("| What | Why |\n|---|---|\n| We do. They do. | Because |\n| ✓ | – |\n")
    assert list(found.values())[1:] == ["What", "Why", "We do.", "They do.", "Because"]


def test_words_in_html_are_kept_and_its_scripts_are_not():
    found = read(
        "<div><h2>9. Head</h2><p>We <b>do</b> this. We do that.</p><script>evil()</script><!-- gone --></div>\n\n"
        "Inline <span onclick='x'>text</span> <script>evil()</script>stays.<!-- gone -->\n"
    )
    assert found == {
        "0.1": "Effective Date: May 5, 2024",
        "9.1": "We do this.",
        "9.2": "We do that.",
        "9.3": "Inline text stays.",
    }


def test_comments_over_blank_lines_are_dropped():
    assert list(read("<!-- We lie.\n\nWe lie more. -->\n\nWe do.").values())[1:] == ["We do."]


def test_indented_and_fenced_text_is_text():
    assert list(read("    We do.\n\n```\nWe also do.\nAnd that.\n```\n").values())[1:] == [
        "We do.",
        "We also do.",
        "And that.",
    ]


def test_repeated_sentences_are_told_apart():
    a, b, c = parse(b"Effective 2024-05-05.\n\n# A\n\nAsk us. Ask us.\n\n# B\n\nAsk us.").sentences[1:]
    assert a.sha256 == b.sha256 == c.sha256
    assert (a.ordinal, b.ordinal, c.ordinal) == (1, 2, 1)
    assert len({a.key, b.key, c.key}) == 3


def test_lines_are_those_of_the_source():
    text = (
        "---\nlang: en\n---\n\nEffective 2024-05-05.\nWe **do\nthis** and `a\nb` and\n[that](x). We\nstop.\n\n"
        "<p>\nOne &amp; two.\nThree.\n</p>\n\n| A |\n|---|\n| Cell. |\n\n- x.\n\n  Later.\n\n> Quoted.\n"
    )
    lines = {s.text: s.line for s in parse(text.encode())}
    assert lines == {
        "Effective 2024-05-05.": 5,
        "We do this and a b and that.": 6,
        "We stop.": 9,
        "One & two.": 13,
        "Three.": 14,
        "A": 17,
        "Cell.": 19,
        "x.": 21,
        "Later.": 23,
        "Quoted.": 25,
    }


@pytest.mark.parametrize("mark", ["> ", "- ", "> - ", "1. "])
@pytest.mark.parametrize("depth", [1, 10, 24, 30, 40, 58, 59, 60, 61, 300])
def test_deep_nesting_is_read_or_refused_and_never_dropped(mark, depth):
    """Tried: without the refusal everything after the deepest list is lost without a word."""
    try:
        found = list(read(mark * depth + "Deep.\n\nAfter.\n").values())
    except PolicyUnreadable as refused:
        assert depth > 20
        assert "line 3" in str(refused)
    else:
        assert found[1:] == ["Deep.", "After."]


def test_two_line_breaks_part_and_one_does_not():
    assert list(read("Optimibi<br>Main Street 1<br><br>Write to us").values())[1:] == [
        "Optimibi Main Street 1",
        "Write to us",
    ]


def test_a_byte_order_mark_crlf_and_no_final_newline_change_nothing():
    plain = parse(b"Effective 2024-05-05.\n\n# A\n\nWe do.\n")
    windows = parse(b"\xef\xbb\xbfEffective 2024-05-05.\r\n\r\n# A\r\n\r\nWe do.")
    assert [(s.key, s.line) for s in plain] == [(s.key, s.line) for s in windows]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wir erheben die Daten, die Sie uns geben, und löschen sie.", "de"),
        ("Nous collectons les données que vous nous donnez.", "fr"),
        ("私たちはデータを集めます。", "ja"),
        ("我们收集您提供的数据。", "zh"),
        ("Мы собираем данные.", "ru"),
        ("We collect the data that you give to us.", "en"),
    ],
)
def test_the_language_is_known_by_script_or_small_words(text, language):
    assert parse(text.encode(), undated=True).language == language


FRAGMENTS = st.sampled_from(
    ["# ", "## 3. ", "- ", "1. ", "> ", "| a | b |\n|---|---|\n| c", "**", "*", "`", "```\n", "[a](", ")", "<div>", "</p>", "<!--",
     "-->", "<script>", "{: #x }", "---\n", "We do. ", "e.g. ", "\n", "\n\n", "  ", "    ", "&amp;", "\\", "¶", "。", "<br>", "![a](b)"]
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(FRAGMENTS | st.text(max_size=8), max_size=40).map("".join))
def test_whatever_comes_in_is_refused_or_has_unique_ids(text):
    try:
        document = parse(text.encode("utf-8", "replace"), undated=True)
    except PolicyUnreadable:
        return
    found = [s.id for s in document]
    assert len(found) == len(set(found)) > 0
    assert len({s.key for s in document}) == len(found)
    assert all(1 <= s.line <= text.count("\n") + text.count("\r") + 1 for s in document)
    assert all(any(c.isalnum() for c in s.text) for s in document)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.from_regex(r"[A-Za-zéü]{1,8}[,.;!?]?", fullmatch=True), min_size=1, max_size=12),
        min_size=1,
        max_size=6,
    )
)
def test_no_word_of_a_paragraph_is_lost(paragraphs):
    text = "\n\n".join(" ".join(words) for words in paragraphs)
    assert " ".join(s.text for s in parse(text.encode(), undated=True)).split() == text.split()
