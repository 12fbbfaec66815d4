"""kill -9 at any moment of an erasure: the next push goes on and ends the same.

Two harnesses: a forked child for each moment before and after something becomes durable in either database
(AVOW_SOAK=1: for each single statement), and real programs started anew at a few of them, as a worker would be.

Tried: acknowledging a store before it forgets, and puncturing the request's own key before the certificate is issued,
each fail `test_killed_at_every_moment_it_ends_the_same`.
"""

import os
import signal
import subprocess
import sys
import time

import pytest

from avow.evidence import verifier
from avow.requests import certificates, erasing
from avow.requests.models import Request
from avow.requests.states import State
from avow.vault import persons, stores
from avow.vault.actor import THE_PERSON
from tests import killing
from tests.requests.killing import push_and_die

MOST = 400  # moments in one push; an erasure has far fewer


def in_a_child(request, at):
    """Push in a forked child that dies before moment `at`; True when it was killed."""
    return killing.in_a_child(lambda: push_and_die(request, at))


def ended(person, number, log_key):
    """What an erasure leaves."""
    certificate = certificates.read(number)
    body = verifier.verify(certificate.statement, log_key.vkey)["body"]
    row = Request.objects.get(number=number)
    return {
        "state": row.state,
        "named": (row.person, row.subject, row.sealed),
        "left": sum(store.count(person) for store in stores.stores()),
        "stores": [(line["store"], line["rows"], line["left"]) for line in body["stores"]],
        "erased": persons.standing(person).erased_at is not None,
    }


@pytest.fixture
def ends_the_same(someone, complete, log_key, now):
    """Take an erasure to its end and compare what it leaves with one that nobody disturbed."""
    person = someone()
    undisturbed = ended(person, complete(erasing.ask(person, by=THE_PERSON, now=now).pk).number, log_key)

    def compare(person, request, when):
        assert ended(person, complete(request).number, log_key) == undisturbed, when

    return compare


@pytest.mark.parametrize("stage", [0, 1, 2], ids=["from-asked", "from-erased", "from-issued"])
def test_killed_at_every_moment_it_ends_the_same(someone, take_up, ends_the_same, now, stage):
    killed = 0
    for at in range(1, MOST):
        person = someone(f"p{at}@example.com", password=None)
        asked = erasing.ask(person, by=THE_PERSON, now=now)
        for _ in range(stage):
            erasing.push(asked.pk, now=now)
            take_up()
        died = in_a_child(asked.pk, at)
        killed += died
        ends_the_same(person, asked.pk, f"killed at moment {at}")
        if not died:
            break
    assert killed > 3 and not died, f"{killed} moments"


@pytest.mark.parametrize("at", [2, 7, 12, 17])
def test_a_program_that_is_killed_and_started_again_ends_the_same(someone, ends_the_same, now, at):
    person = someone()
    asked = erasing.ask(person, by=THE_PERSON, now=now)
    program = [sys.executable, "-m", "tests.requests.killing", str(asked.pk), str(at)]
    dead = subprocess.run(program, check=False, capture_output=True, env=os.environ)
    assert dead.returncode == -signal.SIGKILL, dead.stderr.decode()
    ends_the_same(person, asked.pk, f"killed at moment {at}")


def test_a_killed_push_holds_no_lock(someone, now):
    asked = erasing.ask(someone(), by=THE_PERSON, now=now)
    assert in_a_child(asked.pk, 8)
    for _ in range(600):
        progress = erasing.push(asked.pk, now=now)
        if "at work" not in (progress.waiting or ""):
            break
        time.sleep(0.1)  # the server notices a killed client when it next writes to it
    assert progress.state is State.ERASED
