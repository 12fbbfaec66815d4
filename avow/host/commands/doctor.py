"""`avow doctor`: what is wrong or weak here, and what to do."""

import json
import textwrap
from dataclasses import asdict
from datetime import UTC, datetime

import click

from avow.host.doctor.examining import examine
from avow.host.doctor.findings import Finding, State
from avow.host.home import Home

WIDTH, INDENT = 100, " " * 24


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def command(*, as_json: bool) -> int:
    """Look at this machine and home; exit 0 when nothing is wrong (weak is not wrong), 1 otherwise."""
    found = examine(Home.from_environment(), datetime.now(UTC))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], indent=1))
    else:
        for finding in found:
            click.echo(line(finding))
        click.echo(f"\n{summary(found)}")
    return int(any(finding.state is State.WRONG for finding in found))


def line(finding: Finding) -> str:
    """Write one finding, with its remedy beneath."""
    first = f"  {finding.state:<6}{finding.name:<16}{finding.says}"
    text = textwrap.fill(first, WIDTH, subsequent_indent=INDENT)
    if finding.remedy:
        text += "\n" + textwrap.fill(
            f"→ {finding.remedy}", WIDTH, initial_indent=INDENT, subsequent_indent=INDENT + "  "
        )
    return text


def summary(found: list[Finding]) -> str:
    """Count the states in one sentence."""
    count = {state: sum(finding.state is state for finding in found) for state in State}
    verdict = "Something is wrong" if count[State.WRONG] else "Nothing is wrong"
    return f"{verdict}: {count[State.OK]} ok, {count[State.WEAK]} weak, {count[State.WRONG]} wrong."
