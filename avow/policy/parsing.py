"""
Read a privacy policy: any Markdown in, sentences with ids out.

Holds:    every word of the text is in exactly one sentence, save headings and what
          has no letter or digit. Ids are unique. The same bytes give the same document.
Assumes:  the text is the company's own; it may still hold hostile HTML, which never
          gets further than runs.py.
Does not: bind. A document knows no clause (binding.py).
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256

from markdown_it.token import Token

from avow.errors import PolicyUnreadable
from avow.policy.dates import Dated, effective_date
from avow.policy.document import Block, BlockKind, Document, Sentence
from avow.policy.front_matter import LANGUAGE_KEYS, FrontMatter, read_front_matter
from avow.policy.languages import language_of
from avow.policy.layout import Raw, lay_out
from avow.policy.markdown import DEEPEST, HEADING_ID, reader
from avow.policy.numbering import Place, places
from avow.policy.reading import text_of
from avow.policy.runs import Run, Words, to_html
from avow.policy.splitting import spans
from avow.policy.words import BETWEEN_CJK, fingerprint

TWO_BREAKS = re.compile(r"\n[^\S\n]*\n\s*")


def parse(raw: bytes, *, name: str = "policy", undated: bool = False) -> Document:
    """
    Read a policy text.

    Raises PolicyUnreadable, with line and remedy; so also for a text without an effective date, unless `undated`.
    """
    text = text_of(raw, name)
    tokens = reader().parse(text)
    _refuse_deep(tokens, name)
    front = _front_matter(tokens, name)
    builder = Builder()
    blocks = builder.build(lay_out(tokens))
    if not builder.sentences:
        raise PolicyUnreadable(f"{name}, line 1: there is no sentence in the file; put the text of the policy into it.")
    day = effective_date(name, front, builder.dated, _attributes(tokens))
    if day is None and not undated:
        raise PolicyUnreadable(
            f"{name}, line 1: no effective date was found; begin the text with a line such as "
            "“Effective Date: May 5, 2024”, or put `effective: 2024-05-05` into its front matter."
        )
    return Document(
        sentences=tuple(builder.sentences),
        blocks=blocks,
        effective_date=day,
        title=builder.title or front.get("title") or builder.first_heading or name,
        permalink=front.permalink,
        language=language_of(front.get(*LANGUAGE_KEYS), (s.text for s in builder.sentences)),
        source_sha256=sha256(raw).hexdigest(),
    )


def _front_matter(tokens: Sequence[Token], name: str) -> FrontMatter:
    token = next((t for t in tokens if t.type == "front_matter"), None)
    return read_front_matter(token.content, name) if token else FrontMatter()


def _refuse_deep(tokens: Sequence[Token], name: str) -> None:
    """Refuse a text of which the library would have dropped the deepest part, and all that follows it."""
    deep = next((t for t in tokens if t.level >= DEEPEST - 1), None)
    if deep is not None:
        line = deep.map[0] + 1 if deep.map else 1
        raise PolicyUnreadable(
            f"{name}, line {line}: lists or quotes nest more than {DEEPEST} deep here; flatten them."
        )


def _attributes(tokens: Iterable[Token]) -> list[Dated]:
    return [Dated(t.content, t.map[0] + 1 if t.map else 1) for t in tokens if t.type == "attributes"]


def slug(text: str) -> str:
    """Return the anchor that GitHub and kramdown would give a heading, so that the text's own links keep working."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", text.strip().casefold())) or "section"


