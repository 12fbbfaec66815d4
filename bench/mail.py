"""
A message to 20,000 people: through the one door into the queue, and from the queue through a relay, with every line of
the ledger, every entry of the log and every question asked again; and people who opt out while it goes.

Beside it, in the same run, the plain path: the standard library's own way to send the same mails to the same server, a
connection for each as Django's `send_mail` makes, and one connection for all; no ledger, no log, no seal.

The server is Postfix's smtp-sink on loopback, which takes mail and throws it away. The long run kills the sender again
and again, and looks at a ledger of 10,000,000 lines.
"""

import os
import random
import shutil
import signal
import smtplib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from bench._house import house
from bench._readers import ADDRESS, DOMAINS, fill
from bench.vault import publish

PEOPLE = 20_000
ROUNDS = 3
PLAIN = 1_000
OPTING_OUT, SLOWLY = 300, 400.0  # people, and mails a second, so that it goes for a while
KILLS = 12  # at least
LINES = 10_000_000
TEXT = "\n\n".join("There is something new in the reports, and this paragraph says what it is. " * 3 for _ in range(6))


def run() -> dict[str, Any]:
    """Measure the way of a message to everybody."""
    with house("") as cluster, sink() as port:
        publish()
        people = fill(cluster, PEOPLE)
        use(port)
        rounds = [(queue(people), deliver()) for _ in range(ROUNDS)]
        figures = {
            "people": PEOPLE,
            "the plain path": plain(port),
            "a message to all, into the queue": middle([into for into, _ in rounds]),
            "out of the queue, one process": middle([out for _, out in rounds]),
        }
        queue(people)
        figures["out of the queue, signed here (RSA 2048)"] = signed()
        with counting() as (counts, file):
            use(counts)
            figures["opting out while it goes"] = opting_out(people, file)
        return figures


def soak() -> dict[str, Any]:
    """Kill the sender of news and of a notice at random moments; fill the ledger."""
    with house("") as cluster:
        publish()
        people = fill(cluster, PEOPLE)
        figures: dict[str, Any] = {"people": PEOPLE}
        for name, into in (("news", queue), ("a notice", notice)):
            with counting() as (port, file):
                use(port)
                since = datetime.now(UTC)
                into(people)
                figures[f"kill -9, {name}"] = killed(file, since)
        figures["the ledger"] = ledger(cluster, people[0])
        return figures


def use(port: int) -> None:
    """Have mail go to this port."""
    from django.conf import settings  # noqa: PLC0415 - Django stands now

    settings.MAIL_RELAY, settings.LETTERS_A_WEEK = f"127.0.0.1:{port}", 1000


def queue(people: list[UUID]) -> dict[str, float]:
    """Push a campaign to its end, as the worker's jobs do, without its canary's wait."""
    from avow.communications import campaigns  # noqa: PLC0415

    campaigns.CANARY = -1  # nobody is waited for
    now = datetime.now(UTC)
    row = campaigns.compose("announcements", "What is new", TEXT, now=now)
    campaigns.start(row.pk, by=people[0], now=now)
    return timed(PEOPLE, lambda: while_true(lambda: campaigns.push(row.pk, now=datetime.now(UTC))))


def notice(people: list[UUID]) -> None:
    """Queue a legal notice to everybody."""
    from avow.communications import sending  # noqa: PLC0415
    from avow.communications.classes import Message, MessageClass  # noqa: PLC0415

    message = Message(MessageClass.NOTICE, "legal-notice", {"subject": "A notice", "body": TEXT})
    for start in range(0, PEOPLE, 500):
        sending.send_each(people[start : start + 500], message, now=datetime.now(UTC))


def deliver() -> dict[str, float]:
    """Hand all of it over."""
    from avow.communications import runs  # noqa: PLC0415
    from avow.communications.models import Ledger  # noqa: PLC0415

    before, used = Ledger.objects.filter(state="sent").count(), time.process_time()
    took = timed(PEOPLE, lambda: runs.carry_all(clock=lambda: datetime.now(UTC)))
    cpu = time.process_time() - used
    assert Ledger.objects.filter(state="sent").count() == before + PEOPLE
    return {**took, "a_cpu_second": round(PEOPLE / cpu)}


