"""
Live checks of what agents get: a canary's fields go to a canary agent, as far as the last step before the network.

Holds:    what a check writes is rolled back; nothing goes anywhere.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from avow.errors import NoGrant
from avow.people import canary
from avow.people.in_vain import in_vain
from avow.policy.promises import Promise, watches
from avow.sharing import agents, errands, errands_delivering
from avow.sharing.errands_models import Errand
from avow.vault.models import Egress, RecipientKind

A_DAY = timedelta(days=1)
NOBODY = agents.Facts(
    service="a live check", purpose="to try the gate", place="this machine", site="https://canary.invalid",
    contact="nobody", endpoint="http://127.0.0.1:9/",
)  # fmt: skip


@watches(Promise.AGENT_NECESSITY, Promise.SHARING_LIMIT, every=timedelta(minutes=5))
def agents_get_their_fields_and_no_more(now: datetime) -> str | None:
    """Let a canary agent ask for its field and for one more, and hold everything that left against its grant."""
    canary.account(now)
    with in_vain():
        agent = an_agent(now)
        if not _was_refused(agent, ["name", "phone"], now) or not _was_refused(agent, ["phone"], now):
            return "an agent was given a field that nobody granted to it"
        content = _sent(errands.give(agent, canary.PERSON, ["name"], now=now), now)
        if content is None or (canary.NAMES[0].encode() not in content and canary.NAMES[1].encode() not in content):
            return "an agent does not get the field that it was granted"
        if b"phone" in content or canary.PERSON.hex.encode() in content.replace(b"-", b""):
            return "an agent is sent more than its errand names"
    beyond = [line for line in _newest() if not set(line.what) <= set(line.grant.what)]
    return f"{len(beyond)} errands carried fields that their grants do not name" if beyond else None


@watches(Promise.AGENT_STANDARDS, every=timedelta(minutes=5))
def an_expired_contract_stops_sending(now: datetime) -> str | None:
    """Queue an errand under a contract that ends tomorrow, and try to hand it over the day after."""
    canary.account(now)
    with in_vain():
        errand = errands.give(an_agent(now), canary.PERSON, ["name"], now=now)
        if _sent(errand, now + 2 * A_DAY) is not None:
            return "an agent is sent something after its contract has ended"
        if _sent(errands.give(an_agent(now, "another canary"), canary.PERSON, ["name"], now=now), now) is None:
            return "an agent under a valid contract is sent nothing"
    late = Egress.objects.filter(recipient__kind=RecipientKind.AGENT, at__gte=F("grant__until")).count()
    return f"{late} errands left after the contract that they rest on had ended" if late else None


def an_agent(now: datetime, name: str = "canary") -> UUID:
    """Enter an agent that may have the name until tomorrow."""
    agent = agents.add(f"{name} of {now.isoformat()}", NOBODY, now=now)
    agents.grant(agent, ["name"], contract="live check", until=now + A_DAY, now=now)
    return agent


def _was_refused(agent: UUID, fields: list[str], now: datetime) -> bool:
    try:
        errands.give(agent, canary.PERSON, fields, now=now)
    except NoGrant:
        return True
    return False


def _sent(errand: UUID, now: datetime) -> bytes | None:
    """Go as far as the network and return what would go."""
    row = Errand.objects.get(pk=errand)
    return errands_delivering.let_go(row, agents.find(row.agent), now)


def _newest() -> list[Egress]:
    lines = Egress.objects.filter(recipient__kind=RecipientKind.AGENT).select_related("grant")
    return list(lines.order_by("-at")[:500])
