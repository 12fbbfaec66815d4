"""
Markdown as policies are written: CommonMark, tables, front matter, and kramdown's attribute lines.

Why indented code is off: nobody publishes code in a policy, and text that was
indented by accident is still a promise.

Holds:    an attribute line `{: … }` never reaches the text; what it says is kept in
          the token `attributes`, since Mozilla's policies date themselves there.
Assumes:  HTML is on only so that it can be told from text; nothing of it is rendered.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.front_matter import front_matter_plugin

ATTRIBUTE_LINE = re.compile(r"\{:[^{}\n]*\}\s*$")
INLINE_ATTRIBUTES = re.compile(r"\{:[^{}\n]*\}")
HEADING_ID = re.compile(r"\s*\{#[\w:.-]+[^{}]*\}\s*$")  # ## Title {#anchor}
DEEPEST = 60  # quotes in quotes and lists in lists; the library drops what lies deeper, so such a text is refused
INTERRUPTS = ["paragraph", "reference", "blockquote", "list", "table", "html_block"]


def reader() -> MarkdownIt:
    """Return the parser that every policy goes through."""
    markdown = MarkdownIt("commonmark", {"html": True, "maxNesting": DEEPEST})
    markdown.enable(["table", "strikethrough"]).disable("code")
    markdown.use(front_matter_plugin)
    markdown.block.ruler.before("fence", "attributes", _attribute_line, {"alt": INTERRUPTS})
    markdown.inline.ruler.before("text", "attributes", _inline_attributes)
    return markdown


def _attribute_line(state: StateBlock, start: int, _end: int, silent: bool) -> bool:  # noqa: FBT001 - the library's form
    found = ATTRIBUTE_LINE.fullmatch(state.src, state.bMarks[start] + state.tShift[start], state.eMarks[start])
    if found is None:
        return False
    if silent:
        return True
    token = state.push("attributes", "", 0)
    token.content, token.map, token.hidden = found.group(), [start, start + 1], True
    state.line = start + 1
    return True


def _inline_attributes(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the library's form
    if state.src[state.pos] != "{":
        return False
    found = INLINE_ATTRIBUTES.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("attributes", "", 0).content = found.group()
    state.pos = found.end()
    return True
