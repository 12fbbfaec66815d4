"""The machine: room, clock, memory that could reach the disk, who we are, and how people reach it."""

import os
import pwd
import resource
import stat
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from avow.errors import BadInput
from avow.host import locking, space, text_settings
from avow.host.doctor.findings import Finding, ok, weak, wrong
from avow.host.home import Home

BUILT = datetime(2026, 11, 1, tzinfo=UTC)  # no clock of a living machine shows less
ROOMY = 1000 * space.MB
OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def running(home: Home) -> Finding:
    """Say whether the service runs on this home."""
    pid = locking.holder(home.lock)
    return ok("service", f"runs as process {pid}." if pid else "does not run.")


def room(home: Home) -> Finding:
    """Say how much room is left."""
    name, left = "disk", space.left(home.root)
    says = f"{left // space.MB:,} MB left where {home.root} lies."
    if left < space.START:
        return wrong(name, says, "Make room: Avow stops below 40 MB rather than run into the wall.")
    if left < ROOMY:
        return weak(name, says, "Make room before Avow has to stop.")
    return ok(name, says)


def clock(now: datetime) -> Finding:
    """Say whether the clock can be right."""
    name = "clock"
    if now < BUILT:
        return wrong(
            name, f"shows {now:%Y-%m-%d}, before this Avow was made.", "Set the clock; deadlines depend on it."
        )
    if synchronised() is False:
        return weak(
            name, f"shows {now:%Y-%m-%d %H:%M} UTC; the kernel says it is not synchronised.", "Run an NTP service."
        )
    return ok(name, f"shows {now:%Y-%m-%d %H:%M} UTC.")


def synchronised() -> bool | None:
    """Return what is known about the clock's synchronisation; None when nothing is."""
    marker = Path("/run/systemd/timesync/synchronized")
    return marker.exists() if Path("/run/systemd/timesync").exists() else None


def core_dumps() -> Finding:
    """Say whether a crash could write memory, and keys with it, to disk."""
    name, (soft, _) = "core dumps", resource.getrlimit(resource.RLIMIT_CORE)
    if soft == 0:
        return ok(name, "off in this shell, and `avow up` forbids them for all its processes.")
    return ok(name, "allowed in this shell; `avow up` forbids them for all its processes whatever the shell says.")


def swap() -> Finding:
    """Say whether memory, and keys with it, can reach a disk."""
    name, lines = "swap", Path("/proc/swaps").read_text().splitlines()[1:]
    if not lines:
        return ok(name, "off: keys in memory stay there.")
    plain = [line.split()[0] for line in lines if not line.startswith(("/dev/zram", "/dev/dm-"))]
    if plain:
        return weak(
            name, f"{plain[0]} may receive memory that holds keys.", "Encrypt the swap, or switch it off (swapoff -a)."
        )
    return ok(name, "on compressed memory or a mapped device; see that the device is encrypted.")


def user() -> Finding:
    """Say as whom we run."""
    name, uid = "user", os.geteuid()
    try:
        known = pwd.getpwuid(uid).pw_name
    except KeyError:
        if os.environ.get("AVOW_DSN"):
            return ok(name, f"user id {uid}, without a name; that is fine with AVOW_DSN.")
        return wrong(
            name,
            f"user id {uid} has no name on this machine, and PostgreSQL's initdb wants one.",
            f"Add a line for {uid} to /etc/passwd, start as another user, or set AVOW_DSN.",
        )
    if uid == 0:
        return weak(
            name,
            "root. PostgreSQL runs under an id of its own; the web and the worker run as root.",
            "Use a user of its own.",
        )
    return ok(name, f"{known}, not root.")


def system() -> Finding:
    """Say whether this is a system that Avow was made for."""
    name = "system"
    if sys.platform != "linux":
        return wrong(name, f"{sys.platform}: the process tree needs Linux.", "Run it in a Linux container or machine.")
    if sys.version_info < (3, 11):  # noqa: UP036 - said, not assumed
        return wrong(name, f"Python {sys.version.split()[0]} is too old.", "Use Python 3.11 or newer.")
    return ok(
        name,
        f"Linux, Python {sys.version.split()[0]}, up for {time.clock_gettime(time.CLOCK_BOOTTIME) / 86400:.0f} days.",
    )


def texts() -> Finding:
    """Say where text messages go, and whether numbers can be shown to be their people's."""
    name, given = "texts", os.environ.get
    try:
        found = text_settings.gateway(
            given("AVOW_TEXT_GATEWAY", ""),
            key_file=given("AVOW_TEXT_GATEWAY_KEY", ""),
            sender=given("AVOW_TEXT_SENDER", ""),
        )
        most = text_settings.most(given("AVOW_TEXTS_AN_HOUR", "100"))
    except BadInput as wrongly:
        return wrong(name, "the settings of text messages stop the start.", str(wrongly))
    if found is None:
        return ok(
            name, "no gateway: outside the demo nobody is offered an account by a phone number, or a code to one."
        )
    says = f"go to the gateway that AVOW_TEXT_GATEWAY names, from {found.sender}, at most {most} in an hour."
    path = Path(given("AVOW_TEXT_GATEWAY_KEY", ""))
    if path.is_file() and path.stat().st_mode & OF_OTHERS:
        return wrong(name, f"{says} Others may read its key.", f"chmod 600 {path}")
    return ok(name, says)


def address() -> Finding:
    """Say whether people reach it over TLS."""
    name, url = "address", os.environ.get("AVOW_BASE_URL", "")
    if url.startswith("https://") and "AVOW_TRUSTED_PROXIES" not in os.environ:
        return wrong(
            name,
            f"{url} means a TLS proxy in front, and to Avow all its visitors are one: "
            "a few wrong passwords lock everybody out.",
            "Set AVOW_TRUSTED_PROXIES to the number of proxies of yours, usually 1.",
        )
    if url.startswith("https://"):
        return ok(name, f"{url}: cookies are for TLS only.")
    if not url:
        return weak(
            name,
            "AVOW_BASE_URL is not set: for this machine's own browser only.",
            "Set it to https://… behind a TLS proxy.",
        )
    return wrong(
        name,
        f"{url} is not https: passwords would travel in clear.",
        "Put a TLS proxy in front; set AVOW_BASE_URL=https://…",
    )
