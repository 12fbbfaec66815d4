"""
Read a setting that names several things at once: `name=value,name=value`.

Holds:    it has each of the names, no other but those that may be left out, and none is empty; else the setting's own
          sentence refuses the start.
"""

from collections.abc import Collection

from avow.errors import BadInput


def read(
    written: str, names: Collection[str], *, refusal: str, may_have: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Return the values by their names."""
    parts = dict(part.strip().partition("=")[::2] for part in written.split(",") if part.strip())
    if set(parts) - may_have != set(names) or not all(parts.values()):
        raise BadInput(refusal)
    return parts
