"""
What people do in a home that no service runs on, for tests that put backups back: join, be erased, look whether they can sign in.

Run as a program, since each home needs a process of its own: `python -m tests.faults.living join NAME… and erase NAME…`.
"""

import json
import sys
from datetime import UTC, datetime

from avow.host.commands import rights
from avow.host.shell import tables


def now():
    return datetime.now(UTC)


def address(name):
    return f"{name}@example.com"


def join(names):
    from avow.host import demo_people

    for name in names:
        demo_people.add(f"{name} of Example", address(name), "", now=now())


def erase(names):
    from avow.people import queries
    from avow.requests import erasing
    from avow.vault.keys import seen

    for name in names:
        asked = erasing.ask(queries.person_at(address(name)), by=rights.actor(), now=now(), channel="shell")
        rights.carry_on(asked.pk)
    seen.renew(now=now())  # what the worker does every few seconds


def look(names):
    from django.contrib.auth import SESSION_KEY
    from django.test import Client

    from avow.evidence.checks import the_log_adds_up
    from avow.host import demo_people
    from avow.people import queries
    from avow.policy.purposes import Purpose
    from avow.vault import opening
    from avow.vault.actor import THE_PERSON

    found = {"log": the_log_adds_up(now())}
    for name in names:
        browser, person = Client(), queries.person_at(address(name))
        browser.post("/accounts/login/", {"login": address(name), "password": demo_people.password()})
        value = person and opening.open_field(person, "name", Purpose.RIGHTS, by=THE_PERSON, now=now())
        found[name] = {"signs in": SESSION_KEY in browser.session, "name": value}
    return found


ACTS = {"join": join, "erase": erase, "look": look}

if __name__ == "__main__":
    found = {}
    with tables():
        for words in " ".join(sys.argv[1:]).split(" and "):
            act, *names = words.split()
            found |= ACTS[act](names) or {}
    sys.stdout.write(json.dumps(found) + "\n")
