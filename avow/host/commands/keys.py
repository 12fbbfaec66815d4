"""`avow keys …`: how the epochs stand, a roll now, a backup of the key database now."""

import importlib
from datetime import UTC, datetime
from typing import Any

import click

from avow.errors import NotYet
from avow.host.shell import tables


@click.group("keys")
def group() -> None:
    """Roll the epoch keys, and see by when old copies of the key database open nothing."""


@group.command("status")
def status() -> None:
    """List the epochs, the newest first, and where the newest key backup lies."""
    now = datetime.now(UTC)
    with tables():
        standing = importlib.import_module("avow.vault.keys.standing")
        lines, late, newest = standing.lines(now=now), standing.late(now=now), standing.newest_backup()
        behind = importlib.import_module("avow.vault.keys.epochs").keyring().behind()
    if not lines:
        click.echo("No epoch has begun: nothing was ever sealed here.")
        return
    click.echo(f"{'epoch':>6}  {'state':<10} {'began':<17} {'key gone by':<17} covers")
    for line in lines:
        click.echo(f"{line.number:>6}  {line.state:<10} {said(line.began_at)}  {ends(line)} {line.covers:>7}")
        for why in line.waiting:
            click.echo(f"        waits: {why}")
    click.echo(f"Newest key backup: {newest or 'none; the next roll takes one'}")
    for folder, numbers in behind.items():
        click.echo(
            f"{folder} lacks the keys of epochs {', '.join(map(str, numbers))}; the next epoch brings them there."
        )
    for sentence in late:
        click.echo(sentence)


@group.command("roll")
@click.option("--now", "at_once", is_flag=True, help="Also when none is due, and destroy every old key at once.")
def roll(*, at_once: bool) -> None:
    """
    Do what is due: begin the next epoch, seal every cover again, back up, destroy old keys whose day has come.

    With --now all of it happens at once: key backups from before it open nothing afterwards. Exit status: 0 done,
    75 something stands in the way of destroying a key whose day has come.
    """
    with tables():
        rolling = importlib.import_module("avow.vault.keys.rolling")
        done = rolling.roll(now=datetime.now(UTC), at_once=at_once, say=lambda sentence: click.echo(sentence, err=True))
    tell(done)
    if done.waiting:
        raise NotYet(" ".join(done.waiting))


@group.command("backup")
def backup() -> None:
    """Back up the key database now, beside the backup that each roll takes."""
    with tables():
        path = importlib.import_module("avow.vault.keys.rolling").back_up(now=datetime.now(UTC))
    click.echo(f"Written and read back: {path}. It opens while its epoch's key lives.")


@group.command("sign-in")
@click.option(
    "--now", "at_once", is_flag=True, help="The new key signs at once, and no older one is believed any more."
)
def sign_in(*, at_once: bool) -> None:
    """Say which keys sign what applications are told; with --now, as after a theft, replace them."""
    with tables():
        folder = importlib.import_module("django.conf").settings.KEYRING_FOLDER
        provider_keys = importlib.import_module("avow.people.provider_keys")
        if at_once:
            provider_keys.renew(folder, now=datetime.now(UTC), at_once=True)
        for key in provider_keys.keys(folder):
            begins = said(key.not_before) if key.not_before else "the beginning  "
            click.echo(
                f"signs from {begins}  {f'believed until {said(key.expires_at)}' if key.expires_at else 'the newest'}"
            )


def tell(done: Any) -> None:
    """Say what a roll did."""
    if done.epoch is None:
        click.echo(f"No new epoch was due.{sealed(done.sealed)}")
    else:
        click.echo(f"Epoch {done.epoch} has begun.{sealed(done.sealed)}")
    if done.backup:
        click.echo(f"The key database is backed up in {done.backup}.")
    for number in done.destroyed:
        click.echo(f"The key of epoch {number} is destroyed: no copy of the key database from then opens anything.")


def sealed(count: int) -> str:
    """Say how many covers were sealed again."""
    return f" {count} cover{' was' if count == 1 else 's were'} sealed again." if count else ""


def said(moment: datetime) -> str:
    """Write a moment as a table shows it, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def ends(line: Any) -> str:
    """Say by when a key is gone, or since when."""
    return f"{said(line.destroyed_at)}* " if line.destroyed_at else f"{said(line.dies_at)}  "
