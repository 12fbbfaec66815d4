"""
What the worker does besides waiting: the log's sequencer, the live checks, the jobs.

Holds:    an act is in the log within about a quarter of a second, sooner while there is
          much to do; a live check runs within a second of its time.
"""

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from avow.evidence import notes, running, sequencing
from avow.host import marks
from avow.host.rounds import Round

BUSY, IDLE = 0.03, 0.25  # seconds between looks at the outboxes


def rounds() -> list[Round]:
    """Return what is done again and again."""
    marks.load()
    key = notes.log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN)
    return [
        Round("the log's sequencer", lambda now: sequencing.sequence(key=key, now=now), busy=BUSY, idle=IDLE),
        Round("the live checks", lambda now: len(running.run_due(now)), busy=1.0, idle=1.0),
    ]


async def jobs(*, graceful: float) -> None:
    """Take up what was left half done, then run jobs until asked to end."""
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
        )
