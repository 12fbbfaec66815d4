"""
`avow hold …`: what the law has kept, placed, prolonged and released by two officers, from a shell.

Why officers are named here and not known: whoever has a shell could name two. So the log says which acts took place,
and each hold says by which numbers; docs/howto/hold-data-for-the-law.md says who should have a shell.

Holds:    the acts are the desk's, with the desk's rules; one moment is read and given to all of them. What a step does
          is shown before it is done, and a release, which cannot be undone, begins only after the first characters of
          the hold's number were typed, or with --yes. A list names nobody.
          Exit status: 0 done, 1 refused or not confirmed, 2 bad input.
"""

import importlib
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import click

from avow.errors import BadInput, Refused
from avow.host.commands import rights
from avow.host.shell import tables

DAYS = re.compile(r"\+(\d{1,4})d")
SHOWN = rights.SHOWN

hold_argument = click.argument("hold", type=click.UUID)
as_option = click.option("--as", "officer", required=True, help="The officer who signs: their number, or address.")
plan_option = click.option("--plan", "only_plan", is_flag=True, help="Show what would be done, and stop.")
until_option = click.option("--until", required=True, help="The last day, 2027-01-31, or days from now, +90d.")


@click.group("hold")
def group() -> None:
    """Keep what the law wants kept, although its person is erased; each step is signed by two officers."""


@group.command("propose")
@rights.person_argument
@click.option("--field", "names", multiple=True, required=True, help="What is kept, such as email; repeatable.")
@click.option("--basis", required=True, help="Where the basis lies: a file number, no names.")
@until_option
@click.option("--from", "since", help="Keep only values given from this day on, such as 2026-05-01.")
@click.option("--to", help="Keep only values given up to this day.")
@click.option("--gagged", is_flag=True, help="Telling the person is forbidden.")
@as_option
@plan_option
def propose(
    person: str | None, *, names: tuple[str, ...], basis: str, until: str, since: str | None, to: str | None,
    officer: str, gagged: bool, only_plan: bool,
) -> None:  # fmt: skip
    """
    Propose a hold on PERSON, and print its number. It keeps nothing until a second officer confirms it.

    PERSON is a person's number or an e-mail address; without it, it is asked for, so that it stays out of the shell's
    history.
    """
    with tables():
        now, acts = datetime.now(UTC), room("holds")
        ends, given = acts.in_bounds(moment(until, now), now), acts.Dates(day(since, time.min), day(to, time.max))
        wanted, by, who = acts.scope(names), signer(officer), rights.find(rights.ask_for(person))
        click.echo(
            f"Held of this person: {', '.join(wanted)}, {between(given.first, given.last)}, until {ends:%Y-%m-%d}."
        )
        click.echo("Everything else goes when the person is erased." + " They may not be told." * gagged)
        if only_plan:
            return
        made = acts.propose(who, wanted, basis=basis, until=ends, by=by, now=now, gagged=gagged, given=given)
    click.echo(f"Proposed as {made}. Another officer places it: avow hold confirm {made} --as NUMBER")


@group.command("confirm")
@hold_argument
@as_option
@click.option("--only", type=click.Choice(["longer", "release"]), help="Which, where a later end and a release wait.")
@click.option("--yes", is_flag=True, help="Do not ask before a release; for scripts that have shown the plan before.")
@plan_option
def confirm(hold: UUID, officer: str, *, only: str | None, yes: bool, only_plan: bool) -> None:
    """
    Confirm what waits on HOLD, as the second officer: that it is placed, prolonged or released.

    A release destroys what the hold keeps, for good: the first characters of its number are asked for.
    """
    with tables():
        now, by = datetime.now(UTC), signer(officer)
        row = room("holds").find(hold, by=by)
        what = waiting(row, only)
        show(row, now)
        click.echo(f"To be confirmed: {WAITS[what].format(row=row)}")
        if only_plan:
            return
        if what == "release" and not yes:
            ask(hold)
        sign(row, what, by, now)
    click.echo(DONE[what])


@group.command("refuse")
@hold_argument
@as_option
def refuse(hold: UUID, officer: str) -> None:
    """Take back or refuse a HOLD that was proposed and that nobody confirmed."""
    with tables():
        room("holds").refuse(hold, by=signer(officer), now=datetime.now(UTC))
    click.echo("It does not come into force.")


@group.command("prolong")
@hold_argument
@until_option
@as_option
@plan_option
def prolong(hold: UUID, until: str, officer: str, *, only_plan: bool) -> None:
    """Propose a later end for HOLD, at most ninety days from now; another officer confirms it."""
    with tables():
        now, by = datetime.now(UTC), signer(officer)
        ends = moment(until, now)
        show(room("holds").find(hold, by=by), now)
        click.echo(f"To be proposed: it ends at {ends:%Y-%m-%d %H:%M} UTC and not before.")
        if only_plan:
            return
        room("holds_prolonging").propose_longer(hold, until=ends, by=by, now=now)
    click.echo(f"Proposed. Another officer prolongs it: avow hold confirm {hold} --as NUMBER")


