"""
The public register: who receives what, for what, where, until when.

Why no text of its own: it is made from the rows that the egress gate asks, so it cannot promise less or more than
what happens.

Holds:    every agent that has not ended is in it, with the fields of its standing grants and no others. Neither the
          endpoint nor the secret's name shows.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from avow.policy.promises import Promise, keeps
from avow.sharing import agents, errands_queries
from avow.vault import recipients
from avow.vault.models import Recipient


@dataclass(frozen=True)
class Entry:
    """One agent as everybody may see it."""

    id: UUID
    name: str
    service: str
    purpose: str
    place: str
    site: str
    contact: str
    subprocessors: str
    since: datetime
    fields: tuple[str, ...]
    reviewed: datetime | None  # the day on which the first of its standing grants ends

    @property
    def unused(self) -> tuple[str, ...]:
        """What was granted and never sent: a hint that less would do."""
        sent = errands_queries.ever_sent(self.id)
        return tuple(name for name in self.fields if name not in sent)


@keeps(Promise.AGENT_REGISTER)
def entries(now: datetime) -> list[Entry]:
    """Return the register."""
    return [_entry(agent, now) for agent in agents.all_agents() if agent.ended_at is None]


def sites(now: datetime) -> frozenset[str]:
    """Return the sites of the agents: inside what the policy covers."""
    return frozenset(entry.site for entry in entries(now))


def _entry(agent: Recipient, now: datetime) -> Entry:
    grants, said = recipients.standing(agent.id, now=now), agent.facts
    return Entry(
        agent.id, agent.name, said["service"], said["purpose"], said["place"], said["site"], said["contact"],
        said["subprocessors"], agent.since, tuple(sorted({name for grant in grants for name in grant.what})),
        min((grant.until for grant in grants), default=None),
    )  # fmt: skip
