"""
The command line: a table of commands, each loaded only when it is called.

Why a table: `avow --help` shall not import Django, PostgreSQL and a web server, and
the list of what Avow can do shall be readable in one place.

Holds:    no traceback reaches a person; exit statuses as in avow.errors, 70 for a fault.
"""

import importlib
import importlib.util
import sys
from collections.abc import Sequence

import click

from avow.host.reporting import guarded

Row = tuple[str, str, str]  # name, module:attribute, what it does

COMMANDS: dict[str, Sequence[Row]] = {
    "Run": (
        ("up", "up:command", "serve: database, web and worker, until Ctrl-C"),
        ("doctor", "doctor:command", "say what is wrong or weak on this machine"),
        ("restore", "restore:group", "finish putting a backup back: keys, data and log fit again"),
        ("compact", "compact:command", "bring what was collected into the lake now"),
        ("demo", "demo:command", "fill with demo people, and a demo officer for the desk"),
    ),
    "Policy": (
        ("policy", "policy:group", "check a policy, start its clause table, trace it to code and proofs"),
        ("verify", "verify:command", "check a receipt, certificate or export, offline"),
    ),
    "Desk": (
        ("desk", "desk:group", "who may use the privacy desk"),
        ("sessions", "sessions:group", "end the sessions of somebody, or of everybody"),
        ("mail", "mail:group", "take in a mail that came to the company's address"),
        ("application", "application:group", "which of the company's applications sign people in here"),
        ("export", "rights:export", "write everything held about a person to a file"),
        ("erase", "rights:erase", "erase a person, as asked by mail or letter"),
        ("hold", "hold:group", "what the law has kept: propose, confirm, list, prolong, release"),
        ("keys", "keys:group", "roll the epoch keys; when old key backups open nothing"),
        ("release", "release:group", "figures and anonymous rows for partners: propose, check, approve, publish"),
    ),
}
HIDDEN: Sequence[Row] = (("worker", "worker:command", "the worker that `avow up` starts"),)


class Table(click.Group):
    """A group whose commands are loaded when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """List what this Avow has, in the table's order."""
        return [name for rows in COMMANDS.values() for name, place, _ in rows if there(place)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Load a command."""
        rows = [row for rows in (*COMMANDS.values(), HIDDEN) for row in rows]
        place = next((place for name, place, _ in rows if name == cmd_name), None)
        if place is None or not there(place):
            return None
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(importlib.import_module(f"avow.host.commands.{module}"), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the commands in their groups, one line each."""
        for title, rows in COMMANDS.items():
            lines = [(name, says) for name, place, says in rows if there(place)]
            if lines:
                with formatter.section(title):
                    formatter.write_dl(lines, col_max=12)


def there(place: str) -> bool:
    """Tell whether a command's module exists, without importing it."""
    return importlib.util.find_spec(f"avow.host.commands.{place.partition(':')[0]}") is not None


@click.group(cls=Table, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="avow", message="Avow %(version)s")
def avow() -> None:
    """Run a company's privacy policy: every sentence kept, proved and watched."""


def main() -> None:
    """Run the command line and end with its status."""
    sys.exit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    """Run one command and return its exit status."""
    status = 0

    def call() -> None:
        nonlocal status
        try:
            status = avow.main(list(words), prog_name="avow", standalone_mode=False) or 0
        except click.exceptions.Exit as ended:
            status = ended.exit_code
        except click.Abort:
            status = 130
        except click.ClickException as wrong:
            wrong.show()
            status = wrong.exit_code

    return guarded(call) or (status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