def signed() -> dict[str, float]:
    """Hand all of it over, each signed in this process."""
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415

    from avow.communications.dkim import Signer  # noqa: PLC0415

    settings.DKIM = Signer("example.com", "bench", rsa.generate_private_key(public_exponent=65537, key_size=2048))
    try:
        return deliver()
    finally:
        settings.DKIM = None


def opting_out(people: list[UUID], file: Path) -> dict[str, Any]:
    """Let people opt out at random moments while a campaign goes; say how long after it the last mail came."""
    from avow.communications import opting_out as switches  # noqa: PLC0415

    queue(people)
    child = forked(slowly)
    places = random.Random(20261130).sample(range(PEOPLE), OPTING_OUT)  # noqa: S311 - whom, not a secret
    said: dict[str, float] = {}
    until = time.time() + PEOPLE / SLOWLY
    for place in places:
        switches.opt_out(people[place], None, way="link", now=datetime.now(UTC))
        said[ADDRESS % (place, place % DOMAINS)] = time.time()
        time.sleep(max(0.0, (until - time.time()) / OPTING_OUT / 1.5))
    os.waitpid(child, 0)
    lines = [line.split() for line in file.read_text().splitlines()]
    after = [max(0.0, float(at) - said[to]) for at, to, _ in lines if to in said]
    late = sorted([*after, *[0.0] * (OPTING_OUT - len(after))])
    return {
        "people": OPTING_OUT,
        "mails_a_second": SLOWLY,
        "had it before or while": len(after),
        "seconds after, p99": round(statistics.quantiles(late, n=100)[98], 2),
        "seconds after, most": round(late[-1], 2),
        "doubled": doubled(lines),
    }


def slowly() -> None:
    """Carry at a pace that lasts."""
    from avow.communications import runs  # noqa: PLC0415
    from avow.communications.pace import Pace  # noqa: PLC0415

    runs.carry_all(clock=lambda: datetime.now(UTC), pace=Pace(time.monotonic, rate=SLOWLY))


def killed(file: Path, since: datetime) -> dict[str, Any]:
    """Kill the sender at random moments until nothing waits; compare what came with the ledger."""
    from avow.communications.models import Ledger, Outgoing  # noqa: PLC0415

    chance, kills = random.Random(20261130), 0  # noqa: S311 - when, not a secret
    began = time.perf_counter()
    while Outgoing.objects.exists():
        child = forked(as_fast)
        if kills < KILLS:
            time.sleep(chance.uniform(0.3, 1.0))
            os.kill(child, signal.SIGKILL)
            kills += 1
        os.waitpid(child, 0)
    lines = [line.split() for line in file.read_text().splitlines()]
    came = {to for _, to, _ in lines}
    states = Counter(Ledger.objects.filter(queued_at__gte=since).values_list("state", flat=True))
    assert states["sent"] + states["in-doubt"] == PEOPLE
    return {
        "kills": kills,
        "seconds": round(time.perf_counter() - began, 1),
        "came": len(came),
        "sent, says the ledger": states["sent"],
        "lost": max(0, states["sent"] - len(came)),
        "in doubt, not sent again": states["in-doubt"],
        "doubled": doubled(lines),
    }


def as_fast() -> None:
    """Carry as fast as it goes."""
    from avow.communications import runs  # noqa: PLC0415

    runs.carry_all(clock=lambda: datetime.now(UTC))


