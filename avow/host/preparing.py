"""
The last step before serving, in a process of its own: static files, the policy, the log's public key,
the folder for mails, demo people.

Why its own process: it needs Django and the service's roles, and the supervisor shall
have neither; it ends before the first visitor comes.

Holds:    the policy in force afterwards is the file that was named; without one, the one
          that was in force before; on a new home, the one that Avow brings along.
          A text that is not bound, or a setting beyond a clause, ends it before it writes. So do keys that do not
          fit the data and the log.
"""

import importlib
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import django

from avow.host.home import Home
from avow.host.reporting import guarded


def tell(**fact: object) -> None:
    """Tell the supervisor one fact, as a line of JSON."""
    sys.stdout.write(json.dumps(fact) + "\n")
    sys.stdout.flush()


@contextmanager
def timed(said: str) -> Iterator[list[str]]:
    """Tell what was done and how long it took, unless the list is emptied."""
    words, began = [said], time.monotonic()
    yield words
    if words:
        tell(said=" ".join(words), took=time.monotonic() - began)


def prepare() -> None:
    """Do what is left to do."""
    django.setup()
    steps = importlib.import_module("avow.host.steps")  # its models exist only after setup
    now = datetime.now(UTC)
    steps.whole()
    steps.fence(now)
    with timed("Style sheets and scripts are collected") as words:
        if not steps.collect(Home.from_environment()):
            words.clear()
    with timed("Policy in force:") as words:
        version, company = steps.policy(now)
        words.append(version)
    tell(company=company)
    with timed("The keys could not be rolled:") as words:
        why = steps.keys(now)
        words[:] = [*words, why] if why else []
    steps.log_key()
    steps.mailbox()
    demo(steps, now)
    if how := steps.how_to_try():
        tell(demo=how)


def demo(steps: Any, now: datetime) -> None:
    """Fill the demo, part by part, each with a line when there was something to do."""
    for said, part in (
        ("Demo people are there:", steps.demo),
        ("Made-up use for the collector:", steps.demo_use),
        ("Announced:", steps.demo_news_out),
        ("May sign people in through Avow:", steps.application),
    ):
        with timed(said) as words:
            new = part(now)
            words[:] = [said, new] if new else []
    with timed("May receive something:") as words:
        new, secrets = steps.demo_recipients(now)
        words[:] = [*words, new] if new else []
    tell(secrets=dict(secrets))


if __name__ == "__main__":
    sys.exit(guarded(prepare))
