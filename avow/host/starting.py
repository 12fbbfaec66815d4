"""
`avow up` from the first look to the last line: each step, in order, and what it says.

Holds:    what can be refused is refused before anything is written: a policy that is
          not bound, a port that is taken, a disk that is full.
          However it ends, it ends the whole tree, in order.
"""

import ipaddress
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from avow.errors import AvowError, BadInput, NoSpace, Unavailable
from avow.host import bootstrap, example, hardening, locking, serving, space
from avow.host.announcing import Announcer
from avow.host.children import Child, environment
from avow.host.example import Example
from avow.host.home import Home
from avow.host.servers import server_of
from avow.host.supervising import Server, Tree, answers
from avow.host.waking import Waker

ALIVE = "/.well-known/avow-alive"  # answered by avow.host.asgi, which the supervisor does not import


@dataclass(frozen=True)
class Wish:
    """What the command line asked for."""

    home: Home
    policy: Path | None
    listen: str
    port: int


def up(wish: Wish) -> None:
    """Serve until asked to stop."""
    announce, waker = Announcer(), Waker()
    announce.say(f"Avow starts on {wish.home.root}")
    # A home that was used before is locked first: what is left of a killed tree still listens on the port.
    lock = locking.take(wish.home.lock) if wish.home.lock.exists() else None
    check_before_writing(wish)
    close_demo_to_others(wish, announce)
    beside, why_not = example.look(wish.listen, wish.port)
    hardening.no_core_dumps()
    lock = lock or locking.take(wish.home.make().lock)
    wish.home.remember()
    server = server_of(wish.home, waker.stopping)
    tree = Tree(wish.home.root, server, [], waker, announce, log)
    try:
        facts = stand_up(wish, server, announce, waker, beside)
        tree.children = children_of(wish, lock, beside, facts.get("secrets", {}))
        if not waker.asked:
            tree.open(lambda: answers(wish.listen, wish.port, ALIVE))
        if not waker.asked and not tree.why:
            announce.did("Web and worker answer")
            say_where(wish, facts, announce)
            example.say(tree, beside, why_not)
            tree.watch()
    except AvowError:
        if not waker.asked:  # what a step refuses because it was interrupted is no refusal
            raise
    finally:
        began = time.monotonic()
        tree.close()
        also = ", example" if beside else ""
        announce.did(f"Stopped: web, worker{also}, PostgreSQL", time.monotonic() - began)
    if tree.why:
        raise tree.why


def close_demo_to_others(wish: Wish, announce: Announcer) -> None:
    """Switch the demo off where other machines can reach the service: its letters hold codes that open accounts."""
    if not only_this_machine(wish.listen) and os.environ.get("DEMO", "1") != "0":
        os.environ["DEMO"] = "0"
        announce.say("  Other machines can reach this address, so the demo is off: no demo people, no letters shown.")


def only_this_machine(listen: str) -> bool:
    """Say whether an address reaches no further than loopback; a name that is not localhost may."""
    try:
        return ipaddress.ip_address(listen).is_loopback
    except ValueError:
        return listen == "localhost"


def check_before_writing(wish: Wish) -> None:
    """Raise what stands in the way, before there is anything to clean up."""
    if wish.policy or not wish.home.connections.exists():
        serving.read(wish.policy)
    space.require(wish.home.root, fresh=not wish.home.connections.exists())
    family = socket.AF_INET6 if ":" in wish.listen else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((wish.listen, wish.port))
        except OSError as refused:
            raise Unavailable(
                f"{wish.listen}:{wish.port} cannot be used ({refused.strerror}); choose another with --port or PORT=."
            ) from None


def stand_up(wish: Wish, server: Server, announce: Announcer, waker: Waker, beside: Example | None) -> dict[str, Any]:
    """Bring the home to where it can serve and return what the last line says; return early when asked to stop."""
    server.start()
    announce.did(f"{server.title} answers")
    if waker.asked:
        return {}
    if bootstrap.prepare(wish.home, server.connect, **server.address()):
        announce.did("Two databases, five roles and their tables stand")
    more = {"AVOW_POLICY": str(wish.policy)} if wish.policy else {}
    if beside:
        more["AVOW_EXAMPLE_URL"] = beside.address
        os.environ.setdefault("AVOW_FEATURES", ",".join(example.FEATURES))  # so that the desk sees what nobody finds
    done = subprocess.run(
        [sys.executable, "-P", "-m", "avow.host.preparing"],
        env=environment(AVOW_HOME=str(wish.home.root), AVOW_PROCESS="prepare", PORT=str(wish.port), **more),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    facts = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for fact in facts:
        if "said" in fact:
            announce.did(fact["said"], fact["took"])
    if done.returncode:
        raise told(done.returncode, done.stderr)
    return {name: value for fact in facts for name, value in fact.items() if name in {"company", "demo", "secrets"}}


def told(status: int, said: str) -> AvowError:
    """Return what a step refused, as the refusal that it was."""
    lines = said.strip().splitlines()
    sentence = lines[-1] if lines else f"The start ended with status {status} and no reason."
    if status == BadInput.exit_status:
        return BadInput(sentence)
    return NoSpace(sentence) if "No space" in sentence else Unavailable(sentence)


def children_of(wish: Wish, lock: int, beside: Example | None, more: Mapping[str, str]) -> list[Child]:
    """Describe the processes to keep running; `more` names secrets that the example shares with Avow."""
    settings = {"AVOW_HOME": str(wish.home.root), "AVOW_LISTEN": wish.listen, "PORT": str(wish.port)}
    common: dict[str, Any] = {"lock": lock, "clock": time.monotonic}
    children = [
        Child("web", ("avow.host.web",), 8.0, settings=settings, **common),
        Child("worker", ("avow.host.cli", "worker"), 8.0, settings=settings, **common),
    ]
    if beside:
        own = example.settings(beside, wish.home, wish.port, more)
        children.append(Child("example", ("optimibi",), 3.0, settings=own, guest=True, **common))
    return children


def say_where(wish: Wish, facts: dict[str, str], announce: Announcer) -> None:
    """Say where it serves."""
    shown = f"[{wish.listen}]" if ":" in wish.listen else wish.listen
    where = os.environ.get("AVOW_BASE_URL") or f"http://{shown}:{wish.port}"
    company = facts.get("company", "the company")
    announce.say(f"Avow serves {company}'s policy at {where} · {announce.since_start} after start. Stop with Ctrl-C.")
    if "demo" in facts:
        announce.say(f"{facts['demo']}")


def log(said: str) -> None:
    """Say what happened while serving, as the other processes do."""
    click.echo(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} up       {said}")
