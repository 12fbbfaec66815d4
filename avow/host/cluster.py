"""
Run a private PostgreSQL below AVOW_HOME: our own small supervisor.

Why our own: the one maintained wrapper around embeddable binaries is unsafe
(docs/decisions/0004). What is here is one child process, its start and its end.

Holds:    the server listens on a unix socket in a 0700 folder and on no network;
          it dies with its parent; its log names no value that a statement held.
          Run as root, the server has a user id that nobody else has, without
          adding a user to the machine and without opening a parent folder: data
          and socket folder are handed over as /proc/self/fd links.
Assumes:  Linux. `start` runs in the main thread: the death signal fires when the
          thread that forked ends.
Does not: upgrade a data folder of another major version; `binaries.choose` refuses it.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from avow.errors import DatabaseUnavailable, NoSpace
from avow.host import binaries as installed
from avow.host import hardening, making_cluster

PORT = "5432"  # only the name of the socket's file; said everywhere so that no PGPORT changes it
SOCKET_PATH_MOST = 90  # bytes; sockaddr_un holds 107 with the file's name
LOG_MOST = 2_000_000  # bytes of server.log, after which the next start begins a new one
TRIES = 3  # of a server that ends at once with nothing in its way
PATIENCE_IN_WAY = 60.0  # seconds for an old postmaster to end
PATIENCE_READY = 20.0  # seconds for the first answer of a server that calls itself ready
PATIENCE_RECOVERY = 600.0  # seconds for a server that lives and replays its log
SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "80",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "min_wal_size": "80MB",
    "log_statement": "none",
    "log_checkpoints": "off",
    "log_min_messages": "log",  # not ERROR: its text can hold what a person typed
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


def never() -> bool:
    """Nobody asks to stop."""
    return False


@dataclass
class Cluster:
    """One private PostgreSQL; `folder` holds data/, run/ and pw."""

    folder: Path
    prefer: str | None = None  # "system" or "wheel"; None takes what fits
    options: Mapping[str, str] = field(default_factory=dict)
    stopping: Callable[[], bool] = never  # asked while waiting, so that a slow start can be interrupted
    process: subprocess.Popen[bytes] | None = None
    binaries: installed.Binaries | None = None
    descriptors: tuple[int, ...] = ()

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self.folder / "data"

    @property
    def run(self) -> Path:
        """The folder of its socket."""
        return self.folder / "run"

    @property
    def log(self) -> Path:
        """What the server says about itself."""
        return self.folder / "server.log"

    @property
    def password(self) -> str:
        """The superuser's password, readable by the installation's owner alone."""
        return (self.folder / "pw").read_text()

    @property
    def socket(self) -> str:
        """Where a client connects; a long path goes through the supervisor's own descriptor."""
        if len(os.fsencode(self.run)) <= SOCKET_PATH_MOST or not self.descriptors:
            return str(self.run)
        return f"/proc/{os.getpid()}/fd/{self.descriptors[1]}"

    @property
    def title(self) -> str:
        """Name the server for a person."""
        return f"PostgreSQL {self.binaries.version} ({self.binaries.source})" if self.binaries else "PostgreSQL"

    def address(self) -> dict[str, Any]:
        """How the service's roles reach it."""
        return {"host": self.socket, "port": PORT}

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Connect as the superuser."""
        return psycopg.connect(
            host=self.socket,
            port=PORT,
            user="postgres",
            password=self.password,
            dbname=database,
            autocommit=True,
            connect_timeout=30,
        )

    def start(self) -> None:
        """Create the cluster if there is none, start it, and return when it answers."""
        self.binaries = installed.choose(self.data, self.prefer)
        if not (self.data / "PG_VERSION").exists():
            making_cluster.make(self.folder, self.binaries, settled=self.options.get("fsync") != "off")
        if not self.descriptors:
            self.descriptors = tuple(os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in (self.data, self.run))
        until = time.monotonic() + PATIENCE_IN_WAY
        for attempt in range(1, 1000):
            self._launch()
            if self._answers():
                return
            if self.alive() or self.stopping() or time.monotonic() > until:
                raise self._why_not()
            if attempt >= TRIES and not self._in_the_way():
                raise self._why_not()
            time.sleep(0.3)

    def alive(self) -> bool:
        """Tell whether the server's process lives."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """End the server with a clean shutdown; safe to repeat."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors = ()

    def _launch(self) -> None:
        """Start the server's process as the owner of its data."""
        assert self.binaries
        data, run = self.descriptors
        settings = {**SETTINGS, "unix_socket_directories": f"/proc/self/fd/{run}", **self.options}
        command = [str(self.binaries.folder / "postgres"), "-D", f"/proc/self/fd/{data}"]
        command += [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        if self.log.exists() and self.log.stat().st_size > LOG_MOST:
            self.log.rename(self.log.with_suffix(".log.1"))
        with os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - found programs, settings of our own
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=making_cluster.environment(),
                pass_fds=[data, run], preexec_fn=as_server(self.data.stat().st_uid),  # noqa: PLW1509 - the study's recipe; no threads yet
            )  # fmt: skip

    def _answers(self) -> bool:
        """Wait until the server answers, as long as it lives: a recovery may take its time. False when it ended."""
        until = time.monotonic() + PATIENCE_RECOVERY
        while time.monotonic() < until and self.alive() and not self.stopping():
            try:
                self.connect().close()
            except psycopg.OperationalError:
                if self._says_ready():  # and yet it does not let us in: that will not pass by waiting
                    until = min(until, time.monotonic() + PATIENCE_READY)
                time.sleep(0.02)
            else:
                return True
        return False

    def _says_ready(self) -> bool:
        """Tell whether the server holds itself to be ready; it writes so into the last line of its pid file."""
        try:
            return (self.data / "postmaster.pid").read_text().rstrip().endswith("ready")
        except FileNotFoundError:
            return False

    def _in_the_way(self) -> bool:
        """Tell whether an older postmaster of this data folder still ends; a zombie stays until it is reaped."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return False
        return Path(f"/proc/{pid}").exists()

    def _why_not(self) -> DatabaseUnavailable | NoSpace:
        """Say why the server did not start."""
        said = self.log.read_bytes()[-3000:].decode(errors="replace")
        self.stop()
        if "No space left on device" in said.rpartition("starting PostgreSQL")[2]:
            return NoSpace(
                f"No space is left below {self.folder.parent}; make room there and start again. Nothing was lost."
            )
        return DatabaseUnavailable(f"PostgreSQL did not start; its last words are in {self.log}.")


def as_server(uid: int) -> Callable[[], None]:
    """Return what the child does before exec: drop to the server's user, then ask to die with the parent."""
    parent = os.getpid()

    def drop() -> None:
        os.setsid()
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        hardening.die_with_parent(parent, signal.SIGINT)  # after setuid, which clears it

    return drop
