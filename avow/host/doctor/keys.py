"""
Where keys lie, and what that place cannot promise.

Why it is never "ok" without words: a file that was overwritten and removed may live on
in flash cells, in a copy-on-write filesystem or in a snapshot of the machine. Avow's
answer is to make old bytes worthless (epochs), not to hope that they are gone.
"""

import os
import stat
from pathlib import Path

from avow.host.doctor.findings import Finding, ok, weak, wrong
from avow.host.home import Home

COPIES_ON_WRITE = {"btrfs", "zfs", "bcachefs", "overlay", "nilfs2", "f2fs"}
OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keyring(home: Home) -> Finding:
    """Say what the file keyring can and cannot do here."""
    name = "keyring"
    kind = filesystem(home.keys)
    if kind in COPIES_ON_WRITE:
        return weak(
            name,
            f"files on {kind}, which writes elsewhere instead of over: a destroyed key's bytes stay until reused.",
            "Put AVOW_HOME on a filesystem that overwrites in place (ext4, xfs), better on an encrypted volume.",
        )
    return weak(
        name,
        f"files on {kind or 'an unknown filesystem'}: overwritten, flushed and removed when destroyed. Flash, "
        "snapshots of the machine and backups of this folder may keep old bytes; nobody can promise otherwise.",
        "Keep the keys folder out of every backup older than the policy's days, and encrypt the volume.",
    )


def closed(home: Home) -> Finding:
    """Say whether others may look into the home or the keys."""
    name = "home"
    if not home.root.exists():
        return ok(name, f"{home.root} does not exist yet; the first start makes it, closed to others.")
    open_ones = [path for path in (home.root, home.keys) if path.exists() and path.stat().st_mode & OF_OTHERS]
    if open_ones:
        return wrong(name, f"{open_ones[0]} is open to other users.", f"Close it: chmod 0700 {open_ones[0]}")
    return ok(name, f"state lies in {home.root}, closed to other users.")


def log_key(home: Home) -> Finding:
    """Say whether the log's public key is known to lie elsewhere as well."""
    name, kept = "log key", os.environ.get("AVOW_LOG_KEY_KEPT_AT", "")
    if kept:
        return ok(
            name, f"the log's public key is kept at {kept}, as AVOW_LOG_KEY_KEPT_AT says; Avow cannot look there."
        )
    return weak(
        name,
        "the log's public key is known to lie on this machine only: who controls it could forge a whole log.",
        f"Publish {home.root / 'log.vkey'} elsewhere, then say where in AVOW_LOG_KEY_KEPT_AT.",
    )


def filesystem(path: Path) -> str:
    """Return the kind of filesystem on which a path lies, or will lie."""
    while not path.exists():
        path = path.parent
    path, best, kind = path.resolve(), "", ""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, where, sort, *_ = line.split(" ")
        where = where.encode().decode("unicode_escape")
        if path.is_relative_to(where) and len(where) >= len(best):
            best, kind = where, sort
    return kind
