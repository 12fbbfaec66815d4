"""
A message to 20,000 people: through the one door into the queue, and from the queue through a relay, with every line of
the ledger, every entry of the log and every question asked again; and people who opt out while it goes.

Beside it, in the same run, the plain path: the standard library's own way to send the same mails to the same server, a
connection for each as Django's `send_mail` makes, and one connection for all; no ledger, no log, no seal.

The server is Postfix's smtp-sink on loopback, which takes mail and throws it away. Then it is a real Postfix, which
forces each mail to its queue's disk before it says yes (RFC 5321 §6.1: what it took it must not lose), so that the disk
and Postfix bound the rate there; the honest peer is Postfix's own smtp-source into the same Postfix in the same rounds.
The long run kills the sender again and again, before a server that counts and before Postfix, and looks at a ledger of
10,000,000 lines.
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

from bench import _postfix
from bench._house import house
from bench._postfix import Postfix
from bench._readers import ADDRESS, DOMAINS, fill
from bench.vault import publish

PEOPLE = 20_000
ROUNDS = 3
PLAIN = 1_000
BY_POSTFIX, BESIDE = 5_000, 300  # mails of smtp-source; bytes that it and Postfix put before its text
FORCED = 500  # files, each forced to disk alone
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
        with _postfix.postfix(free_port()) as relay:
            figures["into a real Postfix"] = into_postfix(relay, people)
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
                figures[f"kill -9, {name}"] = killed(lambda: taken(file), since)
            with _postfix.postfix(free_port()) as relay:
                use(relay.port)
                since = datetime.now(UTC)
                into(people)
                figures[f"kill -9, {name}, into a real Postfix"] = killed(relay.idents, since)
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


def into_postfix(relay: Postfix, people: list[UUID]) -> dict[str, Any]:
    """Hand all of it over to a Postfix, and in the same rounds have its own smtp-source do so; count by its log."""
    use(relay.port)
    since, ours, one, ten, disk = datetime.now(UTC), [], [], [], []
    for _ in range(ROUNDS):
        queue(people)
        ours.append(deliver())
        relay.settle()
        size = round(statistics.median(relay.sizes()))
        one.append(by_postfix(relay, size, connections=1))
        ten.append(by_postfix(relay, size, connections=10))
        disk.append(forced(relay.queue))
    return {
        "out of the queue, one process over one connection": middle(ours),
        "smtp-source over one connection": middle(one),
        "smtp-source over ten connections": middle(ten),
        "the disk alone: a file of a mail's size made, written and forced": middle(disk),
        "bytes a mail": size,
        **against_the_ledger(relay.idents(), since),
    }


def by_postfix(relay: Postfix, size: int, *, connections: int) -> dict[str, float]:
    """Have smtp-source send mails of about the same size, and wait until they are through."""
    seconds = _postfix.source(relay.port, BY_POSTFIX, size=size - BESIDE, connections=connections)
    relay.settle()
    return {"seconds": round(seconds, 4), "a_second": round(BY_POSTFIX / seconds)}


def forced(folder: Path) -> dict[str, float]:
    """Write files and force each to disk, on the disk of the queue."""

    def write() -> None:
        for number in range(FORCED):
            descriptor = os.open(folder / f"forced-{number}", os.O_CREAT | os.O_WRONLY, 0o600)
            os.write(descriptor, TEXT.encode())
            os.fsync(descriptor)
            os.close(descriptor)

    took = timed(FORCED, write)
    for number in range(FORCED):
        (folder / f"forced-{number}").unlink()
    return took


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


def killed(idents: Callable[[], list[str]], since: datetime) -> dict[str, Any]:
    """Kill the sender at random moments until nothing waits; compare the Message-IDs that came with the ledger."""
    from avow.communications.models import Outgoing  # noqa: PLC0415

    chance, kills = random.Random(20261130), 0  # noqa: S311 - when, not a secret
    began = time.perf_counter()
    while Outgoing.objects.exists():
        child = forked(as_fast)
        if kills < KILLS:
            time.sleep(chance.uniform(0.3, 1.0))
            os.kill(child, signal.SIGKILL)
            kills += 1
        os.waitpid(child, 0)
    seconds = round(time.perf_counter() - began, 1)
    return {"kills": kills, "seconds": seconds, **against_the_ledger(idents(), since)}


def against_the_ledger(came: list[str], since: datetime) -> dict[str, int]:
    """Compare what came, by Message-ID, with what the ledger says of each message."""
    from avow.communications import delivering, relay  # noqa: PLC0415
    from avow.communications.models import Ledger  # noqa: PLC0415

    sender, states = delivering.sender(since), dict[str, set[str]]()
    for number, state in Ledger.objects.filter(queued_at__gte=since).values_list("message", "state"):
        ident = relay.message_id(number, sender).strip("<").partition("@")[0]
        states.setdefault(state, set()).add(ident)
    sent, doubtful = states.pop("sent", set()), states.pop("in-doubt", set())
    assert not states, "each message went, or is in doubt"
    return {
        "came": len(set(came)),
        "sent, says the ledger": len(sent),
        "lost": len(sent - set(came)),
        "came, and the ledger does not know": len(set(came) - sent - doubtful),
        "in doubt, not sent again": len(doubtful),
        "doubled": len(came) - len(set(came)),
    }


def taken(file: Path) -> list[str]:
    """Return the Message-IDs that the server that counts has taken."""
    return [line.split()[2] for line in file.read_text().splitlines()]


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
