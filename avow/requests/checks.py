"""
Live checks of requests: somebody who is nobody goes the whole way, and no answer is late.

Holds:    a check opens nobody's data but its own canary's.
"""

from datetime import datetime, timedelta

from avow.policy.promises import Promise, watches
from avow.requests import queries, rehearsal


@watches(Promise.ACCESS_AND_ERASE, every=timedelta(hours=1))
def a_person_receives_and_can_erase_everything(now: datetime) -> str | None:
    """Plant a value in every field of a canary: its export holds each, and after its erasure nothing is left."""
    return rehearsal.rehearse(now)


@watches(Promise.ACCESS_AND_ERASE, every=timedelta(minutes=5))
def no_request_is_late(now: datetime) -> str | None:
    """Look for open requests past their day, and for erasures that began and do not come to their end."""
    if late := queries.late(now):
        return f"{late} requests were not answered by the day that the policy promises"
    if stuck := queries.stuck(now):
        return f"{stuck} erasures began more than an hour ago and have no certificate yet"
    return None
