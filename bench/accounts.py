"""
How many people can sign up and sign in per second on one core, how long each waits, and what that tells a stranger.

Whole requests through every middleware, in one process, limits of attempts switched on (each try comes
from an address of its own), mail kept as in the demo. PostgreSQL runs beside it with fsync on. The first
figures leave out the waiting of `people.evenness`; the comparison of known and unknown is measured with it, as
a stranger would, and without it, to say what it hides.
"""

import itertools
import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench._house import house

PEOPLE = 200
STRANGERS = 200
PASSWORD = "four boats on a quiet river"  # noqa: S105 - of people who are nobody
ORIGINS = (f"10.{a}.{b}.{c}" for a, b, c in itertools.product(range(256), repeat=3))


def run() -> dict[str, Any]:
    """Measure sign-up, sign-in and reset, for addresses that are known and that are not."""
    with house("SELECT"):
        _policy()
        return _walk()


def _policy() -> None:
    from avow.evidence import versions  # noqa: PLC0415 - Django stands now

    folder = Path(__file__).resolve().parent.parent / "policies" / "optimibi"
    text, clauses = (folder / "2024-05-05.md").read_bytes(), (folder / "clauses.toml").read_bytes()
    versions.freeze(text, clauses, now=datetime.now(UTC), published_by="the benchmark")


def _walk() -> dict[str, Any]:
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415

    quick()
    hashing = timed(20, lambda _: make_password(PASSWORD))
    sign_up(-1)  # the first request loads templates
    opened = timed(PEOPLE, sign_up)
    confirmed = timed(PEOPLE, confirm)
    give_numbers()
    signed_in = timed(PEOPLE, lambda n: sign_in(f"person{n}@example.com"))
    return {
        "hash one password": hashing,
        "sign up": opened,
        "confirm by code": confirmed,
        "sign in": signed_in | {"share of hashing": round(hashing["p50_ms"] / signed_in["p50_ms"], 2)},
        "a page when signed in": timed(PEOPLE, browse),
        "known against unknown, without waiting": strangers(),
        "known against unknown, as it is": strangers(even()),
    }


def strangers(_ready: None = None) -> dict[str, Any]:
    """Do what a stranger does to learn whether an address or a number has an account."""
    return {
        "sign up": compare(lambda n, known: sign_up_as(address(n, known))),
        "sign up by a passkey": compare(lambda n, known: sign_up_as(address(n, known), by="passkey/")),
        "sign up by a number": compare(lambda n, known: sign_up_by(number(n, known))),
        "sign in, wrong password": compare(lambda n, known: sign_in(address(n, known), "not the password, no")),
        "sign in by a number, wrong password": compare(
            lambda n, known: sign_in(number(n, known), "not the password, no")
        ),
        "reset": compare(lambda n, known: post("/accounts/password/reset/", email=address(n, known))),
    }


def quick() -> None:
    """Leave out the waiting."""
    from avow.people import evenness  # noqa: PLC0415

    global AS_IT_IS
    AS_IT_IS, evenness.EVEN = evenness.EVEN, frozenset()


