"""What a crash between the two databases leaves, swept up once a day; each task calls one act and may run twice."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from avow.vault import addresses, enrolment, holds_ending
from avow.vault.keys import rolling


@app.periodic(cron="41 3 * * *")
@app.task(name="vault.sweep_enrolments", queueing_lock="vault.sweep_enrolments")
def sweep_enrolments(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives every periodic job its time
    """Give back the slots of sign-ups that were never finished."""
    enrolment.sweep(now=datetime.now(UTC))


@app.periodic(cron="51 3 * * *")
@app.task(name="vault.sweep_addresses", queueing_lock="vault.sweep_addresses")
def sweep_addresses(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives every periodic job its time
    """Let go of tokens that nobody took up."""
    addresses.sweep(now=datetime.now(UTC))


@app.periodic(cron="*/10 * * * *")
@app.task(name="vault.end_holds", queueing_lock="vault.end_holds")
def end_holds(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives every periodic job its time
    """End every hold whose day has come."""
    holds_ending.end_due(now=datetime.now(UTC))


@app.periodic(cron="*/10 * * * *")
@app.task(name="vault.roll_keys", queueing_lock="vault.roll_keys")
def roll_keys(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives every periodic job its time
    """Roll what is a day old, finish what was killed, destroy the keys whose day has come."""
    rolling.roll(now=datetime.now(UTC))
