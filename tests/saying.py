"""What this process says, for tests that search in it."""

import io
import logging

import pytest


@pytest.fixture
def said():
    """What the process writes, with the configuration that all of ours have."""
    from avow.host import logs

    out, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.Line("test"))
    handler.addFilter(logs.Worth())
    before = root.handlers[:], root.level
    root.handlers[:], root.level = [handler], logging.INFO
    yield lambda: out.getvalue().encode()
    root.handlers[:], root.level = before
