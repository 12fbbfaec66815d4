"""`avow policy publish FILE`: the desk's act from a shell: look, then freeze, announce and tell."""

import importlib
from datetime import UTC, datetime
from pathlib import Path

import click

from avow.errors import BindingWrong
from avow.host.commands.hold import signer
from avow.host.shell import tables
from avow.policy.loading import load


@click.command("publish")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--clauses", "table", type=click.Path(path_type=Path), help="The clause table; else clauses.toml beside it."
)
@click.option("--announce", "text", default="", help="What stands on the site and in every letter, in plain words.")
@click.option(
    "--as", "officers", multiple=True,
    help="An officer who signs, by number or address: two for anything beyond wording, or one to put it forward.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would change and who would be told; write nothing.")
def command(file: Path, table: Path | None, text: str, officers: tuple[str, ...], *, dry_run: bool) -> None:
    """
    Publish the Markdown policy FILE as the next version: frozen, announced on the site, told to every account.

    Anything beyond wording takes two officers: name both, or one, and the other publishes it from the desk.
    A change beyond wording and narrowing must take effect as many days ahead as the policy in force lets people know.
    Exit status: 0 published, or nothing stands against it; 2 when the text, its table or its date is refused.
    """
    loaded = load(file, table)
    if loaded.table is None:
        raise BindingWrong(f"No clause table knows the sentences of {file}; name one with --clauses.")
    raw, clauses, now = loaded.raw, loaded.table.read_bytes(), datetime.now(UTC)
    with tables():
        publishing = importlib.import_module("avow.communications.publishing")
        proposed = publishing.propose(raw, clauses, now=now)
        for change in proposed.changes:
            click.echo(f"§ {change.id}  {change.class_.value}: {change.fortune.value}; {change.why}")
        click.echo(f"As a whole: {proposed.class_.value}. Takes effect {proposed.effective:%-d %B %Y}.")
        foreseen = importlib.import_module("avow.web.reading.foreseen").foresee(proposed, now=now)
        for effect in foreseen.effects:
            click.echo(f"{effect.number:>9} {effect.unit}{'' if effect.number == 1 else 's'} {effect.says}")
        for number in foreseen.numbers:
            click.echo(f"{number.name}: {number.before} before, {number.after} after ({number.means})")
        if dry_run:
            click.echo(f"Would be told to {proposed.audience} accounts. Nothing was written.")
            return
        signed = tuple(signer(one) for one in officers)
        if len(signed) == 1:
            made = importlib.import_module("avow.communications.next_text").submit(
                raw, clauses, text=text, by=signed[0], now=now
            )
        else:
            made = publishing.publish(raw, clauses, text=text, by="avow policy publish", now=now, signed=signed)
    if not hasattr(made, "number"):
        click.echo("Put forward; nothing is published yet. Another officer publishes it at /desk/policy.")
        return
    click.echo(f"Published as version {made.number}, announced; {proposed.audience} accounts are being told.")
