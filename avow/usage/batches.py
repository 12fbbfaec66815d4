"""
The numbers of the latest batches, so that what a sender repeats counts once.

Why for an hour: a sender that got no answer asks again within seconds; kept for good, the numbers would be a second
record of who sent what.

Holds:    the file that a manifest names is whole, and changes with the events in one commit.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path

from avow.keyring.file import sync_folder, write_durably

HOUR = 3_600_000  # milliseconds
SIZE = 16 + 8  # bytes: a batch's number, and when it came


def read(lake: Path, name: str) -> dict[bytes, int]:
    """Return the batches of a file with the moments of their receipt."""
    content = (lake / name).read_bytes() if name else b""
    parts = (content[at : at + SIZE] for at in range(0, len(content), SIZE))
    return {part[:16]: int.from_bytes(part[16:], "big") for part in parts}


def write(lake: Path, known: Mapping[bytes, int], *, now_ms: int) -> str:
    """Write those of the last hour, durably, and return the file's name."""
    name = f"{secrets.token_hex(16)}.batches"
    recent = (number + at.to_bytes(8, "big") for number, at in known.items() if at > now_ms - HOUR)
    write_durably(lake / name, b"".join(recent))
    sync_folder(lake)
    return name
