"""
Agents: companies that work for ours, what each may receive, and until when.

Why over the vault's recipients and with no table of its own: the public register, the egress gate and the worker read
the same rows, so none can say something else than what happens.

Holds:    an agent is in the public register from the moment it can receive anything. It is granted fields that the
          catalogue declares for agents, one by one, under a contract with a day of review; past it, nothing goes.
Assumes:  the shared secret reaches the agent by a safe way: the desk shows it to an officer.
Does not: judge a contract; a person reads it, and answers for the day of its review.
"""

import ipaddress
import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from avow.errors import BadInput, NotFound
from avow.people.install import secret
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.vault import catalogue, recipients
from avow.vault.models import Recipient, RecipientGrant, RecipientKind

SECRET = 8  # bytes of the random name under which the keyring keeps an agent's secret


@dataclass(frozen=True)
class Facts:
    """What the register says of an agent, in words; `endpoint` is where its errands go."""

    service: str
    purpose: str
    place: str
    site: str
    contact: str
    endpoint: str
    subprocessors: str = "none"


@keeps(Promise.AGENT_REGISTER)
def add(name: str, facts: Facts, *, now: datetime) -> UUID:
    """Enter an agent into the register; it receives nothing until something is granted to it."""
    said = {key: value.strip() for key, value in asdict(facts).items()}
    if empty := sorted(key for key, value in said.items() if not value):
        raise BadInput(f"The register needs every fact of an agent; fill in {', '.join(empty)}.")
    _must_be_safe(said["endpoint"])
    if urlsplit(said["site"]).scheme not in {"http", "https"}:
        raise BadInput("Write the agent's site with its scheme, like https://example.com.")
    return recipients.add(
        RecipientKind.AGENT, name.strip(), {**said, "secret": f"webhook-{secrets.token_hex(SECRET)}"}, now=now
    )


@keeps(Promise.AGENT_STANDARDS)
def grant(agent: UUID, fields: Collection[str], *, contract: str, until: datetime, now: datetime) -> UUID:
    """Let an agent receive these fields until the day on which its contract is reviewed."""
    find(agent)
    for name in fields:
        if Purpose.AGENT_DELIVERY not in catalogue.field(name).purposes:
            raise BadInput(f"{catalogue.field(name).label} is not declared for agents; leave it out.")
    return recipients.grant(
        agent, fields, Purpose.AGENT_DELIVERY, Promise.AGENT_NECESSITY, contract=contract, until=until, now=now
    )


def find(agent: UUID) -> Recipient:
    """Return an agent, or NotFound; partners and authorities are none."""
    row = recipients.find(agent)
    if row.kind != RecipientKind.AGENT:
        raise NotFound("No agent has this number; the register lists those that there are.")
    return row


def named(name: str) -> UUID:
    """Return the agent of this name in the register, or NotFound."""
    row = Recipient.objects.filter(kind=RecipientKind.AGENT, name=name).first()
    if row is None:
        raise NotFound("No agent has this name; the register lists those that there are.")
    return row.id


def secret_of(agent: Recipient) -> bytes:
    """Return the secret that signs what goes to an agent and what it answers."""
    return secret(agent.facts["secret"])


def all_agents() -> list[Recipient]:
    """Return every agent, also those that ended, by name."""
    return list(Recipient.objects.filter(kind=RecipientKind.AGENT).order_by("name"))


def grants_of(agent: UUID) -> list[RecipientGrant]:
    """Return every grant that an agent ever had, the newest first."""
    return list(RecipientGrant.objects.filter(recipient=agent).order_by("-since"))


def grantable() -> list[catalogue.PersonalField]:
    """Return the fields that an agent may be granted at all."""
    return [field for field in catalogue.fields() if Purpose.AGENT_DELIVERY in field.purposes]


def _must_be_safe(endpoint: str) -> None:
    """Refuse an address that would carry people's data in clear over a network."""
    scheme, host = _where(endpoint)
    if host and (scheme == "https" or (scheme == "http" and _is_this_machine(host))):
        return
    raise BadInput("An endpoint is an https address without a password in it, or http on this very machine.")


def _where(endpoint: str) -> tuple[str, str]:
    """Return scheme and host; no host where there is a password or a port that is none, or no address at all."""
    try:
        parts = urlsplit(endpoint)
        odd = parts.port == 0 or "@" in parts.netloc
    except ValueError:
        return "", ""
    return parts.scheme, "" if odd else parts.hostname or ""


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
