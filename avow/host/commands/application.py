"""`avow application …`: the company's own applications, which sign people in through Avow."""

import importlib
from datetime import UTC, datetime
from pathlib import Path

import click

from avow.errors import BadInput
from avow.host.shell import tables


@click.group("application")
def group() -> None:
    """Say which applications of the company's sign people in here."""


@group.command("register")
@click.argument("client_id")
@click.option("--name", required=True, help="What people read.")
@click.option(
    "--back", "redirect_uris", multiple=True, required=True, help="Where a sign-in leads back to; repeatable."
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="What it may be told: profile, email, phone, usage; repeatable. None: a name alone.",
)
@click.option("--signed-out", default="", help="Where it is told that somebody signed out (back-channel logout).")
@click.option("--secret-file", required=True, type=click.Path(path_type=Path), help="A file with the client secret.")
@click.option("--feature", "features", multiple=True, help="NAME=FIELD:REASON: a function that needs a field.")
def register(  # noqa: PLR0917 - one of each option
    client_id: str,
    name: str,
    redirect_uris: tuple[str, ...],
    scopes: tuple[str, ...],
    signed_out: str,
    secret_file: Path,
    features: tuple[str, ...],
) -> None:
    """Register CLIENT_ID, or bring its registration up to date."""
    secret = _secret(secret_file)
    with tables():
        relying = importlib.import_module("avow.people.relying")
        wanted = {key: relying.Feature(field, why) for key, field, why in map(_feature, features)}
        now = datetime.now(UTC)
        relying.register(
            client_id,
            name=name,
            redirect_uris=redirect_uris,
            secret=secret,
            features=wanted,
            told_at=signed_out,
            scopes=scopes,
            now=now,
        )
    click.echo(f"{name} can sign people in now; its issuer is the address of this Avow.")


def _feature(written: str) -> tuple[str, str, str]:
    key, _, rest = written.partition("=")
    field, _, reason = rest.partition(":")
    if not (key and field and reason):
        raise BadInput(
            'A feature is written NAME=FIELD:REASON, such as report-by-phone=phone:"A technician calls you."'
        )
    return key, field, reason


def _secret(path: Path) -> str:
    try:
        secret = path.read_text().strip()
    except OSError:
        raise BadInput(f"The file {path} cannot be read; put the client secret there.") from None
    if len(secret) < 20:  # noqa: PLR2004 - what nobody guesses in a lifetime of tries
        raise BadInput("The client secret is short; take at least 20 random characters.")
    return secret
