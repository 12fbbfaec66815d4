"""
Answer strangers in even time, so that a clock does not tell what the page hides.

Why by waiting and not by doing the same work twice: a sign-up with a known address opens no
account, a reset for an unknown one finds no key; work in vain came to within a quarter of each
other, and cost a key for nothing. Waiting for as long as recent answers took hides the rest.

Holds:    an answer to sign-up, sign-in or reset comes no sooner than nine of ten recent ones were ready,
          and waits at most LONGEST. What is ready later than that is not held back.
Assumes:  each request waits in a thread of its own, as Django's ASGI handler gives it.
Does not: hide how busy the machine is.
"""

import time
from collections import defaultdict, deque
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

EVEN = frozenset({"account_signup", "account_login", "account_reset_password"})
RECENT = 32  # answers of each kind
LONGEST = 1.0  # seconds
AT_FIRST = 0.2  # seconds, while nothing is known yet


class EvenTiming:
    """Django middleware."""

    def __init__(
        self,
        get_response: Callable[[HttpRequest], HttpResponseBase],
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.get_response, self.clock, self.sleep = get_response, clock, sleep
        self.recent: dict[str, deque[float]] = defaultdict(lambda: deque([AT_FIRST], maxlen=RECENT))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, but not before most recent answers of this kind would have been ready."""
        start = self.clock()
        response = self.get_response(request)
        kind = request.resolver_match.url_name if request.resolver_match else None
        if request.method == "POST" and kind in EVEN:
            self._wait(self.recent[kind], self.clock() - start)
        return response

    def _wait(self, recent: deque[float], took: float) -> None:
        floor = min(sorted(recent)[int(len(recent) * 0.9)], LONGEST)
        recent.append(took)
        if took < floor:
            self.sleep(floor - took)
