"""What the worker does for messages to all; each task is told a number and nothing else, and may run twice."""

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from avow.communications import campaign_watch, campaigns


@app.task(name=campaigns.PUSH)
def push_campaign(campaign_id: str) -> None:
    """Write to the next batch of a campaign, and ask for the one after it."""
    if campaigns.push(UUID(campaign_id), now=timezone.now()):
        push_campaign.defer(campaign_id=campaign_id)


@app.periodic(cron="* * * * *")
@app.task(name="communications.carry_on", queueing_lock="communications.carry_on")
def carry_on(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Count what came back lately, and carry on each campaign whose worker was lost."""
    for number in campaign_watch.lately(timezone.now()):
        campaign_watch.look(number, now=timezone.now())
    for number in campaigns.unfinished():
        campaigns.push(number, now=timezone.now())
