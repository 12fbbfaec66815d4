"""An agent with a real endpoint, and a person with values that occur nowhere else."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.requests.asking import make_someone
from tests.sharing import endpoint as endpoints


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def endpoint():
    with endpoints.running() as running:
        yield running


@pytest.fixture
def ada(policy, now):
    return SimpleNamespace(person=make_someone(password=None, now=now))


@pytest.fixture
def add_agent(policy, now):
    """Enter an agent and grant it fields."""
    from avow.sharing import agents

    def added(url, name="Parcel & Post", fields=("name", "email"), days=90):
        facts = agents.Facts(
            service="Parcels", purpose="sends the printed report that you ordered", place="Lisbon, Portugal",
            site="https://parcel.example", contact="privacy@parcel.example", endpoint=url,
        )  # fmt: skip
        number = agents.add(name, facts, now=now)
        if fields:
            agents.grant(number, fields, contract="contracts/parcel.pdf", until=now + timedelta(days=days), now=now)
        return number

    return added


@pytest.fixture
def agent(add_agent, endpoint):
    return add_agent(endpoint.url)
