"""A home for benchmarks: PostgreSQL as the service runs it, both databases, Django set up on it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def house(plain: str) -> Iterator[Any]:
    """Stand up a home with fsync on, and beside it the plain tables that a benchmark compares with."""
    with tempfile.TemporaryDirectory(prefix="avow-bench-") as folder:
        Path(folder).chmod(0o711)
        os.environ.update(AVOW_HOME=folder, DJANGO_SETTINGS_MODULE="avow.host.settings", DEMO="0")
        import django  # noqa: PLC0415 - settings are read from the home that was just made

        from avow.host import bootstrap  # noqa: PLC0415
        from avow.host.cluster import Cluster  # noqa: PLC0415
        from avow.host.home import Home  # noqa: PLC0415

        cluster = Cluster(Path(folder) / "pg")
        cluster.start()
        try:
            bootstrap.prepare(Home(Path(folder)).make(), cluster.connect, cluster.socket)
            django.setup()
            with cluster.connect("avow") as admin:
                admin.execute(plain)
                for setting in ("fsync", "synchronous_commit"):
                    assert admin.execute(f"SHOW {setting}").fetchone() == ("on",)
            yield cluster
        finally:
            cluster.stop()
