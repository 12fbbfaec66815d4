"""
What the processes say: one line an event, naming nobody.

Why the texts of others are not taken over: libraries put arguments, paths, addresses
and whole tracebacks into their messages (a failing job logged a planted address in
full). So a foreign record is described by its logger, its kind and its place, and a
traceback by types and lines. Our own sentences are printed, swept once more for what
looks like an address.

Holds:    no query string, no client address, no argument of a job, no exception's text.
Does not: keep an access log; what people do is counted elsewhere, without them.
"""

import logging
import re
import sys
import threading
import time
import traceback
from types import TracebackType
from typing import Any

OURS = ("avow", "_granian")
LIKE_AN_ADDRESS = re.compile(
    r"[^\s@<>\"']+@[^\s@<>\"']+"  # mail
    r"|(?<![\w.:-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"  # IPv4
    r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){3,}[0-9a-fA-F:]*"  # IPv6
    r"|\+\d[\d ()/-]{6,}\d"  # phone
)
LOOPBACK = {"127.0.0.1", "0.0.0.0"}  # noqa: S104 - only read, never bound to


class Line(logging.Formatter):
    """Format a record as one line: when, which process, how grave, what."""

    def __init__(self, process: str = "") -> None:
        super().__init__(datefmt="%Y-%m-%dT%H:%M:%SZ")
        self.process = process
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said = sentence(record)
        if record.exc_info and record.exc_info[1]:
            said += f" [{kinds(record.exc_info[1])}]"
        grave = "" if record.levelno < logging.WARNING else f"{record.levelname.lower()}: "
        return f"{self.formatTime(record, self.datefmt)} {self.process:<8} {grave}{swept(said)}"


def worth_a_line(record: logging.LogRecord) -> bool:
    """Keep what libraries warn of, and a job that failed and is tried again, which procrastinate calls mere news."""
    ours = record.name.split(".")[0] in OURS
    return ours or record.levelno >= logging.WARNING or getattr(record, "action", "").endswith("_retry")


class Worth(logging.Filter):
    """Lets through what is worth a line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether it is."""
        return worth_a_line(record)


def sentence(record: logging.LogRecord) -> str:
    """Say what happened without anything that a person gave."""
    name = record.name
    if name.split(".")[0] in OURS:
        return record.getMessage()
    if name.startswith("procrastinate"):
        return job_sentence(record)
    if name.startswith("django.request"):
        return request_sentence(record)
    return f"{name} says something at {record.module}:{record.lineno}, withheld here since it may name someone"


def job_sentence(record: logging.LogRecord) -> str:
    """Name the job by its number and task, never by its arguments."""
    job: dict[str, Any] = getattr(record, "job", None) or {}
    named = f" (job {job.get('id')} of {job.get('task_name')})" if job else ""
    return f"jobs: {getattr(record, 'action', 'event').replace('_', ' ')}{named}"


def request_sentence(record: logging.LogRecord) -> str:
    """Name the request by its route, never by its path, which may hold a token."""
    request = getattr(record, "request", None)
    match = getattr(request, "resolver_match", None)
    route = f"/{match.route}" if match else "an address that is none"
    return f"{getattr(record, 'status_code', '')} for {getattr(request, 'method', 'a request')} {route}"


def causes(raised: BaseException) -> list[BaseException]:
    """Return an exception and what caused it; such chains can be circles (asyncio's pools make them)."""
    chain: list[BaseException] = []
    seen: BaseException | None = raised
    while seen is not None and not any(seen is known for known in chain):
        chain.append(seen)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return chain


def kinds(raised: BaseException) -> str:
    """Name an exception and its causes by type, and the place where the last was raised."""
    chain = causes(raised)
    names, last = list(dict.fromkeys(type(cause).__name__ for cause in chain)), chain[-1]
    frames = traceback.extract_tb(last.__traceback__)
    place = next((f for f in reversed(frames) if "/avow/" in f.filename), frames[-1] if frames else None)
    where = f" at {place.filename.rpartition('/')[2]}:{place.lineno}" if place else ""
    return " from ".join(names) + where


def swept(text: str) -> str:
    """Take out what looks like an address, and fold the text into one line."""
    folded = " ".join(text.split())
    return LIKE_AN_ADDRESS.sub(lambda found: found[0] if found[0] in LOOPBACK else "[withheld]", folded)


def configuration(process: str, level: str = "INFO") -> dict[str, Any]:
    """Return the dictConfig of one process: everything goes to stdout as lines."""
    quiet = {"level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "avow.host.logs.Line", "process": process}},
        "filters": {"worth": {"()": "avow.host.logs.Worth"}},
        "handlers": {
            "out": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": "line",
                "filters": ["worth"],
            }
        },
        "root": {"handlers": ["out"], "level": "WARNING"},
        "loggers": {
            "avow": {"level": level},
            "_granian": {"handlers": [], "level": "WARNING", "propagate": True},
            "granian.access": {"handlers": [], "propagate": False},
            "procrastinate": {"level": "INFO"},
            "psycopg.pool": {"level": "ERROR"},  # our own sentence says that the database is away
            "django": {"handlers": [], "propagate": True, **quiet},
            "django.request": {"level": "ERROR"},  # what people mistype is theirs
            "django.server": {"handlers": [], "propagate": True, **quiet},
            "py.warnings": {"level": "ERROR"},
        },
    }


def take_over() -> None:
    """Send what would print a traceback to stderr through the log instead: uncaught exceptions, here and in threads."""
    logging.raiseExceptions = False
    log = logging.getLogger("avow.host")

    def uncaught(kind: type[BaseException], raised: BaseException | None, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            log.critical("the process ends on a fault", exc_info=(kind, raised or kind(), trace))

    def in_thread(said: threading.ExceptHookArgs) -> None:
        uncaught(said.exc_type, said.exc_value, said.exc_traceback)

    sys.excepthook = uncaught
    threading.excepthook = in_thread
