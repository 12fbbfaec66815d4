"""`avow up`: serve until asked to stop."""

import os
from pathlib import Path

import click

from avow.host import serving, starting
from avow.host.home import Home


@click.command("up")
@click.option(
    "--policy", type=click.Path(path_type=str), help="The policy text to serve; without it, the one in force."
)
@click.option("--port", type=click.IntRange(1, 65535), envvar="PORT", default=8000, show_default=True, help="Or PORT=.")
@click.option("--listen", envvar="AVOW_LISTEN", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--home", type=click.Path(path_type=Path), help="Where state is kept. [default: AVOW_HOME or ./var]")
def command(policy: str | None, port: int, listen: str, home: Path | None) -> None:
    """Start PostgreSQL, the web and the worker, and serve the policy until Ctrl-C or SIGTERM."""
    if home:
        os.environ["AVOW_HOME"] = str(home.absolute())
    starting.up(starting.Wish(Home.from_environment(), serving.named(policy), listen, port))