@group.command("release")
@hold_argument
@as_option
@plan_option
def release(hold: UUID, officer: str, *, only_plan: bool) -> None:
    """Propose to end HOLD before its day; another officer confirms, and what it kept is destroyed then."""
    with tables():
        now, by = datetime.now(UTC), signer(officer)
        show(room("holds").find(hold, by=by), now)
        click.echo("To be proposed: it ends now, and what it keeps is destroyed for good.")
        if only_plan:
            return
        room("holds_ending").propose_release(hold, by=by, now=now)
    click.echo(f"Proposed; it keeps on until another officer confirms: avow hold confirm {hold} --as NUMBER")


@group.command("list")
@click.option("--all", "also_over", is_flag=True, help="Also those that are over.")
def list_holds(*, also_over: bool) -> None:
    """List the holds, the one that ends first at the top; whose they are is not shown."""
    with tables():
        now, models, over = datetime.now(UTC), room("models"), room("holds_states").OVER
        rows = models.Hold.objects.order_by("until", "pk")
        shown = list(rows if also_over else rows.exclude(state__in=sorted(over)))
        for row in shown:
            show(row, now)
    if not shown:
        click.echo("Nothing is held.")


WAITS = {
    "placing": "the hold itself, until {row.until:%Y-%m-%d}; from then on it keeps.",
    "longer": "that it ends {row.longer_until:%Y-%m-%d} and not before.",
    "release": "that it ends now, and that what it keeps is destroyed for good.",
}
DONE = {
    "placing": "The hold stands.",
    "longer": "The hold is prolonged.",
    "release": "The hold has ended, and what it kept is destroyed.",
}


def show(row: Any, now: datetime) -> None:
    """Print one hold: what, since when, until when, and by whose numbers; never whose."""
    left = (row.until - now).days
    when = f"until {row.until:%Y-%m-%d}" + (f" ({left} days)" if left >= 0 else "")
    click.echo(f"{row.id}  {row.state:<8}  {when}  {row.basis}")
    kept = f"; its person was erased {row.kept_at:%Y-%m-%d}" if row.kept_at else ""
    click.echo(f"    {', '.join(row.fields)}, {between(row.collected_from, row.collected_to)}{kept}")
    signed = [
        f"{what} by {first}" + (f" and {second}" if second else ", waits for a second")
        for what, first, second in (
            ("placed", row.proposed_by, row.confirmed_by),
            (f"prolonged to {row.longer_until or row.until:%Y-%m-%d}", row.longer_by, row.prolonged_by),
            ("released", row.release_by, row.released_by),
        )
        if first
    ]
    click.echo("    " + "; ".join(signed))


def waiting(row: Any, only: str | None) -> str:
    """Return what of a hold waits for its second signature."""
    there = {
        "placing": row.state == "proposed",
        "longer": row.state == "standing" and row.longer_until is not None,
        "release": row.state == "standing" and row.release_by is not None,
    }
    found = [what for what, waits in there.items() if waits and only in {None, what}]
    if not found:
        raise Refused("Nothing of this hold waits to be confirmed; `avow hold list` shows what does.")
    if len(found) > 1:
        raise BadInput("A later end and a release of this hold both wait; say which: --only longer, or --only release.")
    return found[0]


def sign(row: Any, what: str, by: UUID, now: datetime) -> None:
    """Give the second signature."""
    if what == "placing":
        room("holds").confirm(row.id, by=by, now=now)
    elif what == "longer":
        room("holds_prolonging").confirm_longer(row.id, by=by, now=now, seen=row.longer_until)
    else:
        room("holds_ending").confirm_release(row.id, by=by, now=now)


def ask(hold: UUID) -> None:
    """Have the beginning of the hold's number typed."""
    typed = click.prompt(
        f"This cannot be undone. To release, type the first {SHOWN} characters of the number", err=True
    )
    if typed.strip().lower() != str(hold)[:SHOWN]:
        raise rights.NotConfirmed("That is not the beginning of this hold's number; nothing was released.")


def signer(officer: str) -> UUID:
    """Return the officer of this number or address; who may not use the desk signs nothing."""
    person = rights.find(officer)
    if not importlib.import_module("avow.people.desk").is_officer(person):
        raise Refused("This account may not use the desk, so it signs nothing; see `avow desk grant`.")
    return person


def moment(until: str, now: datetime) -> datetime:
    """Read an end: a day, to its last moment, or a number of days from now."""
    if days := DAYS.fullmatch(until.strip()):
        return now + timedelta(days=int(days[1]))
    try:
        ends: datetime = room("holds").end_of(date.fromisoformat(until.strip()), now)
    except ValueError:
        raise BadInput(f"“{until}” is neither a day such as 2027-01-31 nor a number of days such as +90d.") from None
    return ends


def day(given: str | None, at: time) -> datetime | None:
    """Read a day as its first or last moment."""
    try:
        return datetime.combine(date.fromisoformat(given.strip()), at, tzinfo=UTC) if given else None
    except ValueError:
        raise BadInput(f"“{given}” is no day; write it as 2026-05-01.") from None


def between(first: datetime | None, last: datetime | None) -> str:
    """Say between which days a value was given."""
    said = [f"{word} {at:%Y-%m-%d}" for word, at in (("from", first), ("to", last)) if at]
    return f"given {' '.join(said)}" if said else "whenever it was given"


def room(name: str) -> Any:
    """Return a module of the vault; models exist only once Django stands."""
    return importlib.import_module(f"avow.vault.{name}")
