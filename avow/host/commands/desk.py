"""`avow desk …`: who may use the privacy desk, and as what."""

import importlib
from datetime import UTC, datetime

import click

from avow.host.shell import tables
from avow.people.desk_roles import WORDS, Role

AS = click.option(
    "--role", type=click.Choice([str(role) for role in Role]), default=str(Role.OFFICER), show_default=True,
    help="What the account is at the desk.",
)  # fmt: skip


@click.group("desk")
def group() -> None:
    r"""Say who may use the privacy desk, and as what.

    \b
    officer   decides what leaves, and does all the rest
    support   answers people, and looks at somebody's data for a reason
    engineer  sees the wall, usage, releases, agents; opens nobody's data
    auditor   sees what the desk does, and changes nothing
    """


@group.command("invite")
@AS
def invite(role: str) -> None:
    """Print a link that gives one signed-in account a role at the desk, once, within an hour."""
    with tables():
        link = importlib.import_module("avow.people.desk_invitations").invite(Role(role), now=datetime.now(UTC))
    click.echo(link)
    click.echo(
        f"Whoever opens it, signed in, and presses its button has the role {role}: {WORDS[Role(role)]}.", err=True
    )
    click.echo("It is good once, for an hour.", err=True)


@group.command("grant")
@AS
@click.argument("email")
def grant(email: str, role: str) -> None:
    """Give the account of EMAIL a role at the desk, in place of the one that it has."""
    with tables():
        importlib.import_module("avow.people.desk").grant(email, datetime.now(UTC), Role(role))
    click.echo(f"This account has the role {role} at the desk now; the desk is at /desk.")


@group.command("revoke")
@click.argument("email")
def revoke(email: str) -> None:
    """Take the desk away from the account of EMAIL."""
    with tables():
        importlib.import_module("avow.people.desk").revoke(email, datetime.now(UTC))
    click.echo("This account may not use the desk any more.")


@group.command("staff")
def staff() -> None:
    """List who may use the desk: number, role, since when, and whether a second step guards it."""
    with tables():
        desk = importlib.import_module("avow.people.desk")
        for one in desk.staff():
            guarded = "second step" if desk.has_second_step(one) else "no second step: the desk is closed"
            click.echo(f"{one.person}  {one.desk_role:<9} since {one.desk_since:%Y-%m-%d}  {guarded}")
