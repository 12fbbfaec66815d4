"""
The worker process: jobs, the sequencer of the log, and the scheduler of live checks.

Why one process: all three are small, and the supervisor can see it as a whole. Jobs
run in procrastinate's own loop; the other two each have a thread.

Holds:    at its start it takes up again what a killed worker left half done (the
          supervisor knows that no other worker lives), so every job is safe to run twice.
          When the supervisor is gone it ends, whatever a job is doing.
Assumes:  one worker for a home; `locking` sees to it.
"""

import asyncio
import importlib
import os
import threading
import time

import django

from avow.host import hardening, logs

GRACE = 8.0  # seconds that an orphan has for ending well
FOR_JOBS = 5.0  # of them, for a job to finish


def work() -> None:
    """Work until asked to end."""
    logs.take_over()
    hardening.no_debuggers()
    end_as_orphan(os.getppid())
    django.setup()
    duties = importlib.import_module("avow.host.duties")  # its models exist only after setup

    stop = threading.Event()
    threads = [
        threading.Thread(target=each.keep_on, args=[stop], name=each.name, daemon=True) for each in duties.rounds()
    ]
    for thread in threads:
        thread.start()
    try:
        asyncio.run(duties.jobs(graceful=FOR_JOBS))
    finally:
        stop.set()
        for thread in threads:
            thread.join(1)


def end_as_orphan(parent: int) -> None:
    """Watch the supervisor from a thread; when it is gone, leave GRACE seconds for ending well and then end."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        time.sleep(GRACE)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="orphan").start()
