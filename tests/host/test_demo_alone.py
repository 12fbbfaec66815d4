"""The demo's letters hold codes that open accounts, so the demo is off where other machines can reach the service."""

import pytest

from avow.host import starting
from avow.host.announcing import Announcer
from avow.host.home import Home


@pytest.mark.parametrize(
    "listen, demo",
    [
        ("127.0.0.1", "1"),
        ("::1", "1"),
        ("localhost", "1"),
        ("0.0.0.0", "0"),
        ("192.0.2.7", "0"),
        ("::", "0"),
        ("avow.example", "0"),
    ],
)
def test_the_demo_is_off_beyond_loopback(tmp_path, monkeypatch, listen, demo):
    """It bites: with the check left out, /demo/mail would show anybody on the network the codes of everybody."""
    import os

    monkeypatch.setenv("DEMO", "1")
    starting.close_demo_to_others(starting.Wish(Home(tmp_path), None, listen, 8000), Announcer())
    assert os.environ["DEMO"] == demo
