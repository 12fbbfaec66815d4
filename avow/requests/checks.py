"""
Live checks of requests: somebody who is nobody goes the whole way, and no answer is late.

Holds:    a check opens nobody's data but its own canary's.
"""

from datetime import datetime, timedelta

from avow.policy.promises import Promise, watches
from avow.requests import queries, rehearsal, unused


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


@watches(Promise.DE_IDENTIFY, every=timedelta(hours=1))
def unused_accounts_go_on_their_day(now: datetime) -> str | None:
    """Look for unused accounts whose people were not told, or that outlived the day that was named to them."""
    untold, kept = unused.late(now=now)
    if untold:
        return f"{untold} unused accounts are past the day on which their people were to be told"
    if kept:
        return f"{kept} unused accounts outlived the day that their people were told"
    return None
