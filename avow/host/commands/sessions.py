"""`avow sessions …`: end sessions, as after a theft."""

import importlib
from datetime import UTC, datetime

import click

from avow.errors import BadInput, NotFound
from avow.host.shell import tables


@click.group("sessions")
def group() -> None:
    """End the sessions of somebody, or of everybody."""


@group.command("end")
@click.argument("email", required=False)
@click.option("--all", "everybody", is_flag=True, help="Everybody's, officers' too.")
def end(email: str | None, *, everybody: bool) -> None:
    """Sign the account of EMAIL out of every browser and every application, or with --all everybody."""
    if bool(email) == everybody:
        raise BadInput("Say whose sessions end: an address, or --all.")
    with tables():
        queries = importlib.import_module("avow.people.queries")
        signing = importlib.import_module("avow.people.signing")
        now = datetime.now(UTC)
        persons = queries.signed_in() if everybody else [queries.person_at(email)]
        if persons == [None]:
            raise NotFound("There is no account with this address; look for another one, or end all with --all.")
        ended = sum(signing.sign_out_everywhere(person, now=now) for person in persons)
    click.echo(f"{ended} session{'' if ended == 1 else 's'} ended.")
