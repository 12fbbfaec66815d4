"""The setting of pages: a file that lists their templates. What cannot be obeyed stops the start with a sentence."""

from pathlib import Path

from avow.errors import BadInput
from avow.usage import templates
from avow.usage.templates import Templates


def pages(written: str) -> Templates | None:
    """Return the templates in the file that AVOW_PAGES names; None when none is set."""
    if not written:
        return None
    try:
        return templates.read(Path(written).read_text())
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"AVOW_PAGES names {written}, which cannot be read as text; give the path of a file.") from None
    except BadInput as wrong:
        raise BadInput(f"AVOW_PAGES: {wrong}") from None
