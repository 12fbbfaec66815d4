"""
The pages that a site has, as a list of templates: what is on it is kept, all else is one page, `/:other`.

    /reports/:name
    /docs/:more          whatever lies below

Why a list, where there is one: no rule of thumb knows a name in plain words (/people/ada-lovelace) from a page's.

Holds:    the result is a line of the list, "/" or "/:other", whatever was sent. A part that is written out goes before
          one that stands for any.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from avow.errors import BadInput

OTHER = "/:other"
MORE = ":more"  # the last part of a line: one or more of any
LINE = re.compile(r"^/(?:(?:[a-z0-9._~-]+|:[a-z]+)(?:/|\Z))*\Z")
LONGEST, DEEPEST = 200, 24  # characters of a line; parts of a path
END = ""  # under which a tree has the line that ends there


class Templates:
    """A list of templates, as a tree of parts."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._tree: dict[str, Any] = {END: "/"}
        for line in lines:
            self._add(line.strip())

    def match(self, parts: list[str]) -> str:
        """Return the template of a path's parts."""
        plain = [unquote(part).strip().lower() for part in parts]
        found = _below(self._tree, plain) if len(plain) <= DEEPEST else None
        return found or OTHER

    def _add(self, line: str) -> None:
        parts = [part for part in line.split("/") if part]
        if not LINE.match(line) or len(line) > LONGEST or MORE in parts[:-1]:
            raise BadInput(f"{line!r} is no template of a page; write lines such as /reports/:name or /docs/:more.")
        node = self._tree
        for part in parts:
            node = node.setdefault(part if part == MORE or not part.startswith(":") else ":", {})
        node[END] = "/" + "/".join(parts)


def read(text: str) -> Templates:
    """Return the templates of a file: one a line; what begins with # says something to people."""
    return Templates(line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def _below(node: dict[str, Any], parts: list[str]) -> str | None:
    if not parts:
        found: str | None = node.get(END)
        return found
    first, rest = parts[0], parts[1:]
    for key in (first if first and not first.startswith(":") else ":", ":"):
        if key in node and (found := _below(node[key], rest)):
            return found
    return node[MORE][END] if MORE in node else None
