"""
Which PostgreSQL, how old, and whether it notices a page that the disk garbled.

Does not: look up newer releases; the newest known when Avow was made are in
          releases.toml, and the sentence says until when.
"""

import os
import tomllib
from pathlib import Path
from typing import Any

import psycopg

from avow.errors import AvowError
from avow.host import binaries
from avow.host.doctor.findings import Finding, ok, weak, wrong
from avow.host.given import Given
from avow.host.home import Home

RELEASES = Path(__file__).with_name("releases.toml")


def postgresql(home: Home) -> Finding:
    """Say which server this home uses and how old it is."""
    name = "postgresql"
    try:
        title, version = in_use(home)
    except AvowError as refused:
        return wrong(name, str(refused), "Do what the sentence says, then start again.")
    return aged(name, title, version, tomllib.loads(RELEASES.read_text()))


def in_use(home: Home) -> tuple[str, str]:
    """Return the server's title and version."""
    if dsn := os.environ.get("AVOW_DSN"):
        given = Given(dsn, home)
        given.start()
        return given.title, given.version
    chosen = binaries.choose(home.cluster / "data", os.environ.get("AVOW_POSTGRES") or None)
    return f"PostgreSQL {chosen.version} ({chosen.source})", chosen.version


def aged(name: str, title: str, version: str, releases: dict[str, Any]) -> Finding:
    """Compare a version with the newest that was known."""
    until = releases["known_until"]
    major, _, minor = version.partition(".")
    newest = releases["newest"].get(major)
    if newest is None:
        return ok(name, f"{title}: newer than what Avow knows about ({until}); look for its updates yourself.")
    behind = int(newest["version"].partition(".")[2]) - int(minor or 0)
    if behind > 0:
        return weak(
            name,
            f"{title}: {newest['version']} came out in {newest['released']}; this one lacks its security fixes.",
            "Update the system's PostgreSQL and restart Avow, or give AVOW_DSN a newer server."
            if "(wheel)" not in title
            else "Install the system's PostgreSQL in the same major version, or use AVOW_DSN; the wheel follows late.",
        )
    return ok(name, f"{title}: the newest known in {until}; Avow asks no network, so newer ones are unknown to it.")


def checksums(home: Home) -> Finding:
    """Say whether the server would notice a garbled page."""
    name = "data checksums"
    answer = ask(home, "SHOW data_checksums")
    if answer is None:
        return ok(name, "not asked: the database does not run. Those that Avow makes have them.")
    if answer == "on":
        return ok(name, "on: a page that the disk garbled is noticed when it is read.")
    return weak(
        name, "off: a page that the disk garbled is taken for data.", "Stop the server and run pg_checksums --enable."
    )


def connection_limit(home: Home) -> Finding:
    """Say whether there are connections enough."""
    name, needed = "connections", 60
    answer = ask(home, "SHOW max_connections")
    if answer is None:
        return ok(name, "not asked: the database does not run.")
    if int(answer) >= needed:
        return ok(name, f"{answer} allowed; Avow uses up to {needed}.")
    return weak(name, f"{answer} allowed; Avow uses up to {needed}.", f"Raise max_connections to {needed} or more.")


def ask(home: Home, question: str) -> str | None:
    """Ask the running server as the application's role; None when none answers."""
    known = home.read_connections()
    if not known:
        return None
    try:
        with psycopg.connect(
            host=known["host"], port=known["port"], user="avow_app", dbname="avow",
            password=known["passwords"]["avow_app"], connect_timeout=3, **known.get("options", {}),
        ) as connection:  # fmt: skip
            row = connection.execute(question.encode()).fetchone()
    except psycopg.Error:
        return None
    return str(row[0]) if row else None
