"""`avow mail receive FILE.eml`: take in by hand a mail that came to the company's address."""

import importlib
from datetime import UTC, datetime
from pathlib import Path

import click

from avow.host.shell import tables


@click.group("mail")
def group() -> None:
    """Take in mail."""


@group.command("receive")
@click.argument("file", type=click.Path(path_type=Path))
def receive(file: Path) -> None:
    """
    Take in the mail in FILE, as if it had been put into the folder mail/in.

    FILE stays where it is: remove it yourself, for it lies in clear. The same mail twice is taken once. Exit status:
    0 taken, 2 it cannot be read.
    """
    with tables():
        now = datetime.now(UTC)
        raw = importlib.import_module("avow.communications.drop").read(file)
        row = importlib.import_module("avow.communications.mailbox").leave(raw, now=now)
        opened = importlib.import_module("avow.requests.taking_up").take(row.pk, now=now)
        row.refresh_from_db()
    for case in opened:
        click.echo(f"Case {case.number}: {case.kind}, to be answered by {case.due_at:%Y-%m-%d}.")
    if not opened:
        click.echo(
            f"Filed without a case: {row.reason or 'it carries nothing to answer, or was taken in before'}. "
            "Nothing of it is kept."
        )
