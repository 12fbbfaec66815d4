"""The PostgreSQL to use: the one that AVOW_DSN names, or our own below the home."""

import os
from collections.abc import Callable

from avow.errors import BadInput
from avow.host.cluster import Cluster, never
from avow.host.given import Given
from avow.host.home import Home
from avow.host.supervising import Server


def server_of(home: Home, stopping: Callable[[], bool] = never) -> Server:
    """Return it, not yet started; raise BadInput when the home already has one and another is named."""
    dsn = os.environ.get("AVOW_DSN")
    if dsn and (home.cluster / "data").exists():
        raise BadInput(
            f"AVOW_DSN is set, but {home.root} already has a database of its own; unset it, or use another AVOW_HOME."
        )
    if not dsn and home.read_connections() and not (home.cluster / "data").exists():
        raise BadInput(f"{home.root} belongs to a server that AVOW_DSN named; set AVOW_DSN again.")
    if dsn:
        return Given(dsn, home)
    return Cluster(home.cluster, prefer=os.environ.get("AVOW_POSTGRES") or None, stopping=stopping)
