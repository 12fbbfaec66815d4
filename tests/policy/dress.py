"""Ways to change how a policy's Markdown is dressed without changing a word of it."""

import re
import textwrap

from hypothesis import strategies as st

HEADING = re.compile(r"(#{1,6}) (.*)")
ITEM = re.compile(r"[-*] ")


def _parts(text):
    """Split into front matter and body."""
    if not text.startswith("---\n"):
        return "", text
    end = text.index("\n---\n", 3) + 5
    return text[:end], text[end:]


def _blocks(body):
    """Yield headings, list items and paragraphs as single lines."""
    for chunk in re.split(r"\n\s*\n", body.strip("\n")):
        lines = chunk.split("\n")
        held = []
        for line in lines:
            if held and (HEADING.match(line) or ITEM.match(line)):
                yield " ".join(held)
                held = []
            held.append(line.strip())
        yield " ".join(held)


def reflow(width):
    def act(text):
        front, body = _parts(text)
        out = []
        for block in _blocks(body):
            if HEADING.match(block):
                out.append(block)
                continue
            hang = "  " if ITEM.match(block) else ""
            filled = textwrap.wrap(block, width, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False)
            out.append("\n".join(filled))
        return front + "\n" + "\n\n".join(out)

    return act


def straight_quotes(text):
    return text.translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"})


def no_bold(text):
    return text.replace("**", "")


def other_levels(levels):
    """Give the headings these levels, one after the other."""

    def act(text):
        given = iter(levels * 50)
        return re.sub(r"(?m)^#{1,6} ", lambda _: "#" * next(given) + " ", text)

    return act


def swapped(random):
    """Put the numbered sections in another order; the preamble stays first."""

    def act(text):
        first, *sections = re.split(r"(?m)^(?=#{1,6} \d+\. )", text)
        random.shuffle(sections)
        return first + "\n\n".join(section.strip("\n") for section in sections)

    return act


CHANGES = st.lists(
    st.one_of(
        st.integers(12, 200).map(reflow),
        st.just(straight_quotes),
        st.just(no_bold),
        st.lists(st.integers(1, 6), min_size=1, max_size=12).map(other_levels),
        st.randoms(use_true_random=False).map(swapped),
    ),
    min_size=1,
    max_size=5,
)
