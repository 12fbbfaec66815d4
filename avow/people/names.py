"""
Names as people write them: any script, any number of words, no control characters.

Holds:    what is returned is normalised (NFC), has no character that changes the direction or
          order of the text around it, and no line break; reading it again returns the same.
Does not: judge. One letter is a name; so are four words in two scripts.
"""

import unicodedata

from avow.errors import BadInput

LONGEST = 200  # characters
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
JOINERS = frozenset({"\u200c", "\u200d"})  # written inside names in Persian and Indic scripts


def written(typed: str) -> str:
    """Return the name as it is kept."""
    if len(typed) > 4 * LONGEST:
        raise BadInput(f"A name can have up to {LONGEST} characters; please shorten it.")
    visible = "".join(c if c in JOINERS or unicodedata.category(c) not in HIDDEN else " " for c in typed)
    name = unicodedata.normalize("NFC", " ".join(visible.split()))
    if len(name) > LONGEST:
        raise BadInput(f"A name can have up to {LONGEST} characters; please shorten it.")
    return name.strip()
