"""
With whom the demo's company works: a mailing house that gets two fields, and a partner that may have figures.

Why both: the register, the agent's own page and the budget then show something, and a visitor can try what is refused.

Holds:    made once; a mailing house whose endpoint moved with the example's port is ended and entered anew, since facts
          of an agent are not rewritten. Each start sends it one delivery about a made-up person, since it remembers
          nothing itself; where somebody ended its grant or that person's account, it gets none.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from avow.communications import demo_box
from avow.errors import Refused
from avow.host import demo_people
from avow.people import queries
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.sharing import agents, errands
from avow.sharing.agents import Facts
from avow.sharing.spec import Kind
from avow.vault import recipients
from avow.vault.models import Recipient
from avow.vault.recipients import RecipientKind

AGENT, PARTNER = "Parcel & Post", "Northwind Statistics"
FIELDS = ("name", "email")
UNTIL = timedelta(days=365)


def fill(now: datetime) -> tuple[str, Mapping[str, str]]:
    """Enter both; return what is new of them, and what the example is told of itself, by its variables."""
    address = os.environ.get("AVOW_EXAMPLE_URL", "")
    if not address or not demo_box.is_open():
        return "", {}
    new = [PARTNER] if partner(now) else []
    agent, is_new = mailing_house(f"{address}/elsewhere/agent", now)
    new += [AGENT] if is_new else []
    deliver(agent.id, now)
    return " and ".join(reversed(new)), {
        "PARCEL_AND_POST_SECRET": agent.facts["secret"],
        "PARCEL_AND_POST_NUMBER": str(agent.id),
    }


def mailing_house(endpoint: str, now: datetime) -> tuple[Recipient, bool]:
    """Return the mailing house at this endpoint, and whether it was entered just now."""
    for row in agents.all_agents():
        if row.facts["endpoint"] == endpoint and row.ended_at is None:
            return row, False
        if row.name.startswith(AGENT):
            recipients.end(row.id, now=now)
    known = {row.name for row in agents.all_agents()}
    name = next(each for each in [AGENT, *(f"{AGENT} {count}" for count in range(2, 100))] if each not in known)
    return agents.find(enter(name, endpoint, now)), True


def enter(name: str, endpoint: str, now: datetime) -> UUID:
    """Enter the mailing house into the register, and grant it what a letter needs."""
    facts = Facts(
        service="prints and posts letters", purpose="posts the yearly summary to those who want it on paper",
        place="Bremen, Germany", site=endpoint, contact="privacy@parcel-and-post.example", endpoint=endpoint,
    )  # fmt: skip
    agent = agents.add(name, facts, now=now)
    agents.grant(agent, FIELDS, contract="contracts/parcel-and-post.pdf, as processor", until=now + UNTIL, now=now)
    return agent


def deliver(agent: UUID, now: datetime) -> None:
    """Give it one errand, if it may have one."""
    person = queries.person_at(demo_people.PEOPLE[0][1])
    with suppress(Refused):
        if person:
            errands.give(agent, person, FIELDS, now=now)


def partner(now: datetime) -> bool:
    """Name the partner and grant it figures and rows; False when it is there already."""
    if Recipient.objects.filter(name=PARTNER).exists():
        return False
    number = recipients.add(RecipientKind.PARTNER, PARTNER, {"place": "Oslo"}, now=now)
    recipients.grant(
        number, [kind.value for kind in Kind], Purpose.ANONYMISED_RELEASE, Promise.AGGREGATE_RELEASE,
        contract="contracts/northwind.pdf: figures, no re-identification", until=now + UNTIL, now=now,
    )  # fmt: skip
    return True
