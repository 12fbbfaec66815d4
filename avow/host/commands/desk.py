"""`avow desk …`: who may use the privacy desk."""

import importlib
from datetime import UTC, datetime

import click

from avow.host.shell import tables


@click.group("desk")
def group() -> None:
    """Say who may use the privacy desk."""


@group.command("invite")
def invite() -> None:
    """Print a link that makes one signed-in account an officer, once, within an hour."""
    with tables():
        link = importlib.import_module("avow.people.desk_invitations").invite(now=datetime.now(UTC))
    click.echo(link)
    click.echo(
        "Whoever opens it, signed in, and presses its button is an officer. It is good once, for an hour.", err=True
    )


@group.command("grant")
@click.argument("email")
def grant(email: str) -> None:
    """Let the account of EMAIL use the desk."""
    with tables():
        importlib.import_module("avow.people.desk").grant(email, datetime.now(UTC))
    click.echo("This account may use the desk now; it is at /desk.")


@group.command("revoke")
@click.argument("email")
def revoke(email: str) -> None:
    """Take the desk away from the account of EMAIL."""
    with tables():
        importlib.import_module("avow.people.desk").revoke(email)
    click.echo("This account may not use the desk any more.")