def even() -> None:
    """Wait as the service does, once it knows how long its answers take."""
    from avow.people import evenness  # noqa: PLC0415

    evenness.EVEN = AS_IT_IS
    for n in range(evenness.RECENT // 2):
        for known in (True, False):
            sign_in(address(n, known), "not the password, no")
            post("/accounts/password/reset/", email=address(n, known))
            sign_up_as(address(n, False))
            sign_up_as(address(n, False), by="passkey/")
            sign_up_by(number(n, False))


def timed(times: int, act: Callable[[int], Any]) -> dict[str, float]:
    """Run an act so often and say how long it took."""
    took = []
    for n in range(times):
        start = time.perf_counter()
        act(n)
        took.append(time.perf_counter() - start)
    return {
        "per_second": round(times / sum(took), 1),
        "p50_ms": round(statistics.median(took) * 1000, 1),
        "p95_ms": round(sorted(took)[int(times * 0.95) - 1] * 1000, 1),
    }


def compare(act: Callable[[int, bool], Any]) -> dict[str, float]:
    """Run an act for known and unknown addresses by turns; the ratio of medians is what a stranger could learn."""
    from django.core.cache import cache  # noqa: PLC0415

    cache.clear()  # one mail to an address in ten seconds
    took: dict[bool, list[float]] = {True: [], False: []}
    for n in range(STRANGERS):
        for known in (True, False):
            start = time.perf_counter()
            act(n, known)
            took[known].append(time.perf_counter() - start)
    known, unknown = (statistics.median(took[key]) * 1000 for key in (True, False))
    return {"known_p50_ms": round(known, 1), "unknown_p50_ms": round(unknown, 1), "ratio": round(known / unknown, 2)}


BROWSERS: dict[int, Any] = {}
HANDLER: dict[str, Any] = {}
AS_IT_IS: frozenset[str] = frozenset()
FRESH = itertools.count()


def address(n: int, known: bool) -> str:  # noqa: FBT001 - two columns of one table
    """Name an address that has an account, or one that has none."""
    return f"person{n}@example.com" if known else f"stranger{next(FRESH)}@example.com"


def number(n: int, known: bool) -> str:  # noqa: FBT001 - as above
    """Name a phone number by which somebody signs in, or one by which nobody does."""
    return f"+44207946{n:04d}" if known else f"+44208{next(FRESH):07d}"


def give_numbers() -> None:
    """Let everybody sign in by a number too; text messages have nowhere to go but the demo's box."""
    from django.conf import settings  # noqa: PLC0415

    from avow.people import numbers, queries  # noqa: PLC0415

    settings.DEMO = True
    for n in range(STRANGERS):
        person = queries.person_at(f"person{n}@example.com")
        assert person
        numbers.take(person, number(n, known=True), now=datetime.now(UTC))


def client() -> Any:
    """Open a browser at an address of its own."""
    from django.test import Client  # noqa: PLC0415

    browser = Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR=next(ORIGINS))
    browser.handler = HANDLER.setdefault("one", browser.handler)  # one service for all of them
    return browser


def post(url: str, browser: Any = None, **form: str) -> Any:
    """Send a form."""
    answer = (browser or client()).post(url, form)
    assert answer.status_code in {200, 302}, answer.status_code
    return answer


def sign_up(n: int) -> None:
    """Fill in the form and send it."""
    BROWSERS[n] = client()
    sign_up_as(f"person{n}@example.com", BROWSERS[n])


def sign_up_as(who: str, browser: Any = None, by: str = "") -> None:
    """Sign up with this address."""
    assert post(f"/accounts/signup/{by}", browser, email=who, password1=PASSWORD, name="Ada").status_code == 302


def sign_up_by(phone: str) -> None:
    """Ask for an account by this number."""
    assert post("/accounts/signup/number/", phone=phone, password1=PASSWORD, name="Ada").status_code == 302


def confirm(n: int) -> None:
    """Enter the code, read as the worker would send it."""
    from avow.communications import envelope  # noqa: PLC0415
    from avow.communications.models import Outgoing  # noqa: PLC0415
    from avow.people import queries  # noqa: PLC0415

    person = queries.person_at(f"person{n}@example.com")
    mail = envelope.unseal(Outgoing.objects.filter(person=person).latest("queued_at"))
    found = re.search(r"^    (\S+)$", mail.text, re.MULTILINE)
    assert found
    assert post("/accounts/confirm-email/", BROWSERS[n], code=found[1]).url == "/"


def sign_in(who: str, password: str = PASSWORD) -> None:
    """Sign in from a new browser."""
    post("/accounts/login/", login=who, password=password)


def browse(n: int) -> None:
    """Open a page that asks who is signed in."""
    assert BROWSERS[n].get("/accounts/email/").status_code == 200
