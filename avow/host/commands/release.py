"""
`avow release …`: releases to partners from a shell, by the same acts as the desk's.

Holds:    a specification is a JSON file, so that it can be kept, reviewed and proposed again. Approving names an
          officer of the desk; a shell alone approves nothing.
"""

import importlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from avow.errors import BadInput, NotFound
from avow.host.shell import tables

number_argument = click.argument("release", type=click.UUID)


@click.group("release")
def group() -> None:
    """Make figures and anonymous rows for partners: propose, check, approve, publish."""


@group.command("partner")
@click.argument("called", metavar="NAME")
@click.option(
    "--contract", required=True, help="Where the contract lies; it forbids to look for people in what is given."
)
@click.option("--until", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day on which the grant ends.")
def partner(called: str, contract: str, until: datetime) -> None:
    """Name a partner that may receive releases, and print its number."""
    with tables():
        ends = until.replace(tzinfo=UTC)
        click.echo(str(room("partners").name(called, contract=contract, until=ends, now=datetime.now(UTC))))


@group.command("propose")
@click.argument("spec", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def propose(spec: Path) -> None:
    """Propose the release that the JSON file SPEC describes, and print its number."""
    try:
        given = json.loads(spec.read_text(encoding="utf-8"))
    except ValueError:
        raise BadInput(f"{spec} is no JSON; docs/explanation/releases.md shows a specification.") from None
    if not isinstance(given, dict):
        raise BadInput(f"{spec} is no specification: it is one object with names and values.")
    with tables():
        click.echo(str(room("proposing").propose(given, by=None, now=datetime.now(UTC))))


@group.command("check")
@number_argument
def check(release: UUID) -> None:
    """Say what RELEASE costs or how it would be made, and every reason against it."""
    with tables():
        row = room("releasing").check(release, now=datetime.now(UTC))
        click.echo(f"{row.state}: {json.dumps(row.figures, sort_keys=True)}")
        for reason in row.reasons:
            click.echo(f"- {reason}")


@group.command("approve")
@number_argument
@click.option("--as", "officer", required=True, help="The e-mail address of the officer who approves.")
def approve(release: UUID, officer: str) -> None:
    """Note an officer's approval of RELEASE; two different officers are needed."""
    with tables():
        person = importlib.import_module("avow.people.queries").person_at(officer, verified=True)
        if person is None:
            raise NotFound("There is no account with this address; approvals are given by officers of the desk.")
        row = room("releasing").approve(release, person, now=datetime.now(UTC))
        click.echo(f"Approved by {row.approvals.count()} of 2; it is {row.state}.")


@group.command("publish")
@number_argument
def publish(release: UUID) -> None:
    """Make RELEASE, let it out and print the path of a fresh link for the partner."""
    with tables():
        now = datetime.now(UTC)
        room("releasing").publish(release, now=now)
        click.echo(f"Published. The partner reads it at /partner/{room('handing_over').make_link(release, now=now)}")


@group.command("ledger")
@click.option("--year", type=int, help="The year of the use; without it, this one.")
def ledger(year: int | None) -> None:
    """Print what was spent of a year's privacy budget, release by release, and what is left."""
    with tables():
        now = datetime.now(UTC)
        for step in room("release_queries").burn_down(year or now.year, now=now):
            when = f"{step.at:%Y-%m-%d %H:%M}" if step.at else " " * 16
            click.echo(f"{when}  {step.what:<30} {step.spent:>5} spent {step.left:>5} left")


def room(name: str) -> Any:
    """Return a module of the sharing room; models exist only once Django stands."""
    return importlib.import_module(f"avow.sharing.{name}")
