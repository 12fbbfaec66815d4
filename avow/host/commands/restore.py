"""
`avow restore …`: finish putting a backup back, so that who was erased stays erased and everybody else opens.

Why a command and not the start: what it does cannot be taken back (keys are destroyed again, rows of people who were
erased go), and a start that did it by itself would do so for a mistyped folder as well.

Holds:    it shows what it found and what it would do, and does it after `restore` was typed, or with --yes.
          Exit status: 0 done or nothing to do, 1 refused or not confirmed, 2 bad input, 69 something is missing.
"""

import importlib
import os
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from avow.errors import BadInput, HomeInUse, KeyringLost, NotFound, Refused
from avow.host import locking
from avow.host.home import Home
from avow.host.servers import server_of
from avow.host.shell import tables

WORD = "restore"
plan_option = click.option("--plan", "only_plan", is_flag=True, help="Show what was found and what would be done.")
without_option = click.option(
    "--without-keys", is_flag=True,
    help="Forget the people whose key is in no key store and no backup; only when none can be found anywhere.",
)  # fmt: skip
yes_option = click.option("--yes", is_flag=True, help="Do not ask; for scripts that have shown the plan before.")


class NotConfirmed(Refused):
    """The word was not typed."""

    code = "not-confirmed"


@click.group("restore", invoke_without_command=True)
@plan_option
@yes_option
@without_option
@click.pass_context
def group(ctx: click.Context, *, only_plan: bool, yes: bool, without_keys: bool) -> None:
    """
    Make keys, data and log fit again after one of them was put back from a backup.

    Alone, it finds what does not fit and mends it; docs/howto/restore.md has the four cases. The service must be
    stopped.
    """
    if ctx.invoked_subcommand is not None:
        return
    stopped()
    with tables(fenced=False):
        found = vault("fitting").compare(now=now())
        if not found:
            click.echo("Keys, data and log fit; there is nothing to restore.")
            return
        show(found, without_keys=without_keys)
        if only_plan:
            return
        may_go_on(found)
        confirm(yes=yes)
        mend((), without_keys=without_keys)


@group.command("keys")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@plan_option
@yes_option
@without_option
def keys(file: Path | None, *, only_plan: bool, yes: bool, without_keys: bool) -> None:
    """
    Load the key backup FILE, by default the newest that opens, in place of the key database, then do `avow restore`.

    What the key database here knows of destroyed keys is carried over.
    """
    stopped()
    with tables(fenced=False):
        loading = vault("keys.loading")
        refuse_lost_secrets()
        path, header = loading.chosen(file)
        taken = datetime.fromisoformat(header.taken_at)
        click.echo(
            f"{path}: epoch {header.epoch}, taken {taken:%d %B %Y %H:%M} UTC; it replaces the key database here."
        )
        vault("keys.backups").check(path)
        if only_plan:
            return
        confirm(yes=yes)
        take_up()
        mend(loading.load(path), without_keys=without_keys)


@group.command("index")
@click.option("--all", "everything", is_flag=True, help="Look at every address, not only at those that are missing.")
def index(*, everything: bool) -> None:
    """Rebuild the index by which addresses are found, from their own ciphertext; it may be stopped and begun again."""
    stopped()
    with tables(fenced=False):
        done = vault("indexing").rebuild(now=now(), say=say, everything=everything)
    click.echo("No address was missing." if not done else f"{done:,} indexed.")


@group.command("database", context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND…")
def database(words: Sequence[str]) -> int:
    """
    Run COMMAND (psql, pg_dump, pg_restore) as the database's administrator, with the database up for that long.

    For a PostgreSQL that AVOW_DSN names, use these programs directly. Exit status: the command's own.
    """
    home = Home.from_environment()
    if not (home.cluster / "data").exists():
        raise NotFound(f"{home.root} has no database of its own; run {words[0]} on the server that AVOW_DSN names.")
    lock = None if locking.holder(home.lock) is not None else locking.take(home.lock)
    server: Any = server_of(home)
    try:
        if lock is not None:
            server.start()
        where = {"PGHOST": str(server.socket), "PGPORT": "5432", "PGUSER": "postgres", "PGPASSWORD": server.password}
        path = f"{server.binaries.folder if server.binaries else ''}:{os.environ.get('PATH', '')}".lstrip(":")
        return subprocess.run(list(words), env={**os.environ, **where, "PATH": path}, check=False).returncode  # noqa: S603 - what the operator typed
    except FileNotFoundError:
        raise BadInput(f"There is no program called {words[0]} here; install PostgreSQL's client programs.") from None
    finally:
        if lock is not None:
            server.stop()
            os.close(lock)


def stopped() -> None:
    """Refuse while the service runs: what it serves would change under it."""
    home = Home.from_environment()
    if (pid := locking.holder(home.lock)) is not None:
        raise HomeInUse(f"Avow runs on {home.root} as process {pid}; stop it, then restore.")


def show(found: Sequence[Any], *, without_keys: bool) -> None:
    """Say what was found, and what would be done."""
    click.echo("Found:")
    for finding in found:
        click.echo(f"- {finding.says}")
    steps = vault("restoring").plan(found, without_keys=without_keys)
    for step in steps:
        click.echo(f"{step.how_many:>6}  {step.says}")
    for remedy in dict.fromkeys(finding.remedy for finding in found if not steps):
        click.echo(remedy)


def may_go_on(found: Sequence[Any]) -> None:
    """Refuse where a key is missing: that must come back first."""
    case = vault("fitting").Case
    if found[0].case is case.KEYRING:
        raise KeyringLost(str(found[0]).strip())


def refuse_lost_secrets() -> None:
    """Refuse to load anything for another installation, or without the secrets; a lost epoch key is why one loads."""
    installations = vault("keys.installations")
    if not installations.there():
        folder = importlib.import_module("django.conf").settings.KEYRING_FOLDER
        raise KeyringLost(
            f"The keyring in {folder} is lost, so no backup opens; put it back from its copy, then run this again."
        )


def confirm(*, yes: bool) -> None:
    """Have the word typed."""
    if not yes and click.prompt(f"This cannot be undone. Type {WORD} to go on", err=True).strip() != WORD:
        raise NotConfirmed("Nothing was changed.")


def mend(carried: Sequence[Any], *, without_keys: bool) -> None:
    """Do it, and look once more."""
    restoring = vault("restoring")
    restoring.restore(now=now(), say=say, carried=carried, without_keys=without_keys)
    if left := vault("fitting").compare(now=now()):
        show(left, without_keys=without_keys)
        raise Refused(f"Not everything fits yet. {left[0].remedy}".strip())
    click.echo(
        "Keys, data and log fit. The log has an entry about it; a new key backup is taken. Start with `avow up`."
    )


def take_up() -> None:
    """Let the log take up what waits in the key database, which is replaced next."""
    settings = importlib.import_module("django.conf").settings
    notes = importlib.import_module("avow.evidence.notes")
    key = notes.log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN)
    while importlib.import_module("avow.evidence.sequencing").sequence(key=key, now=now()):
        pass


def say(sentence: str) -> None:
    """Say how it goes on, beside what is piped."""
    click.echo(sentence, err=True)


def vault(name: str) -> Any:
    """Return a module of the vault; models exist only once Django stands."""
    return importlib.import_module(f"avow.vault.{name}")


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)
