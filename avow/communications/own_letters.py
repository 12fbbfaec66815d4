"""
A company's own letters in place of the shipped ones: in its own language, or in its own voice.

Why files and no pages: a letter is as much a part of the product as its code; who changes one reviews it, and a house
that starts has all of them. Why one language a house and none a person: no account says which its person reads, and
asking would be a datum that the policy does not name.

Holds:    checked before the service starts. Each file is one of the shipped letters, says all that the shipped one says
          by its gaps (a link that stops mails cannot be left out), and no more; a code still stands alone on its line.
          Without a file of its own, a letter is the shipped one.
Does not: translate what is put together from sentences of the policy, or what somebody at the desk writes.
"""

import re
import tomllib
from pathlib import Path
from string import Template
from typing import Any

from avow.errors import BadInput

SHIPPED = Path(__file__).parent
WORDS = "words.toml"
MAY_LACK = frozenset({"company", "contact", "day"})  # what only makes a letter friendlier
ALONE = re.compile(r"^[ \t]*\$\{?code\}?[ \t]*$", re.MULTILINE)
SUBJECT, WHOLE = 120, 20_000  # characters


def read(written: str) -> Path | None:
    """Return the folder that AVOW_LETTERS names, or None; BadInput for the first thing in it that cannot serve."""
    if not written:
        return None
    folder = Path(written)
    if not folder.is_dir():
        raise BadInput("AVOW_LETTERS is a folder with letters of your own; there is none at that place.")
    for path in sorted(folder.iterdir()):
        if path.name == WORDS:
            words_in(path)
        elif path.suffix == ".txt":
            _judge(path)
    return folder


def split(path: Path) -> tuple[Template, Template]:
    """Return subject and text of a letter's file."""
    subject, _, text = _text(path).partition("\n\n")
    return Template(subject), Template(text)


def words_in(path: Path) -> dict[str, Any]:
    """Return the words under a letter; each that is shipped must be there, with its gaps."""
    shipped = tomllib.loads((SHIPPED / WORDS).read_text(encoding="utf-8"))
    try:
        found = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as wrong:
        raise BadInput(
            f"{path.name} of your letters cannot be read ({wrong}); compare it with the shipped one."
        ) from None
    if _shape(found) != _shape(shipped):
        raise BadInput(f"{path.name} of your letters needs the words of the shipped one, each with the same gaps.")
    return found


def _judge(path: Path) -> None:
    shipped = SHIPPED / "letters" / path.name
    if not shipped.is_file():
        raise BadInput(f"{path.name} of your letters is none that Avow sends; name it as the shipped one is named.")
    subject, text = split(path)
    if (
        not subject.template.strip()
        or "\n" in subject.template
        or len(subject.template) > SUBJECT
        or not text.template.strip()
    ):
        raise BadInput(f"{path.name} of your letters needs a subject, an empty line, and a text; then start again.")
    have, want = _gaps(path), _gaps(shipped)
    if lacking := sorted(want - have - MAY_LACK):
        raise BadInput(f"{path.name} of your letters leaves out ${lacking[0]}; its readers need that, so put it in.")
    if unknown := sorted(have - want - MAY_LACK):
        raise BadInput(f"{path.name} of your letters has a gap ${unknown[0]} that nothing fills; take it out.")
    if "code" in want and not ALONE.search(text.template):
        raise BadInput(f"{path.name} of your letters needs $code alone on a line, where it is found and copied.")


def _gaps(path: Path) -> set[str]:
    found = split(path)
    if not all(one.is_valid() for one in found):
        raise BadInput(f"{path.name} of your letters has a $ that begins no gap; write $$ where you mean one.")
    return {gap for one in found for gap in one.get_identifiers()}


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"{path.name} of your letters cannot be read as UTF-8; save it so.") from None
    if len(text) > WHOLE or "\x00" in text:
        raise BadInput(f"{path.name} of your letters is longer than {WHOLE} characters, or is no text.")
    return text.replace("\r\n", "\n")


def _shape(words: Any) -> Any:
    """Return the names of words, each with its gaps; what is no word has a shape that no other has."""
    if isinstance(words, dict):
        return {name: _shape(said) for name, said in words.items()}
    said = Template(words) if isinstance(words, str) and words.strip() else None
    return frozenset(said.get_identifiers()) if said and said.is_valid() else object()
