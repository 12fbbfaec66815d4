"""
Where one installation keeps its state: the layout of AVOW_HOME.

    var/            0711  so that the database's own user may pass through
      lock                one Avow per home
      pg/           0700  the embedded PostgreSQL: data/, run/ (socket), pw
      keys/         0700  epoch keys, named secrets, the log's signing key
      database.json 0600  how the service's roles connect
      log.vkey            the log's public key, to be kept elsewhere as well

Holds:    everything that Avow writes lies below this one folder.
Does not: create the parts; each room makes its own folder when it first needs it.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Home:
    """One installation's folder."""

    root: Path

    @classmethod
    def from_environment(cls) -> "Home":
        """Take AVOW_HOME, or ./var."""
        return cls(Path(os.environ.get("AVOW_HOME") or "var").absolute())

    @property
    def cluster(self) -> Path:
        """The embedded PostgreSQL."""
        return self.root / "pg"

    @property
    def keys(self) -> Path:
        """Epoch keys and named secrets."""
        return self.root / "keys"

    @property
    def connections(self) -> Path:
        """The file that says how the service's roles connect."""
        return self.root / "database.json"

    @property
    def lock(self) -> Path:
        """The file that one running Avow holds a lock on."""
        return self.root / "lock"

    def make(self) -> "Home":
        """Create the folder itself, passable but not readable by others."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o711)
        return self

    def read_connections(self) -> dict[str, Any]:
        """Return the connections, or an empty table before the first start."""
        try:
            return dict(json.loads(self.connections.read_text()))
        except FileNotFoundError:
            return {}

    def write_connections(self, connections: dict[str, Any]) -> None:
        """Replace the file whole, readable by its owner alone."""
        fresh = self.connections.with_suffix(".tmp")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(connections, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self.connections)
