"""
Start a clause table for a policy: every sentence with a suggestion to confirm.

Holds:    what comes out reads back as a table that binds every sentence of the text.
          An existing file is never overwritten, and a crash or a full disk leaves
          either the whole new file or none.
"""

import os
import re
import tempfile
from collections import Counter
from pathlib import Path

from tomlkit import string

from avow.errors import BadInput, NoSpace
from avow.policy.clauses import FORMAT
from avow.policy.document import Document, Sentence
from avow.policy.suggesting import suggest
from avow.policy.words import normalise

NO_SPACE = 28  # errno.ENOSPC
WORDS = 4  # of a sentence in its clause's name
LONGEST = 60
DULL = re.compile(
    r"a|an|and|are|as|at|be|by|for|from|if|in|is|it|may|of|on|or|our|that|the|this|to|we|when|will|with|you|your"
)
HEAD = """\
# What each sentence of {text} is bound to, as simple rules suggest it.
# Confirm each clause: correct what is wrong, then take its `draft` line away.
# `avow policy check` lists what is still a draft; docs/reference/policy-format.md says what each key means.
format = "{format}"
policy = {name}
"""


def draft(document: Document, text: Path) -> str:
    """Return the table's source."""
    names: Counter[str] = Counter()
    parts = [HEAD.format(text=text.name, format=FORMAT, name=_quoted(text.name))]
    if document.effective_date:
        parts[0] += f"effective = {document.effective_date.isoformat()}\n"
    parts += [_clause(sentence, names) for sentence in document]
    return "\n".join(parts)


def _clause(sentence: Sentence, names: Counter[str]) -> str:
    suggestion = suggest(sentence.text)
    lines = [
        f"[{_name(sentence, names)}]",
        "draft = true # suggested by a rule; confirm it, then delete this line",
        f'at = "{sentence.id}"',
        f'kind = "{suggestion.kind}"',
    ]
    lines += _list("promise", suggestion.promises)
    lines += _list("purposes", suggestion.purposes)
    return "\n".join([*lines, f"says = {_quoted(sentence.text)}", ""])


def _list(key: str, values: tuple[str, ...]) -> list[str]:
    if not values:
        return []
    return [f"{key} = [{', '.join(_quoted(str(value)) for value in values)}]"]


def _name(sentence: Sentence, names: Counter[str]) -> str:
    """Make a name out of the sentence's first telling words, and tell equal ones apart by a number."""
    ascii_words = re.findall(r"[a-z0-9]+", normalise(sentence.text))
    telling = [word for word in ascii_words if not DULL.fullmatch(word)][:WORDS]
    name = "-".join(telling)[:LONGEST].strip("-") or "sentence-" + sentence.id.replace(".", "-")
    names[name] += 1
    if names[name] == 1:
        return name
    return _name_again(name, names)


def _name_again(name: str, names: Counter[str]) -> str:
    numbered = f"{name}-{names[name]}"
    if names[numbered]:
        names[name] += 1
        return _name_again(name, names)
    names[numbered] += 1
    return numbered


def _quoted(text: str) -> str:
    return string(text).as_string()


def write_new(path: Path, source: str) -> None:
    """Write a file that must not exist yet, whole or not at all."""
    try:
        _link_into_place(path, source)
    except FileExistsError:
        raise BadInput(f"{path} is there already and stays as it is; name another file with -o.") from None
    except OSError as error:
        if error.errno == NO_SPACE:
            raise NoSpace(f"No space is left for {path}; nothing was written. Make room and try again.") from None
        raise BadInput(f"{path} cannot be written ({error.strerror}); name another file with -o.") from None


def _link_into_place(path: Path, source: str) -> None:
    """Write beside the target, then give the finished file its name; linking refuses a name that is taken."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(source)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        os.link(temporary, path)
    finally:
        Path(temporary).unlink()
