"""
The YAML before the text: title, permalink, date, language.

Why every value stays a string: YAML would turn `no` into False, a date into an
object and 31 February into a crash; here each reader decides what it reads.

Holds:    never builds objects; at most 64 kB; other keys are ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import yaml

from avow.errors import PolicyUnreadable

MOST = 64_000
LANGUAGE_KEYS = ("lang", "language", "locale")


class Plain(yaml.SafeLoader):
    """YAML in which every scalar is the string that was written."""

    yaml_implicit_resolvers: dict[str, Any] = {}


@dataclass(frozen=True)
class FrontMatter:
    """What the front matter says, each with the line where it stands."""

    values: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    def get(self, *keys: str) -> str | None:
        """Return the first of these values that is there and not empty."""
        return next((self.values[k].strip() for k in keys if self.values.get(k, "").strip()), None)

    @property
    def permalink(self) -> str | None:
        """The path under which the company published the text, or None when there is none that we can serve."""
        return path_of(self.get("permalink", "url") or "")


def read_front_matter(yaml_text: str, name: str, first_line: int = 2) -> FrontMatter:
    """Read the YAML between the two lines of dashes."""
    if len(yaml_text) > MOST:
        raise PolicyUnreadable(f"{name}, line 1: the front matter is longer than {MOST:,} characters; shorten it.")
    try:
        node = yaml.compose(yaml_text, Loader=Plain)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark else 0)
        raise PolicyUnreadable(f"{name}, line {line}: the front matter is not YAML; correct or remove it.") from None
    if node is None:
        return FrontMatter()
    if not isinstance(node, yaml.MappingNode):
        raise PolicyUnreadable(
            f"{name}, line {first_line}: the front matter holds no `key: value` pairs; "
            "correct it, or begin the file with an empty line if the dashes are a rule."
        )
    pairs = [(k, v) for k, v in node.value if isinstance(k, yaml.ScalarNode) and isinstance(v, yaml.ScalarNode)]
    return FrontMatter(
        {_key(k.value): _value(v) for k, v in pairs},
        {_key(k.value): first_line + v.start_mark.line for k, v in pairs},
    )


def _key(written: str) -> str:
    return written.strip().casefold().replace("-", "_")


def _value(node: yaml.ScalarNode) -> str:
    return "" if node.style is None and node.value in {"~", "null", "Null", "NULL"} else str(node.value)


def path_of(permalink: str) -> str | None:
    """Return a permalink's path as written, or None for a pattern, a foreign scheme or what climbs out of the site."""
    try:
        parts = urlsplit(permalink)
    except ValueError:
        return None
    if parts.scheme not in {"", "http", "https"} or not parts.path.strip("/ ") or ":" in parts.path:
        return None
    if ".." in parts.path.split("/") or "\\" in parts.path or not parts.path.isprintable():
        return None
    if not parts.netloc and "/" not in parts.path:  # Jekyll's `pretty`, `date`: names of styles, no paths
        return None
    return "/" + parts.path.lstrip("/")
