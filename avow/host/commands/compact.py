"""`avow compact`: bring what was collected into the lake now, as the worker does by itself."""

import importlib
from datetime import UTC, datetime

import click

from avow.host.shell import tables


@click.command("compact")
def command() -> None:
    """Bring what was collected into the lake now."""
    with tables():
        place = importlib.import_module("avow.usage.places").here()
        count = importlib.import_module("avow.usage.compacting").compact(place, now=datetime.now(UTC))
    click.echo(f"{count} events came into the lake.")
