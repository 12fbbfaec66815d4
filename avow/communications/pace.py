"""
How fast mail goes: so many a second, to all and to one domain; and less, where a server says later.

Why in memory alone: a table of domains would show, for a domain of somebody's own, that they are written to. A worker
that starts anew begins carefully, and that is all it costs.

    a domain at the set rate; a server there says later: left alone for HOLD, twice as long each time, up to LONGEST;
    afterwards at a quarter of the rate, twice as fast with each mail that is taken

Holds:    no more than the rate in any second, counted as tokens (a second's worth at most are saved up).
Assumes:  one worker; two share neither tokens nor what they were told.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

HOLD, LONGEST = 30.0, 3600.0  # seconds
UNLIMITED = 0.0
SLOWEST = 0.5  # mails a second


@dataclass
class Bucket:
    """Tokens of one rate; a rate of 0 is no limit."""

    rate: float
    tokens: float = 1.0
    at: float = 0.0

    def wait(self, now: float) -> float:
        """Return how many seconds until there is a token."""
        if self.rate == UNLIMITED:
            return 0.0
        self.tokens, self.at = min(max(self.rate, 1.0), self.tokens + (now - self.at) * self.rate), now
        return max(0.0, (1.0 - self.tokens) / self.rate)

    def take(self) -> None:
        """Use one token."""
        self.tokens -= 1.0


@dataclass
class Domain:
    """What one domain is at."""

    bucket: Bucket
    held_until: float = 0.0
    held_for: float = 0.0  # seconds, the last time


@dataclass
class Pace:
    """The pace of one worker."""

    clock: Callable[[], float]
    rate: float = UNLIMITED  # mails a second in all
    domain_rate: float = UNLIMITED  # to one domain
    _all: Bucket = field(init=False)
    _domains: dict[str, Domain] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Begin with one token each."""
        self._all = Bucket(self.rate, at=self.clock())

    def wait(self, domain: str) -> float:
        """Return in how many seconds a mail to this domain may go; 0 for now, and then it is counted as gone."""
        now, one = self.clock(), self._of(domain)
        waits = max(self._all.wait(now), one.bucket.wait(now), one.held_until - now)
        if waits > 0:
            return waits
        self._all.take()
        one.bucket.take()
        return 0.0

    def later(self, domain: str) -> float:
        """Take note that a server of this domain said later; return for how many seconds it is left alone."""
        now, one = self.clock(), self._of(domain)
        if one.held_until <= now:  # what was on its way already is no second answer
            one.held_for = min(max(HOLD, 2 * one.held_for), LONGEST)
            one.held_until = now + one.held_for
            slower = (self.domain_rate or one.bucket.rate or 4 * SLOWEST) / 4
            one.bucket = Bucket(max(slower, SLOWEST), at=now)
        return one.held_until - now

    def taken(self, domain: str) -> None:
        """Take note that a server of this domain took a mail; what was slowed grows again."""
        one = self._domains.get(domain)
        if one is None or not one.held_for:
            return
        if one.bucket.rate * 2 >= (self.domain_rate or 1000.0):
            del self._domains[domain]
        else:
            one.bucket.rate *= 2

    def _of(self, domain: str) -> Domain:
        if domain not in self._domains:
            self._domains[domain] = Domain(Bucket(self.domain_rate, at=self.clock()))
        return self._domains[domain]
