"""
`avow policy …`: look at a policy text, and start its clause table.

Why no Django here: a lawyer's editor calls `check` on every save, so it must
answer in well under a second, on a machine without a database.

Holds:    bad input raises BadInput (exit status 2, one sentence on stderr), nothing written.
          Debts are no failure: a policy in the making has them.
"""

import importlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from avow.host.commands.policy_page import readable
from avow.policy.binding import BoundPolicy
from avow.policy.clauses import Clause
from avow.policy.debts import debts
from avow.policy.diff import Change, diff, worst
from avow.policy.drafting import draft, write_new
from avow.policy.gaps import gaps
from avow.policy.law import Profile, warnings
from avow.policy.loading import load
from avow.policy.parsing import parse
from avow.policy.reading import read_policy

LATE = ("publish", "trace")


class PolicyGroup(click.Group):
    """The group; what needs Django is loaded only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List what there is."""
        return sorted({*super().list_commands(ctx), *LATE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        if cmd_name not in LATE:
            return super().get_command(ctx, cmd_name)
        command: click.Command = importlib.import_module(f"avow.host.commands.{cmd_name}").command
        return command


@click.group("policy", cls=PolicyGroup)
def group() -> None:
    """Read a privacy policy as sentences, and bind each to what keeps it."""


@group.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option(
    "--clauses",
    "table",
    type=click.Path(path_type=Path),
    help="The clause table; without it, the one that knows the text: clauses.toml beside it, or one that Avow ships.",
)
@click.option(
    "--law",
    type=click.Choice([str(one) for one in Profile]),
    default=str(Profile.STRICTEST),
    show_default=True,
    help="Whose law is held against the text.",
)
def check(file: Path, table: Path | None, law: str, *, as_json: bool) -> None:
    """
    Show each sentence of the Markdown policy FILE with its kind and promise, then debts, gaps, and what a law asks.

    Exit status: 0 when the text was read, also with debts; 2 when it or its clause table cannot be.
    """
    loaded = load(file, table, need_table=False)
    if as_json:
        click.echo(json.dumps(as_data(loaded.bound, Profile(law)), ensure_ascii=False, indent=2))
    else:
        click.echo(readable(loaded, Profile(law), colour=sys.stdout.isatty()))


@group.command("diff")
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option("--clauses-before", "old_table", type=click.Path(path_type=Path), help="The clause table of BEFORE.")
@click.option("--clauses", "new_table", type=click.Path(path_type=Path), help="The clause table of AFTER.")
def diff_(before: Path, after: Path, old_table: Path | None, new_table: Path | None, *, as_json: bool) -> None:
    """
    Show what changed from one policy text to another: each sentence with its class and the reason for it.

    Exit status: 0 when both texts were read, changed or not; 2 when one of them or its clause table cannot be.
    """
    old, new = (load(file, table, need_table=False).bound for file, table in ((before, old_table), (after, new_table)))
    changes = diff(old, new)
    if as_json:
        click.echo(json.dumps(changes_as_data(changes), ensure_ascii=False, indent=2))
        return
    for change in changes:
        click.echo(f"{change.id}  {change.class_.value}: {change.fortune.value}; {change.why}")
        click.echo("".join(f"  {sign} {text}\n" for sign, text in (("-", change.before), ("+", change.after)) if text))
    click.echo(f"{len(changes)} changed; as a whole: {worst(changes).value}")


@group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to; without it, clauses.toml beside FILE.")
def import_(file: Path, output: Path | None) -> None:
    """
    Start a clause table for the Markdown policy FILE: every sentence with a suggested kind, to be confirmed.

    Exit status: 0 when the table was written; 2 when FILE cannot be read or the table is there already.
    """
    document = parse(read_policy(file), name=str(file))
    target = output or file.parent / "clauses.toml"
    write_new(target, draft(document, file))
    click.echo(f"{target}: {len(document.sentences)} clauses, all drafts. Confirm each, then run")
    click.echo(f"  avow policy check {file} --clauses {target}" if output else f"  avow policy check {file}")


def changes_as_data(changes: Iterable[Change]) -> dict[str, Any]:
    """Return what `diff --json` prints."""
    return {
        "changes": [
            {
                "id": change.id,
                "class": change.class_.value,
                "before": change.before,
                "after": change.after,
                "why": change.why,
            }
            for change in changes
        ]
    }


def as_data(bound: BoundPolicy, profile: Profile = Profile.STRICTEST) -> dict[str, Any]:
    """Return what `check --json` prints; also what /.well-known/privacy-policy.json is made from."""
    day = bound.document.effective_date
    return {
        "effective_date": day.isoformat() if day else None,
        "sentences": [
            {
                "id": sentence.id,
                "text": sentence.text,
                "kind": clause.kind.value if clause else None,
                "promise": promise_of(clause),
                "clause": clause.name if clause else None,
                "line": sentence.line,
                "sha256": sentence.sha256,
            }
            for sentence, clause in bound.clauses
        ],
        "debts": [
            {"code": debt.code.value, "id": debt.id, "clause": debt.clause, "sentence": debt.sentence}
            for debt in debts(bound)
        ],
        "gaps": [{"code": gap.code, "sentence": gap.sentence} for gap in gaps(bound)],
        "law": [
            {
                "id": one.demand.id,
                "asks": one.demand.asks,
                "article": one.article,
                "sentences": list(one.sentences),
                "do": one.demand.warn,
            }
            for one in warnings(bound, profile)
        ],
    }


def promise_of(clause: Clause | None) -> str | list[str] | None:
    """Return a clause's promises as a table would write them: one, a list of several, or nothing."""
    if clause is None or not clause.promises:
        return None
    return str(clause.promises[0]) if len(clause.promises) == 1 else [str(promise) for promise in clause.promises]
