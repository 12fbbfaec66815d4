"""Write the generated pages of docs/reference/: asvs, checks, commands, errors and others; or `--check` them."""

import os
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import django

from avow import errors
from avow.host import marks
from avow.host.cli import avow as cli
from avow.people.desk_roles import WORDS, Area, May, Role, in_database, may, rights
from avow.people.security_events import Event
from avow.policy.promises import CHECKS, KEEPERS, Promise
from avow.vault import catalogue
from avow.vault.catalogue import Database, Erasure, FileKind, Table

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
DESK = """Who may do what: the same table opens the pages and makes the grants in PostgreSQL, under which each page runs
(`people/desk_roles.py`). *acts* includes *sees*. Nobody at the desk changes a table by which people sign in, but that
an officer gives and takes roles. The keys lie in another database, to which none of these roles may connect.
"""
EVENTS = """Attempts to get past a door, as the service's log on standard error has them: one line each, with at most
the name of a page and a status in brackets. No line says who, from where, or what was typed. Successful sign-ins,
sign-outs and changes are acts in the log that people can check (`docs/explanation/the-log.md`). Not noted: a wrong code
that was mailed at a sign-up or a reset, since allauth tells nobody of it.

To be alarmed, count lines of one kind with whatever collects the log:
`journalctl -u avow | grep -c 'security: password-wrong'`.
"""
NOTE = "Written by `make docs` from the source; do not edit.\n"


def first_line(text: str | None) -> str:
    """Return the first sentence of a docstring."""
    return (text or "").strip().splitlines()[0] if text and text.strip() else ""


def tree(kind: type[errors.AvowError] = errors.AvowError) -> Iterator[type[errors.AvowError]]:
    """Walk the error tree from its root."""
    yield kind
    for below in kind.__subclasses__():
        yield from tree(below)


def errors_page() -> str:
    """List each error with its code, exit status and HTTP status."""
    rows = [
        f"| `{e.code}` | {e.__name__} | {e.exit_status} | {e.http_status} | {first_line(e.__doc__)} |" for e in tree()
    ]
    head = "| code | error | exit | HTTP | what it says |\n|---|---|--:|--:|---|\n"
    return (
        f"# Errors\n\n{NOTE}\nThe code is stable: pages, the API and exit codes come from it.\n\n{head}"
        + "\n".join(rows)
        + "\n"
    )


def promises_page() -> str:
    """List each promise with what it means and where it is kept."""
    head = "| promise | means | kept in |\n|---|---|---|\n"
    rows = []
    for promise in Promise:
        kept = (
            ", ".join(dict.fromkeys(f"`{keeper.__module__}`" for keeper in KEEPERS.get(promise, [])))
            or "no mechanism yet"
        )
        rows.append(f"| `{promise.value}` | {promise.meaning} | {kept} |")
    return (
        f"# Promises\n\n{NOTE}\nWhat a sentence of a policy can be bound to in its `clauses.toml`.\n\n{head}"
        + "\n".join(rows)
        + "\n"
    )


def asvs_page() -> str:
    """List each requirement of ASVS that concerns accounts, with what shows it or why nothing does."""
    rows = tomllib.loads((REFERENCE / "asvs.toml").read_text())["requirement"]
    states = Counter((row["level"], row["state"]) for row in rows)
    names = ("met", "partly", "not-met", "not-applicable")
    counts = "".join(
        f"| {level} | {' | '.join(str(states[level, name]) for name in names)} |\n"
        for level in sorted({row["level"] for row in rows})
    )
    table = "".join(
        f"| {row['id']} | {row['level']} | {row['says']} | {row['state']} | {_shown(row)} |\n" for row in rows
    )
    return (
        f"# ASVS 5.0.0, chapters V6 to V10, V14 and V16\n\n{NOTE}\n"
        "OWASP's Application Security Verification Standard, levels 1 and 2, in our own words; what is written by hand "
        "is `asvs.toml`, which says where the list comes from. Nobody but us has judged it. “Partly” often means that "
        "the mechanism is there and a test that could hold it is not.\n\n"
        f"| level | {' | '.join(names)} |\n|--:|--:|--:|--:|--:|\n{counts}\n"
        f"| requirement | level | what it asks | state | shown by, or why not |\n|---|--:|---|---|---|\n{table}"
    )


def _shown(row: dict[str, Any]) -> str:
    tests = [f"`{test.removeprefix('tests/').replace('::', ' ')}`" for test in row.get("tests", ())]
    return ". ".join(filter(None, [", ".join(tests), row.get("reason", "").rstrip(".")])) + "."


def checks_page() -> str:
    """List each live check."""
    head = "| check | watches | every | stale after | what it does |\n|---|---|--:|--:|---|\n"
    rows = [
        f"| `{c.name}` | {', '.join(c.promises)} | {c.every} | {c.max_age} | {first_line(c.run.__doc__)} |"
        for c in sorted(CHECKS.values(), key=lambda check: check.name)
    ]
    return f"# Live checks\n\n{NOTE}\n{head}" + "\n".join(rows) + "\n"


