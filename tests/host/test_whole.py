"""A house with a part missing does not start."""

import pytest

from avow.errors import Unavailable
from avow.host import steps
from avow.people import ports


def test_the_house_as_it_is_is_whole():
    steps.whole()


def test_a_port_that_nobody_fills_stops_the_start(monkeypatch):
    """It bites: communications is not installed, so no code would ever reach anybody."""
    monkeypatch.setattr(ports, "_filled", [])
    with pytest.raises(Unavailable, match="Nobody delivers"):
        steps.whole()