def ledger(cluster: Any, person: UUID) -> dict[str, Any]:
    """Fill the ledger, give one person 200 messages of it, and read their history."""
    from django.conf import settings  # noqa: PLC0415

    from avow.communications import keeping, sending  # noqa: PLC0415
    from avow.communications.classes import Message, Topic  # noqa: PLC0415

    settings.MAIL_RELAY = ""
    letter = Message(Topic.ANNOUNCEMENTS, "announcement", {"subject": "What is new", "body": TEXT})
    for _ in range(200):
        sending.send(person, letter, now=datetime.now(UTC))
    campaign = uuid4()
    with cluster.connect("avow") as admin:
        admin.execute(
            "INSERT INTO communications_ledger (message, kind, letter, state, reason, campaign, queued_at, settled_at) "
            "SELECT gen_random_uuid(), 'announcements', 'announcement', 'sent', '', %s, now(), now() "
            "FROM generate_series(1, %s)",
            [campaign, LINES],
        )
        admin.execute("VACUUM ANALYZE communications_ledger")
        rows, whole, heap = admin.execute(
            "SELECT count(*), pg_total_relation_size('communications_ledger'), "
            "pg_relation_size('communications_ledger') FROM communications_ledger"
        ).fetchone()
    times = [timed(1, lambda: keeping.shown_to(person, datetime.now(UTC)))["seconds"] for _ in range(20)]
    return {
        "lines": rows,
        "bytes_a_line": round(heap / rows),
        "with_indexes": round(whole / rows),
        "history of one person, messages": len(keeping.shown_to(person, datetime.now(UTC))),
        "history of one person, ms": round(statistics.median(times) * 1000, 1),
    }


def doubled(lines: list[list[str]]) -> int:
    """Count the mails that came more than once."""
    return sum(times - 1 for times in Counter(ident for *_, ident in lines).values())


def forked(act: Callable[[], object]) -> int:
    """Do it in a child of its own; return the child's number."""
    from django.db import connections  # noqa: PLC0415

    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(0)
    return child


def plain(port: int) -> dict[str, dict[str, float]]:
    """Send the same with the standard library alone."""
    return {
        "a connection each": timed(PLAIN, lambda: [_alone(port, number) for number in range(PLAIN)]),
        "one connection": timed(PLAIN, lambda: _together(port)),
    }


def timed(count: int, act: Callable[[], object]) -> dict[str, float]:
    """Return seconds and a rate."""
    began = time.perf_counter()
    act()
    seconds = time.perf_counter() - began
    return {"seconds": round(seconds, 4), "a_second": round(count / seconds)}


def middle(rounds: list[dict[str, float]]) -> dict[str, float]:
    """Return the round in the middle, with the least and the most."""
    ordered = sorted(rounds, key=lambda one: one["a_second"])
    spread = {"least_a_second": ordered[0]["a_second"], "most_a_second": ordered[-1]["a_second"]}
    return {**ordered[len(ordered) // 2], **spread}


def while_true(act: Callable[[], bool]) -> None:
    """Repeat an act until it says that there is no more."""
    while act():
        pass


@contextmanager
def sink() -> Iterator[int]:
    """Run smtp-sink on a free port."""
    program = shutil.which("smtp-sink", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise SystemExit("This needs smtp-sink of Debian's package postfix.")
    port = free_port()
    with running([program, "-u", "nobody", f"127.0.0.1:{port}", "128"], port):
        yield port


@contextmanager
def counting() -> Iterator[tuple[int, Path]]:
    """Run the server that counts, on a free port; its file has a line for each mail."""
    with tempfile.TemporaryDirectory(prefix="avow-bench-sink-") as folder:
        port, file = free_port(), Path(folder) / "taken"
        with running([sys.executable, "-m", "bench._counting_sink", str(port), str(file)], port):
            yield port, file


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    """Run a server until the block ends."""
    child = subprocess.Popen(command)
    try:
        for _ in range(200):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield
    finally:
        child.terminate()
        child.wait()


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _alone(port: int, number: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.send_message(_message(number))


def _together(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for number in range(PLAIN):
            smtp.send_message(_message(number))


def _message(number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "info@example.com", f"ada-{number}@example.com"
    message["Subject"] = "What is new"
    message.set_content(TEXT)
    return message
