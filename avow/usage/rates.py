"""
How often a network may send: a bucket of events that fills again, in memory alone.

Why by network: one household has more IPv6 addresses than fit any memory, and a host of its own is cheap in most
networks. Why by events: a batch is as much work as what is in it.

Holds:    at most `MOST` networks are remembered, the latest, in the shortened form; nothing of it is written anywhere.
          A batch is taken while anything is left, and what it cost beyond that has to come back first.
Does not: hold across processes or restarts; it stops a loop gone wrong, not an attack from many networks.
"""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

MOST = 10_000  # networks
BURST = 1200.0  # events at once
A_SECOND = 120.0  # events that come back each second
PREFIX = {4: 24, 6: 48}


class Rates:
    """Buckets by network."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allow(self, address: str) -> bool:
        """Count one event and tell whether it is within bounds; what is refused costs nothing."""
        left = self._filled(shortened(address))
        self._keep(shortened(address), left - 1 if left >= 1 else left)
        return left >= 1

    def charge(self, address: str, events: int) -> None:
        """Count more events, of a batch that was let in."""
        network = shortened(address)
        self._keep(network, self._filled(network) - events)

    def _filled(self, network: str) -> float:
        left, then = self._left.get(network, (BURST, 0.0))
        return min(BURST, left + (self._clock() - then) * A_SECOND)

    def _keep(self, network: str, left: float) -> None:
        self._left[network] = (left, self._clock())
        self._left.move_to_end(network)
        if len(self._left) > MOST:
            self._left.popitem(last=False)


def shortened(address: str) -> str:
    """Return the network of an address; what is no address stands for itself."""
    try:
        there = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    there = getattr(there, "ipv4_mapped", None) or there
    return str(ipaddress.ip_network((there, PREFIX[there.version]), strict=False))
