"""
A live check that pretends a version waits for a real publishing, and never spoils it.

Tried: without the lock of whoever publishes, the check ends in a broken uniqueness of numbers.
"""

import threading
from datetime import UTC, datetime

from django.db import connections, transaction

from avow.evidence import pretending, versions
from avow.people.in_vain import in_vain


def test_a_check_beside_a_real_publishing_takes_the_number_after_it(policy):
    now = datetime.now(UTC)
    first, failed, found = versions.in_force(now), [], []

    def check():
        try:
            with in_vain():
                found.append(
                    pretending.publish(first.raw + b"\nOne.\n", first.clauses, effective=now.date(), now=now).number
                )
        except Exception as raised:
            failed.append(raised)
        finally:
            connections.close_all()

    beside = threading.Thread(target=check)
    with transaction.atomic():
        versions.freeze(first.raw + b"\nTwo.\n", first.clauses, now=now, published_by="a test")
        beside.start()
        beside.join(0.5)
    beside.join()
    assert (failed, found) == ([], [first.number + 2])
    assert [one.number for one in versions.all_versions()] == [first.number, first.number + 1]
