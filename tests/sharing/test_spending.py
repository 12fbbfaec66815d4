"""
Budget is reserved once, by whoever comes first, and what is spent stays spent: through threads, a kill and a hand at the database.

It bites: without the lock of the year's row eight threads spend more than there is; reserving inside the transaction
that counts gives a killed process its budget back (both tried).
"""

import os
import signal
import subprocess
import sys
import threading
from uuid import uuid4

import pytest
from django.db import DatabaseError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avow.policy.promises import Promise
from tests.sharing.conftest import NOW

pytestmark = pytest.mark.proves(Promise.AGGREGATE_RELEASE)
YEAR = NOW.year


def reserve(partner, thousandths, year=YEAR):
    from avow.sharing import spending

    return spending.reserve(partner, year, thousandths, release=uuid4(), spec_sha="0" * 64, now=NOW)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 12), st.integers(0, 1)), max_size=60))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_sequence_of_requests_spends_more_than_the_policy_allows(policy, requests):
    from avow.sharing import spending

    partners, most = [uuid4() for _ in range(4)], spending.limits(NOW)
    years = [2100 + uuid4().int % 9000, 20000 + uuid4().int % 9000]  # each example has years of its own
    for who, thousandths, year in requests:
        before = spending.spent(years[year])
        try:
            reserve(partners[who], thousandths, years[year])
        except spending.OverBudget:
            assert spending.spent(years[year]) == before
    for year in years:
        assert spending.spent(year) <= most.year
        assert all(spending.spent(year, partner=partner) <= most.partner for partner in partners)


def test_threads_never_spend_the_same_rest(policy):
    from avow.sharing import spending

    partner, refused = uuid4(), []

    def spend():
        try:
            for _ in range(16):  # more than there is, so that each is refused in the end, whoever is fastest
                reserve(partner, 10)
        except spending.OverBudget:
            refused.append(1)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (spending.spent(YEAR), len(refused)) == (120, 8)  # 12 requests fit into 125


KILLED = """
import os, signal, sys
import django; django.setup()
from datetime import UTC, datetime
from uuid import UUID
from avow.sharing import making, releasing
making.make = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
releasing.publish(UUID(sys.argv[1]), now=datetime.now(UTC), events=lambda *_: None)
"""


def test_a_killed_process_leaves_its_budget_spent(partner, officers):
    from avow.sharing import proposing, spending
    from tests.sharing.conftest import approved, figures

    release = approved(figures(partner), officers, None)
    done = subprocess.run([sys.executable, "-c", KILLED, str(release)], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    assert (spending.spent(YEAR, partner=partner.number), proposing.find(release).state) == (10, "publishing")


def test_nobody_takes_back_what_was_spent(policy):
    from avow.sharing import spending
    from avow.sharing.release_models import Spend

    number = reserve(uuid4(), 10)
    for act in (
        lambda: Spend.objects.all().delete(),
        lambda: Spend.objects.update(thousandths=1),
        lambda: Spend.objects.update(year=1999),
    ):
        with pytest.raises(DatabaseError, match="stays spent"), transaction.atomic():
            act()
    spending.commit(number, now=NOW)
    assert Spend.objects.get().committed_at == NOW


def test_a_policy_that_sets_no_budget_allows_none(publish):
    from avow.policy.purposes import Purpose
    from avow.sharing import spending

    publish(Purpose.ANONYMISED_RELEASE)
    with pytest.raises(spending.OverBudget, match="ask for less"):
        reserve(uuid4(), 1)
