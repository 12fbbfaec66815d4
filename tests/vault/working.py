"""
Use the vault as a working process does, over and over: sign up, seal, open, erase; and say at the end how it went.

Run as a program of its own (`python -m tests.vault.working STOP REPORT`), or called in a forked child. It ends when the file
STOP appears, and writes to REPORT whom it left alive and whom it erased; whatever goes wrong ends it at once and is written
there instead.
"""

import json
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEPT = 8  # persons whom it goes back to


def work(stop, report, *, now=NOW):
    """Work until told to stop."""
    from avow.errors import Erased
    from avow.policy.purposes import Purpose
    from avow.vault import erasure, opening, sealing
    from avow.vault.actor import SERVICE, THE_PERSON
    from avow.vault.enrolment import enrol

    alive, erased = [], []

    def reads(person):
        return opening.open_field(person, "nickname", Purpose.RIGHTS, by=SERVICE, now=now)

    def turn():
        person = enrol(now=now)
        sealing.put(person, "nickname", str(person), source="a test", now=now)
        alive.append(person)
        for one in alive[-KEPT:]:
            assert reads(one) == str(one)
        if len(alive) % 3 == 0:
            gone = alive.pop(-2)
            erasure.erase(gone, request=uuid4(), asked_by=THE_PERSON, now=now)
            erased.append(gone)
            try:
                reads(gone)
            except Erased:
                return
            raise AssertionError("an erased person opens")

    try:
        while not Path(stop).exists():
            turn()
            begun(report).touch()
        said = {"alive": alive, "erased": erased}
    except Exception:
        said = {"failed": traceback.format_exc()}
    Path(report).write_text(json.dumps(said, default=str))


def begun(report):
    """Where a worker says that it has been through one turn."""
    return Path(f"{report}.begun")


def read(report):
    """Return whom a worker left alive and whom it erased; it must not have failed."""
    said = json.loads(Path(report).read_text())
    assert "failed" not in said, said["failed"]
    return [UUID(one) for one in said["alive"]], [UUID(one) for one in said["erased"]]


def declare():
    """Declare the one field that it seals; a program of its own has no fixture that does."""
    from avow.policy.categories import Category
    from avow.policy.promises import Promise
    from avow.policy.purposes import Purpose
    from avow.vault import catalogue

    catalogue.FIELDS["nickname"] = catalogue.PersonalField(
        "nickname", "Nickname", Category.NAME, frozenset(Purpose), False, "a test", "nobody", "a test",
        Promise.GIVEN_DATA,
    )  # fmt: skip


if __name__ == "__main__":
    import django

    django.setup()
    declare()
    work(*sys.argv[1:])
