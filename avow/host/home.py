"""
Where one installation keeps its state: the layout of AVOW_HOME, all of it closed to other users.

    var/            0700
      lock                one Avow per home; names the process that holds it
      pg/                 the embedded PostgreSQL: data/, run/ (socket), pw
      keys/               epoch keys, named secrets, the log's signing key, one short-lived key a segment
      keys.known          which named secrets were ever made here, as commitments
      usage/              spool/ of what is collected, lake/ of what was worked up
      database.json       how the service's roles connect
      static/             style sheets and scripts, collected for the web server
      mail/in/            a mail that is put here as *.eml came to the mailbox, and is removed
      faults.log          where unexpected faults are described, naming nobody
      log.vkey            the log's public key, to be kept elsewhere as well
      key-backups/        sealed backups of the key database, one for each roll (AVOW_KEY_BACKUPS)
      remembered.json     the settings about keys with which the service runs, for commands from another shell

Holds:    everything that Avow writes lies below this one folder. A folder that holds
          something else is refused, so that a mistyped AVOW_HOME closes no one's folder.
Does not: create the parts; each room makes its own folder when it first needs it, and declares its files in its
          catalogue, against which a live check holds all that lies here.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avow.errors import BadInput

REMEMBERED = "remembered.json"
ABOUT_KEYS = (
    "AVOW_KEYRING", "AVOW_KEYRING_COPIES", "AVOW_KEY_BACKUPS", "AVOW_KEY_BACKUP_DAYS", "AVOW_STANDBYS", "AVOW_LOG_SEEN",
)  # fmt: skip
MARKS = ("pg", "keys", "lock", "database.json", "faults.log")  # a folder with any of these is a home


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
        """Epoch keys and named secrets: here, or in the folder that AVOW_KEYRING names, which machines share."""
        return Path(os.environ.get("AVOW_KEYRING") or self.root / "keys").absolute()

    @property
    def connections(self) -> Path:
        """The file that says how the service's roles connect."""
        return self.root / "database.json"

    @property
    def lock(self) -> Path:
        """The file that one running Avow holds a lock on."""
        return self.root / "lock"

    @property
    def static(self) -> Path:
        """Collected style sheets and scripts."""
        return self.root / "static"

    @property
    def faults(self) -> Path:
        """Where unexpected faults are described."""
        return self.root / "faults.log"

    def make(self) -> "Home":
        """Create the folder itself and close it to others; refuse one that holds something else."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise BadInput(
                f"{self.root} is not a folder; set AVOW_HOME to a folder, or to one that can be made."
            ) from None
        if not any((self.root / mark).exists() for mark in MARKS) and any(self.root.iterdir()):
            raise BadInput(f"{self.root} holds other files; set AVOW_HOME to an empty folder, or one that Avow made.")
        self.root.chmod(0o700)
        return self

    def read_connections(self) -> dict[str, Any]:
        """Return the connections, or an empty table before the first start."""
        try:
            return dict(json.loads(self.connections.read_text()))
        except FileNotFoundError:
            return {}

    def write_connections(self, connections: dict[str, Any]) -> None:
        """Replace the file whole, readable by its owner alone."""
        _replace(self.connections, connections)

    def remember(self) -> None:
        """Write down the settings about keys with which the service runs."""
        _replace(self.root / REMEMBERED, {name: os.environ[name] for name in ABOUT_KEYS if os.environ.get(name)})

    def recall(self) -> None:
        """Take the settings about keys that the service runs with, where this process was given none.

        A command from another shell that rolled keys into another folder, or asked no standby, would do harm.
        """
        try:
            remembered = json.loads((self.root / REMEMBERED).read_text())
        except FileNotFoundError:
            return
        for name in ABOUT_KEYS:
            if name in remembered:
                os.environ.setdefault(name, remembered[name])


def _replace(path: Path, content: dict[str, Any]) -> None:
    fresh = path.with_suffix(".tmp")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
