"""
How long an answer may take: the number that the policy promises.

Holds:    the day comes from the clause that promises access and erasure (`answer_days`),
          under the version in force when the request came in.
          A policy that names no time gets thirty days, the month that the strictest
          general law allows; so no request is ever without a clock.
"""

from datetime import datetime, timedelta

from avow.evidence.versions import Version

ANSWER_DAYS = 30  # GDPR Art. 12(3): one month


def answer_days(version: Version) -> int:
    """Return how many days the policy gives for an answer."""
    number = version.bound.number("answer_days")
    return number.value if number else ANSWER_DAYS


def due(asked_at: datetime, version: Version) -> datetime:
    """Return the moment by which a request must be answered."""
    return asked_at + timedelta(days=answer_days(version))
