import pytest

from tests.communications import provider_player, sink


@pytest.fixture
def relay(monkeypatch):
    """A real SMTP server that the service hands its mail to."""
    from django.conf import settings

    with sink.running() as server:
        monkeypatch.setattr(settings, "MAIL_RELAY", server.address)
        yield server


@pytest.fixture
def reader(policy):
    """Make a person with an account and an address, confirmed unless said otherwise; nobody signs in, so no password."""
    from datetime import UTC, datetime

    from allauth.account.models import EmailAddress

    from avow.people import given
    from avow.people.models import Account
    from avow.vault import enrolment
    from avow.vault.enrolment import PersonKind

    def make(address="ada@example.com", *, confirmed=True):
        now = datetime.now(UTC)
        account = Account(person=enrolment.enrol(kind=PersonKind.ACCOUNT, now=now), opened_at=now)
        account.set_unusable_password()
        account.save(force_insert=True)
        given.keep(account.person, "email", address, source="sign-up", now=now)
        EmailAddress.objects.create(user=account, email=address, verified=confirmed, primary=True)
        return account.person

    return make


@pytest.fixture
def texts(monkeypatch):
    """A real HTTP gateway that the service hands its text messages to."""
    from django.conf import settings

    from tests.communications import gateway

    with gateway.running() as server:
        monkeypatch.setattr(settings, "TEXT_GATEWAY", server.setting)
        yield server


@pytest.fixture(params=provider_player.NAMES)
def provider(request, monkeypatch):
    """A mail provider that takes the service's mail by its own interface, each in turn."""
    from django.conf import settings

    with provider_player.running(request.param) as player:
        monkeypatch.setattr(settings, "MAIL_PROVIDER", player.provider())
        yield player
