"""`avow verify`: check a certificate, export, receipt or a whole log, offline."""

import os
from pathlib import Path

import click

from avow.errors import BadInput, VerificationFailed
from avow.evidence import verifier
from avow.host.home import Home

ELSEWHERE = "The key came from this installation itself; compare it with a copy that the company cannot change."


@click.command("verify")
@click.argument("file", required=False)
@click.option("--log-key", help="The log's public key, or a file that holds it; else $AVOW_LOG_KEY, else this home's.")
@click.option("--entry", help="The entry that a bare receipt (.tlog-proof) proves.")
@click.option("--audit", help="A whole log: its URL, a folder of its files, or a file with one entry a line.")
@click.option("--checkpoint", help="The log's checkpoint, for a file of entries.")
def command(file: str | None, log_key: str | None, entry: str | None, audit: str | None, checkpoint: str | None) -> int:
    """
    Check FILE: a certificate, an export (zip) or a receipt; exit 0 verified, 1 refused, 2 cannot be asked.

    The same check without Avow: avow/evidence/verifier.py is one file that needs Python and `cryptography`.
    """
    key, own = the_key(log_key)
    try:
        click.echo(verifier.explain(verifier.ask(file, key, entry, audit, checkpoint)))
    except verifier.Refused as why:
        raise VerificationFailed(f"Refused: {why}") from why
    except (verifier.Unreadable, OSError, UnicodeDecodeError) as why:
        raise BadInput(f"Cannot check: {verifier.told(why)}") from why
    if own:
        click.echo(f"- {ELSEWHERE}")
    return 0


def the_key(log_key: str | None) -> tuple[str, bool]:
    """Return the log's key, or a file that holds it, and whether it is only this installation's own word."""
    if given := log_key or os.environ.get("AVOW_LOG_KEY"):
        return given, False
    own = Home.from_environment().root / "log.vkey"
    if not Path(own).exists():
        raise BadInput("Name the log's public key with --log-key, or set AVOW_LOG_KEY; it is served at /log/key.")
    return str(own), True
