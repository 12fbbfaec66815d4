"""
How often an address may send: a bucket that fills again, in memory alone.

Holds:    at most `MOST` addresses are remembered, the latest; nothing of it is written anywhere.
Does not: hold across processes or restarts; it stops a loop gone wrong, not an attack from many addresses.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

MOST = 10_000  # addresses
BURST = 120.0  # batches at once
A_SECOND = 20.0  # batches that come back each second


class Rates:
    """Buckets by address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allow(self, address: str) -> bool:
        """Count one and tell whether it is within bounds."""
        now = self._clock()
        left, then = self._left.pop(address, (BURST, now))
        left = min(BURST, left + (now - then) * A_SECOND)
        self._left[address] = (max(0.0, left - 1), now)
        if len(self._left) > MOST:
            self._left.popitem(last=False)
        return left >= 1
