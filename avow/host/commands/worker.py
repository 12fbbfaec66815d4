"""`avow worker`: jobs, the log's sequencer and the live checks; `avow up` starts it."""

import click

from avow.host import working


@click.command("worker", hidden=True)
def command() -> None:
    """Work until asked to end."""
    working.work()
