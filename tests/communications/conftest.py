import pytest

from tests.communications import sink


@pytest.fixture
def relay(monkeypatch):
    """A real SMTP server that the service hands its mail to."""
    from django.conf import settings

    with sink.running() as server:
        monkeypatch.setattr(settings, "MAIL_RELAY", server.address)
        yield server
