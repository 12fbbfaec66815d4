"""
Answer strangers in even time, so that a clock does not tell what the page hides.

Why by waiting and not by doing the same work twice: a sign-up with a known address opens no
account, a reset for an unknown one finds no key; work in vain came to within a quarter of each
other, and cost a key for nothing. Waiting for as long as recent answers took hides the rest.

Holds:    an answer to sign-up, sign-in or reset comes no sooner than nine of ten recent ones that did the work
          were ready, never sooner than LEAST, and waits at most LONGEST. Forms that were refused, and a 429, set no
          time, so nobody brings it down by sending nonsense. A 429 hides nothing and waits for nothing.
Assumes:  each request waits in a thread of its own, as Django's ASGI handler gives it. The work takes less than
          LEAST: where it takes longer, many answers of the quicker kind still bring the time down towards LEAST.
Does not: hide how busy the machine is.
"""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase

EVEN = frozenset(
    {
        "account_signup", "account_signup_by_passkey", "account_signup_by_number", "socialaccount_signup",
        "account_login", "account_reset_password",
    }
)  # fmt: skip
RECENT = 32  # answers of each kind
LONGEST = 1.0  # seconds
LEAST = 0.2  # seconds, whatever recent answers took; a sign-up takes about 0.06


class EvenTiming:
    """Django middleware."""

    def __init__(
        self,
        get_response: Callable[[HttpRequest], HttpResponseBase],
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.get_response, self.clock, self.sleep = get_response, clock, sleep
        self.recent: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=RECENT))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, but not before most recent answers of this kind that did the work would have been ready."""
        start = self.clock()
        response = self.get_response(request)
        kind = request.resolver_match.url_name if request.resolver_match else None
        if request.method == "POST" and kind in EVEN and response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            self._wait(self.recent[kind], self.clock() - start, worked=did_the_work(response))
        return response

    def _wait(self, recent: deque[float], took: float, *, worked: bool) -> None:
        usual = sorted(recent)[int(len(recent) * 0.9)] if recent else LEAST
        floor = min(max(usual, LEAST), LONGEST)
        if worked:
            recent.append(took)
        if took < floor:
            self.sleep(floor - took)


def did_the_work(response: HttpResponseBase) -> bool:
    """Say whether a form was taken: these answer that with a redirect, and what they refuse with a page."""
    return HTTPStatus.MULTIPLE_CHOICES <= response.status_code < HTTPStatus.BAD_REQUEST
