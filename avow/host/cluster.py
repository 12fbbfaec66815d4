"""
Run a private PostgreSQL below AVOW_HOME: our own small supervisor.

Why our own: the one maintained wrapper around embeddable binaries is unsafe
(docs/decisions/0004). What is here is initdb, one child process and its end.

Holds:    the server listens on a unix socket in a 0700 folder and on no network;
          passwords are scram-sha-256; it dies with its parent (PR_SET_PDEATHSIG).
          Run as root, the server has a user id that nobody else has, without
          adding a user to the machine and without opening a parent folder: data
          and socket folder are handed over as /proc/self/fd links.
Assumes:  Linux. `start` runs in the main thread: the death signal fires when the
          thread that forked ends.
Does not: upgrade a data folder of another major version; `binaries.choose` refuses it.
"""

import ctypes
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from avow.errors import DatabaseUnavailable
from avow.host import binaries as installed

SERVER_UID = 61777  # unused by Debian's ranges; on later starts the owner of data/ decides
PR_SET_PDEATHSIG = 1
SOCKET_PATH_MOST = 100  # bytes; sockaddr_un holds 107 with the file's name
LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass
class Cluster:
    """One private PostgreSQL; `folder` holds data/, run/ and pw."""

    folder: Path
    prefer: str | None = None  # "system" or "wheel"; None takes what fits
    options: Mapping[str, str] = field(default_factory=dict)
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
    def password(self) -> str:
        """The superuser's password, readable by the installation's owner alone."""
        return (self.folder / "pw").read_text()

    @property
    def socket(self) -> str:
        """Where a client connects; a long path goes through the supervisor's own descriptor."""
        if len(os.fsencode(self.run)) <= SOCKET_PATH_MOST or not self.descriptors:
            return str(self.run)
        return f"/proc/{os.getpid()}/fd/{self.descriptors[1]}"

    def start(self) -> None:
        """Create the cluster if there is none, start it, and return when it answers."""
        self.binaries = installed.choose(self.data, self.prefer)
        if not (self.data / "PG_VERSION").exists():
            self._create()
        data, run = (os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in (self.data, self.run))
        self.descriptors = (data, run)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f"/proc/self/fd/{run}",
            "unix_socket_permissions": "0700",
            "max_connections": "80",
            "max_wal_size": "256MB",
            "min_wal_size": "80MB",
            "log_statement": "none",
            "log_min_error_statement": "panic",  # a failing statement's text may hold what a person typed
            "log_parameter_max_length": "0",
            "log_parameter_max_length_on_error": "0",
            **self.options,
        }
        command = [str(self.binaries.folder / "postgres"), "-D", f"/proc/self/fd/{data}"]
        command += [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        deadline = time.monotonic() + 60
        while True:
            with (self.folder / "server.log").open("ab") as log:
                self.process = subprocess.Popen(  # noqa: S603
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                    pass_fds=[data, run], preexec_fn=self._as_server(self.owner),  # noqa: PLW1509 - the study's recipe; no threads yet
                )
            if self._answers(deadline):
                return
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(f"PostgreSQL did not start; its last words are in {self.folder / 'server.log'}.")
            time.sleep(0.3)  # a dead postmaster may still be a zombie; its pid file is in the way until it is reaped

    def _answers(self, deadline: float) -> bool:
        """Wait until the server answers; False when it ended instead."""
        assert self.process
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            try:
                self.connect().close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
        return False

    @property
    def owner(self) -> int:
        """The user id that owns data/: the server runs as that user."""
        return self.data.stat().st_uid

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Connect as the superuser."""
        return psycopg.connect(
            host=self.socket, user="postgres", password=self.password, dbname=database, autocommit=True, connect_timeout=5
        )

    def stop(self) -> None:
        """End the server with a clean shutdown; safe to repeat."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors = ()

    def _create(self) -> None:
        """Run initdb in a fresh folder and move it into place, so that a crash leaves nothing half made."""
        assert self.binaries
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        password = self.folder / "pw"
        password.write_text(secrets.token_urlsafe(24))
        password.chmod(0o600)
        fresh = self.folder / "data.new"
        for folder in (fresh, self.run):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
        maker = 65534 if os.geteuid() == 0 else os.geteuid()  # nobody: initdb wants a user with a name
        os.chown(fresh, maker, -1) if os.geteuid() == 0 else None
        read, write = os.pipe()
        os.write(write, self.password.encode())
        os.close(write)
        os.fchown(read, maker, -1) if os.geteuid() == 0 else None
        descriptor = os.open(fresh, os.O_PATH | os.O_DIRECTORY)
        try:
            made = subprocess.run(  # noqa: S603
                [str(self.binaries.folder / "initdb"), "-D", f"/proc/self/fd/{descriptor}", "-U", "postgres", "-N", "-E", "UTF8",
                 "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile=/dev/fd/{read}"],
                capture_output=True, text=True, pass_fds=[descriptor, read], cwd="/", check=False,
                preexec_fn=self._as_server(maker),  # noqa: PLW1509
            )
        finally:
            os.close(descriptor)
            os.close(read)
        if made.returncode:
            raise DatabaseUnavailable(f"initdb failed: {made.stderr.strip().splitlines()[-1] if made.stderr else 'no reason given'}.")
        if os.geteuid() == 0:
            for path in [fresh, self.run, *fresh.rglob("*")]:
                os.lchown(path, SERVER_UID, SERVER_UID)
        fresh.rename(self.data)

    @staticmethod
    def _as_server(uid: int) -> Callable[[], None]:
        """Return what the child does before exec: drop to the server's user, then ask to die with the parent."""

        def drop() -> None:
            os.setsid()
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGINT)  # after setuid, which clears it

        return drop
