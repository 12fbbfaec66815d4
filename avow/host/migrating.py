"""Apply every migration to both databases, as their owners; run as a process of its own."""

import django
from django.core.management import call_command


def main() -> None:
    """Migrate avow, then avow_keys."""
    django.setup()
    for alias in ("default", "avow_keys"):
        call_command("migrate", database=alias, interactive=False, verbosity=0, skip_checks=True)


if __name__ == "__main__":
    main()
