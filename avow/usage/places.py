"""
Where collected events lie: frames on their way, the keys that seal these, and the lake.

    usage/spool/      segments: frames under a segment key that lives for seconds to minutes
    usage/lake/       day=YYYY-MM-DD/*.parquet, and the manifest that says which of them count
    keys/segments/    one key a segment, beside the other keys, so that no backup of the lake holds one; never in a
                      keyring that machines share: each collector removes the keys of segments that are gone

Why an argument everywhere: live checks and tests walk the very same code in a place of their own.
"""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class Place:
    """One collector's folders."""

    root: Path
    keys: Path

    @property
    def spool(self) -> Path:
        """Segments that wait."""
        return self.root / "spool"

    @property
    def lake(self) -> Path:
        """Files by day, and the manifest."""
        return self.root / "lake"

    def make(self) -> "Place":
        """Create the folders, closed to other users."""
        for folder in (self.root, self.spool, self.lake, self.keys):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self


def here() -> Place:
    """Return the installation's own place."""
    return Place(settings.HOME.root / "usage", settings.HOME.root / "keys" / "segments")
