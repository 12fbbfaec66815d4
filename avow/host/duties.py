"""
What the worker does besides waiting: the log's sequencer, the live checks, the mailbox, the jobs.

Holds:    an act is in the log within about a quarter of a second, sooner while there is
          much to do; a live check runs within a second of its time.
"""

import asyncio
import contextlib
import logging
import signal
from datetime import timedelta

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from avow.communications import drop
from avow.evidence import notes, running, sequencing
from avow.host import marks
from avow.host.rounds import Round
from avow.requests import taking_up
from avow.usage import compacting, places
from avow.vault.keys import seen

BUSY, IDLE = 0.03, 0.25  # seconds between looks at the outboxes
SEEN = 5.0  # seconds between looks at what seen.json should say
LONGEST = 5.0  # seconds between two tries to reach the database
STEADY = 10.0  # seconds after which a failure counts as the first again
log = logging.getLogger("avow.host.duties")


def rounds() -> list[Round]:
    """Return what is done again and again."""
    marks.load()
    key = notes.log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN)
    age, place = timedelta(seconds=settings.COMPACT_SECONDS), places.here()
    return [
        Round("the log's sequencer", lambda now: sequencing.sequence(key=key, now=now), busy=BUSY, idle=IDLE),
        Round("what is seen of the log", lambda now: seen.renew(now=now), busy=SEEN, idle=SEEN),
        Round("the live checks", lambda now: len(running.run_due(now)), busy=1.0, idle=1.0),
        Round("the mail folder", drop.collect, busy=0.1, idle=1.0),
        Round("the mailbox", taking_up.take_up, busy=0.1, idle=1.0),
        Round("the compactor", lambda now: compacting.compact(place, now=now, age=age), busy=1.0, idle=2.0),
    ]


async def jobs(*, graceful: float) -> None:
    """Run jobs until asked to end; when the database is away, wait for it here rather than end."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    failures = 0
    while True:
        began = loop.time()
        try:
            await run_worker(graceful=graceful)
        except asyncio.CancelledError:
            return
        except Exception as raised:
            log.warning("jobs pause and are taken up again", exc_info=raised)
        failures = 1 if loop.time() - began > STEADY else failures + 1
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(min(LONGEST, 0.25 * 2 ** min(failures, 8)))
        if task.cancelling():
            return


async def run_worker(*, graceful: float) -> None:
    """Take up what was left half done, then run jobs until cancelled, or until the database goes away."""
    connector: DjangoConnector = app.connector  # type: ignore[assignment]
    worker = app.with_connector(connector.get_worker_connector())
    async with worker.open_async():
        for job in await worker.job_manager.get_stalled_jobs(seconds_since_heartbeat=0):
            await worker.job_manager.retry_job(job)
        await worker.run_worker_async(
            concurrency=4,
            update_heartbeat_interval=2,
            stalled_worker_timeout=8,
            fetch_job_polling_interval=1,
            delete_jobs="successful",
            shutdown_graceful_timeout=graceful,
            install_signal_handlers=False,
        )