class Builder:
    """Number the headings, cut the words into sentences, and give each its id."""

    def __init__(self) -> None:
        self.sentences: list[Sentence] = []
        self.dated: list[Dated] = []  # every text that may hold the date, headings too, in reading order
        self.title = self.first_heading = ""
        self.places: list[Place] = []
        self.section = "0"
        self.path: list[str] = []
        self.count: Counter[str] = Counter()
        self.anchors: Counter[str] = Counter()
        self.seen: Counter[tuple[str, tuple[str, ...]]] = Counter()

    def build(self, raws: Sequence[Raw]) -> tuple[Block, ...]:
        """Return the finished blocks; sentences, title and dates are then in this builder."""
        walked = [raw for top in raws for raw in top.walk()]
        headings = [(raw.level, _plain(raw.runs)) for raw in walked if raw.kind is BlockKind.HEADING]
        first = next((raw for raw in walked if raw.runs), None)
        text_before = first is not None and first.kind is not BlockKind.HEADING
        self.places = places(headings, text_before=text_before)[::-1]
        return self.blocks(raws)

    def blocks(self, raws: Iterable[Raw]) -> tuple[Block, ...]:
        """Finish blocks, dropping what has become empty."""
        return tuple(block for raw in raws if (block := self.block(raw)) is not None)

    def block(self, raw: Raw) -> Block | None:
        """Finish one block."""
        if raw.kind is BlockKind.HEADING:
            return self.heading(raw)
        if raw.kind is BlockKind.RULE:
            return Block(raw.kind)
        if raw.children:
            return Block(raw.kind, children=self.blocks(raw.children), start=raw.start)
        pieces = self.pieces(raw.runs)
        if not pieces and raw.kind in {BlockKind.PARAGRAPH, BlockKind.PLAIN}:
            return None
        return Block(raw.kind, pieces)

    def heading(self, raw: Raw) -> Block | None:
        """Open a section; the title stands in the document and is no block."""
        place = self.places.pop()
        text = _plain(raw.runs)
        self.first_heading = self.first_heading or text
        self.dated.append(Dated(text, raw.runs[0].line if raw.runs else 1))
        if place.depth == 0:
            self.title = text
            return None
        self.section = place.section
        self.path = [*self.path[: place.depth - 1], text]
        anchor = slug(text)
        self.anchors[anchor] += 1
        if self.anchors[anchor] > 1:
            anchor = f"{anchor}-{self.anchors[anchor] - 1}"
        html = HEADING_ID.sub("", to_html(raw.runs))
        return Block(raw.kind, (html,), level=place.depth, section=place.section, anchor=anchor)

    def pieces(self, runs: Sequence[Run]) -> tuple[int | str, ...]:
        """Cut the words of a block into sentences and what lies between them."""
        words = Words(runs)
        pieces: list[int | str] = []
        start = 0
        for stop, end in [*(m.span() for m in TWO_BREAKS.finditer(words.text)), (len(words.text), len(words.text))]:
            if pieces and words.text[start:stop].strip():
                pieces.append("<br><br>")
            pieces += self.stretch(words, start, stop)
            start = end
        return tuple(pieces)

    def stretch(self, words: Words, first: int, last: int) -> list[int | str]:
        """Cut one stretch of words; between two sentences stands what stood there."""
        text = words.text[first:last]
        pieces: list[int | str] = []
        at = 0
        for start, end in spans(text):
            if pieces and start > at:
                pieces.append("<br>" if "\n" in text[at:start] else " ")
            pieces.append(self.sentence(words.cut(first + start, first + end)))
            at = end
        if not pieces and text.strip():
            return [to_html(words.cut(first, last)).strip()]
        return pieces

    def sentence(self, runs: Sequence[Run]) -> int:
        """Add a sentence and return its number."""
        text = _plain(runs)
        path, digest = tuple(self.path), fingerprint(text)
        self.count[self.section] += 1
        self.seen[digest, path] += 1
        self.sentences.append(
            Sentence(
                id=f"{self.section}.{self.count[self.section]}",
                text=text,
                html=to_html(runs),
                line=runs[0].line,
                sha256=digest,
                path=path,
                ordinal=self.seen[digest, path],
            )
        )
        self.dated.append(Dated(text, runs[0].line))
        return len(self.sentences) - 1


def _plain(runs: Sequence[Run]) -> str:
    """Return words in one line, without a heading's trailing {#anchor}."""
    return HEADING_ID.sub("", BETWEEN_CJK.sub("", " ".join(Words(runs).text.split())))
