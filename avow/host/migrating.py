"""Apply every migration to both databases, as their owners; run as a process of its own."""

import sys

import django
from django.core.management import call_command

from avow.errors import Unavailable
from avow.host.home import Home
from avow.host.reporting import as_expected, described, guarded


def migrate() -> None:
    """Migrate avow, then avow_keys."""
    try:
        django.setup()
        for alias in ("default", "avow_keys"):
            call_command("migrate", database=alias, interactive=False, verbosity=0, skip_checks=True)
    except Exception as raised:
        home = Home.from_environment()
        if as_expected(raised, home):
            raise
        raise Unavailable(f"The tables could not be brought up to date. {described(raised, home)}") from None


if __name__ == "__main__":
    sys.exit(guarded(migrate))
