"""Optimibi, served beside a live Avow: what a browser sees of both, by plain requests."""

import sys
import threading
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
for folder in ("examples", "sdk/python"):
    sys.path.insert(0, str(REPOSITORY / folder))
SECRET = bytes(range(32))  # of the agent
NUMBER = "0a9d8b1c-0000-4000-8000-00000000a9e7"  # the agent's, in Avow's register


@pytest.fixture
def make():
    """Make an Optimibi for an Avow at some address; by default at one where nobody answers."""
    from optimibi import app, settings

    def make(avow="http://127.0.0.1:9", *, port=8001, **more):
        said = {"AVOW_URL": avow, "PORT": str(port), "PARCEL_AND_POST_SECRET": SECRET.hex()}
        said["PARCEL_AND_POST_NUMBER"] = NUMBER
        made = app.create(settings.read(said | more))
        made.testing = False
        return made

    return make


@pytest.fixture
def alone(make):
    """A browser at an Optimibi whose Avow is away."""
    return make().test_client()


@pytest.fixture
def serve():
    """Serve an application on a port of this machine until the test ends."""
    from optimibi.__main__ import Quiet
    from werkzeug.serving import make_server

    servers = []

    def serve(made, port):
        server = make_server("127.0.0.1", port, made, threaded=True, request_handler=Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()
