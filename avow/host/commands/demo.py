"""`avow demo`: fill with demo people, and say how to sign in as one."""

import importlib
from datetime import UTC, datetime

import click

from avow.host.shell import tables


@click.command("demo")
def command() -> None:
    """Fill with demo people and an officer for the desk, and say how to sign in as one."""
    with tables():
        demo_people = importlib.import_module("avow.host.demo_people")
        how = demo_people.how_to_sign_in()
        if added := demo_people.fill_once(datetime.now(UTC)):
            click.echo(f"Added: {added}.")
        click.echo(how)
