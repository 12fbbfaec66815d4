"""
`avow export PERSON` and `avow erase PERSON`: the desk's acts from a shell.

Why the address may be asked for: what stands in a command line stands in the shell's history
and in the list of processes. Leave PERSON away, and it is read from the prompt or from stdin.

Holds:    an erasure is shown before it is done (stores, rows, what is not reached) and begins
          only after the first characters of the person's number were typed, or with --yes.
          An export is written readable by its owner alone, and never over a file that is there.
          Exit status: 0 done, 1 refused, 2 bad input, 75 begun and finished later by the worker.
"""

import importlib
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from avow.errors import BadInput, NotFound, NotYet, Refused
from avow.host.shell import tables

SHOWN = 8  # characters of the person's number that confirm an erasure
LOOKS, BETWEEN = 40, 0.25  # how often, and how many seconds apart, to look whether the log has caught up

person_argument = click.argument("person", required=False)


class NotConfirmed(Refused):
    """The number that was typed is not the person's."""

    code = "not-confirmed"


@click.command("export")
@person_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Where to; without it, a zip named after the company and the day.",
)
def export(person: str | None, output: Path | None) -> None:
    """
    Write everything that is held about PERSON to a zip file.

    PERSON is a person's number or an e-mail address; without it, it is asked for, so that it stays out of the
    shell's history. Exit status: 0 written, 1 refused, 2 bad input, 69 part of the machine is missing.
    """
    may_write(output)
    with tables():
        exporting, service = room("exporting"), actor()
        who = find(ask_for(person))
        made = exporting.export(who, now=now(), by=service, channel="shell", sleep=take_up)
        path = output or Path(made.name)
        write_new(path, made.content)
    click.echo(
        f"{path}: {len(made.content):,} bytes, request {made.number}. Hand it to this person alone, then remove it."
    )
    if made.pending:
        click.echo(
            "The log was slow: the file has no MANIFEST yet. Export again in a moment for one that can be verified."
        )


@click.command("erase")
@person_argument
@click.option("--yes", is_flag=True, help="Do not ask; for scripts that have shown the plan before.")
@click.option("--plan", "only_plan", is_flag=True, help="Show what would go, and stop.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the certificate to this file as well.")
def erase(person: str | None, output: Path | None, *, yes: bool, only_plan: bool) -> None:
    """
    Erase PERSON for good, and print the number of the certificate.

    PERSON is a person's number or an e-mail address; without it, it is asked for, so that it stays out of the
    shell's history. Exit status: 0 erased, 1 refused or not confirmed, 2 bad input, 75 begun and not at its end yet:
    the worker goes on by itself.
    """
    may_write(output)
    with tables():
        who = find(ask_for(person))
        show_plan(who)
        if only_plan:
            return
        if not yes:
            confirm(who)
        asked = room("erasing").ask(who, by=actor(), now=now(), channel="shell")
        click.echo(f"Certificate no. {asked.number}")
        carry_on(asked.pk)
        certificate = room("certificates").read(asked.number)
        if output:
            write_new(output, certificate.statement)
    for line in certificate.stores:
        click.echo(f"  {line.title:<20} {rows(line.rows)}  forgotten {line.forgotten_at:%Y-%m-%d %H:%M:%S} UTC")
    click.echo(
        f"Erased. The certificate is at /certificates/{asked.number}" + (f" and in {output}." if output else ".")
    )


def ask_for(person: str | None) -> str:
    """Take the person from the command line, or ask."""
    return person or str(click.prompt("Person (number or e-mail address)", err=True))


def find(person: str) -> UUID:
    """Return the person of this number or address."""
    try:
        return UUID(person.strip())
    except ValueError:
        pass
    if "@" not in person:
        raise BadInput("A person is named by a number (a UUID) or by an e-mail address.")
    found: UUID | None = importlib.import_module("avow.people.queries").person_at(person)
    if found is None:
        raise NotFound("Nobody here has this address; ask the person which one they signed up with.")
    return found


def show_plan(person: UUID) -> None:
    """Say what will go, from where, and what this cannot reach."""
    persons = importlib.import_module("avow.vault.persons")
    standing = persons.standing(person)
    if standing.erased_at:
        raise persons.without_key(person)
    click.echo(f"Person {person}, here since {standing.enrolled_at:%Y-%m-%d}. Erasing removes, in this order:")
    for held in room("planning").counts(person):
        click.echo(f"  {held.title:<20} {rows(held.rows)}")
    click.echo("  then the person's key, and with it every copy of what was sealed under it.\nNot reached:")
    for limit in room("limits").LIMITS:
        click.echo(click.wrap_text(limit, width=96, initial_indent="- ", subsequent_indent="  "))


def rows(number: int) -> str:
    """Put a number of rows into its column."""
    return f"{number:>6} row{' ' if number == 1 else 's'}"


def confirm(person: UUID) -> None:
    """Have the beginning of the person's number typed."""
    typed = click.prompt(f"This cannot be undone. To erase, type the first {SHOWN} characters of the number", err=True)
    if typed.strip().lower() != str(person)[:SHOWN]:
        raise NotConfirmed("That is not the beginning of this person's number; nothing was erased.")


def carry_on(request: UUID) -> None:
    """Push the erasure until its certificate can be read, saying what it waits for."""
    erasing, said = room("erasing"), None
    for _ in range(LOOKS):
        progress = erasing.push(request, now=now())
        if progress.complete:
            return
        if progress.waiting != said:
            said = progress.waiting
            click.echo(f"Waiting for {said}.", err=True)
        take_up(BETWEEN)
    raise NotYet(f"The erasure {progress.number} waits for {said}; the worker of `avow up` goes on by itself.")


def take_up(seconds: float) -> None:
    """Let the log take up what waits: the worker may not be running; when it is, one of the two does it."""
    settings = importlib.import_module("django.conf").settings
    notes = importlib.import_module("avow.evidence.notes")
    key = notes.log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN)
    if not importlib.import_module("avow.evidence.sequencing").sequence(key=key, now=now()):
        time.sleep(seconds)


def may_write(path: Path | None) -> None:
    """Refuse what could not be written, before anything is done that the file should hold."""
    if path and path.exists():
        raise BadInput(f"{path} is there already; name another file with -o.")
    if path and not os.access(path.absolute().parent, os.W_OK):
        raise BadInput(f"{path.absolute().parent} is no folder that can be written to; name another file with -o.")


def write_new(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read; refuse to write over another."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadInput(f"{path} is there already; name another file with -o.") from None
    except OSError as refused:
        raise BadInput(f"{path} cannot be written ({refused.strerror}); name another file with -o.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def room(name: str) -> Any:
    """Return a module of the requests room; models exist only once Django stands."""
    return importlib.import_module(f"avow.requests.{name}")


def actor() -> Any:
    """Return who acts: whoever has a shell here is not known by name."""
    return importlib.import_module("avow.vault.actor").SERVICE


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)
