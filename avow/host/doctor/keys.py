"""
Where keys lie, and what that place cannot promise.

Why it is never "ok" without words: a file that was overwritten and removed may live on
in flash cells, in a copy-on-write filesystem or in a snapshot of the machine. Avow's
answer is to make old bytes worthless (epochs), not to hope that they are gone.
"""

import importlib
import os
import stat
from datetime import datetime
from pathlib import Path

import psycopg
from django.db import Error as DatabaseError

from avow.errors import AvowError
from avow.host import locking
from avow.host.doctor.findings import Finding, ok, weak, wrong
from avow.host.home import Home
from avow.host.shell import tables
from avow.keyring.copies import CopiedKeyring
from avow.keyring.secret import list_of

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


def secret_files(home: Home) -> Finding:
    """Say whether every secret that was ever made is there, and for its owner's eyes alone."""
    name, folder = "secrets", key_folder(home)
    there = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    if open_ones := [path for path in there if path.stat().st_mode & OF_OTHERS]:
        paths = " ".join(map(str, open_ones))
        return wrong(name, f"{paths}: others may read it, so nothing that needs it starts.", f"chmod 600 {paths}")
    known = list_of(folder)
    made = {line.split(" ")[0] for line in known.read_text().splitlines()} if known.exists() else set()
    if lost := sorted(made - {path.stem for path in there if path.suffix == ".secret"}):
        return wrong(
            name,
            f"{', '.join(lost)}: made here once, and not in {folder} any more.",
            "Put them back from your copy of the keys folder (docs/howto/restore.md); Avow makes none in their place.",
        )
    return ok(name, f"{len(made)} in {folder}, closed to others. Keep a copy of them apart from the data.")


def copies(home: Home) -> Finding:
    """Say whether each copy of the keyring is there and has every key."""
    name, folders = "keyring copies", about_keys(home, "AVOW_KEYRING_COPIES").split(":")
    places = [Path(folder) for folder in folders if folder]
    if not places:
        return weak(
            name,
            "none: a disk that dies takes the keys with it, and then nobody's data opens.",
            "Name a folder on another disk in AVOW_KEYRING_COPIES.",
        )
    if away := [place for place in places if not place.is_dir()]:
        return wrong(name, f"{away[0]} is not there: no epoch can end.", "Mount its disk, or take it out of the list.")
    if behind := CopiedKeyring(key_folder(home), places).behind():
        folder, numbers = next(iter(behind.items()))
        return weak(
            name,
            f"{folder} lacks {len(numbers)} of the keys.",
            "Run avow keys roll --now: new keys go to every folder.",
        )
    return ok(name, f"{len(places)}, each with every key.")


def backups(home: Home) -> Finding:
    """Say whether key backups can be written, and survive what the database does not."""
    name, place = "key backups", Path(about_keys(home, "AVOW_KEY_BACKUPS") or home.root / "key-backups")
    there = next(folder for folder in (place, *place.parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        return wrong(name, f"{place} cannot be written to: no old key can die.", "Mend it, or set AVOW_KEY_BACKUPS.")
    data = home.cluster / "data"
    if data.exists() and there.stat().st_dev == data.stat().st_dev:
        return weak(
            name,
            f"{place} lies on the disk of the database: what loses one loses both, and with them what tells that a "
            "restored database is old.",
            "Name a folder on another disk in AVOW_KEY_BACKUPS.",
        )
    return ok(name, f"in {place}.")


def fitting(home: Home, now: datetime) -> Finding:
    """Say whether keys, data and log fit, as the start asks it; where nothing runs, the start will look."""
    name = "keys and data"
    if locking.holder(home.lock) is None:
        return ok(name, "not looked at: nothing runs. Each start holds them against each other; so does avow restore.")
    try:
        with tables(home):
            found = [str(finding) for finding in importlib.import_module("avow.vault.fitting").compare(now=now)]
            late = importlib.import_module("avow.vault.keys.standing").late(now=now)
    except (AvowError, DatabaseError, psycopg.Error, OSError) as refused:
        says = str(refused) if isinstance(refused, AvowError) else "the database does not answer."
        return weak(name, f"could not be looked at: {says}", "Run avow doctor again in a moment.")
    if found:
        return wrong(name, found[0], "The next start will refuse; docs/howto/restore.md has the cases.")
    if late:
        return wrong(name, " ".join(late), "avow keys status says what stands in the way.")
    return ok(name, "fit each other and the log; no key is past its day.")


def about_keys(home: Home, setting: str) -> str:
    """Return a setting about keys as the service runs with it."""
    home.recall()
    return os.environ.get(setting, "")


def key_folder(home: Home) -> Path:
    """Return where the keys lie."""
    return Path(about_keys(home, "AVOW_KEYRING") or home.keys)


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