def commands(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield the help of a command and of all below it."""
    yield f"## `{context.command_path}`\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below and not below.hidden:
                yield from commands(
                    below, click.Context(below, info_name=name, parent=context, help_option_names=["-h", "--help"])
                )


def commands_page() -> str:
    """Write the help of every command."""
    context = click.Context(
        cli, info_name="avow", terminal_width=100, max_content_width=100, help_option_names=["-h", "--help"]
    )
    return f"# Commands\n\n{NOTE}\n" + "\n".join(commands(cli, context))


ON_ERASURE = {
    Erasure.SEALED: "ciphertext under the person's key; removed too",
    Erasure.DERIVED: "means nothing without the key, or goes with the person",
    Erasure.TOKEN: "random stand-ins; they go with the last person they stand for",
    Erasure.AGGREGATE: "counts in which nobody can be told apart; stay",
    Erasure.PASSING: "in clear as it came, for a moment, until it is sealed elsewhere and removed",
    Erasure.NOT_PERSONAL: "nothing of a person; stays",
}
STORED = """Everything that Avow writes down, from the rooms' own catalogues. The live checks `every-column-is-declared`
and `every-file-is-declared` compare both databases and AVOW_HOME with these lists; what stands in none is a fault.
"""


def stored_page() -> str:
    """List every table with its columns, and every kind of file."""
    meanings = "\n".join(f"| `{kind.value}` | {said} |" for kind, said in ON_ERASURE.items())
    parts = [f"# What is stored\n\n{NOTE}\n{STORED}\n| at an erasure | means |\n|---|---|\n{meanings}\n"]
    for database in Database:
        parts.append(f"## Database `{database.value}`\n")
        parts += [
            described(table) for table in sorted(catalogue.tables(), key=lambda t: t.name) if table.database == database
        ]
    head = "| file | why | store | at an erasure | closed to others |\n|---|---|---|---|---|\n"
    rows = "".join(row(kind) for kind in sorted(catalogue.files(), key=lambda kind: kind.pattern))
    files = f"## Files below AVOW_HOME\n\nThe home itself is closed to other users.\n\n{head}{rows}"
    return "\n".join([*parts, files])


def row(kind: FileKind) -> str:
    """Return a kind of file as a line of the table."""
    closed = "yes" if kind.closed else "no"
    return f"| `{kind.pattern}` | {kind.why} | {kind.store} | {kind.erasure.value} | {closed} |\n"


def described(table: Table) -> str:
    """Describe one table: what it is for, what an erasure does, and each column that says something of a person."""
    about = f"{table.why}. Store: {table.store or 'none'}; at an erasure: {table.erasure.value}.\n"
    personal = [column for column in table.columns if column.category]
    plain = ", ".join(f"`{column.name}`" for column in table.columns if not column.category)
    rows = "".join(f"| `{c.name}` | {c.category and c.category.value} | {c.why} |\n" for c in personal)
    listed = f"\n| column | kind of data | what it is |\n|---|---|---|\n{rows}" if personal else ""
    also = f"\n{'Also' if personal else 'Columns:'} {plain}.\n" if plain else ""
    return f"### `{table.name}`\n\n{about[0].upper()}{about[1:]}{listed}{also}"


def desk_page() -> str:
    """Say who may do what at the desk, and what that is in the database."""
    words = {May.ACT: "acts", May.SEE: "sees", May.NOTHING: "–"}
    roles = "".join(f"| {role} | who {does} |\n" for role, does in WORDS.items())
    lines = "".join(f"| {area} | {' | '.join(words[may(role, area)] for role in Role)} |\n" for area in Area)
    parts = [
        f"# Roles at the desk\n\n{NOTE}\n{DESK}\n| role | |\n|---|---|\n{roles}",
        f"## Areas\n\n| area | {' | '.join(Role)} |\n|---|{'---|' * len(Role)}\n{lines}",
        "## In the database\n",
    ]
    for role in Role:
        reads = ", ".join(f"`{table}`" for privilege, table in rights(role) if privilege == "SELECT")
        writes = ", ".join(
            f"`{table}`{' (rows are added and never changed)' if privilege == 'INSERT' else ''}"
            f"{f' (only {columns})' if (columns := privilege.partition('(')[2].rstrip(')').replace(',', ', ')) else ''}"
            for privilege, table in rights(role)
            if privilege != "SELECT"
        )
        parts.append(f"### `{in_database(role)}`\n\nReads {reads}.\n\nWrites {writes or 'nothing'}.\n")
    return "\n".join(parts)


def events_page() -> str:
    """List the lines that attempts leave in the service's log."""
    rows = "".join(f"| `security: {event}` | {event.meaning} |\n" for event in Event)
    return f"# Security events\n\n{NOTE}\n{EVENTS}\n| line | when |\n|---|---|\n{rows}"


def main() -> int:
    """Write what changed, or with --check say what is stale."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "avow.host.settings")
    django.setup()
    marks.load()
    pages = {
        "commands.md": commands_page(),
        "errors.md": errors_page(),
        "promises.md": promises_page(),
        "asvs.md": asvs_page(),
        "checks.md": checks_page(),
        "desk-roles.md": desk_page(),
        "security-events.md": events_page(),
        "what-is-stored.md": stored_page(),
    }
    stale = [n for n, text in pages.items() if not (REFERENCE / n).exists() or (REFERENCE / n).read_text() != text]
    if "--check" in sys.argv:
        if stale:
            print(f"Stale: {', '.join(stale)}. Run `make docs` and commit what it writes.")
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (REFERENCE / name).write_text(pages[name])
        print(f"Wrote docs/reference/{name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
