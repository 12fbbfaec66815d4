"""
Hand an errand over: ask once more whether it may go, write down that it goes, send it, write down what was answered.

Why the ledger's row before the first byte: an endpoint that dies while it answers may have everything. A ledger that
lists what perhaps arrived is honest; one that leaves out what did is not.

Holds:    a grant that ended, a contract past its day, an objection or an erasure between queue and hand-over: refused,
          nothing sent. The same errand always carries the same number, so that an agent can tell a repetition.
          What goes names, under the signature, whom it is for and when the grant that it rests on ends, so that a copy
          in other hands, or one that is used too late, says so itself.
          An order to delete needs no grant, and has no end, since it must reach also an agent that we have left; it
          carries the agent's own name for the person and no other datum.
Assumes:  one worker at a time carries one errand (its job's lock).
"""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from avow.errors import Refused, Unavailable
from avow.evidence.acts import Act
from avow.evidence.entries import canonical, stamp
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.sharing import agents, errands, errands_posting
from avow.sharing.errands_models import Errand
from avow.sharing.errands_states import TRIES, Kind, State, may
from avow.vault import egress, pseudonyms, wire
from avow.vault.attesting import attest
from avow.vault.models import Egress, Recipient
from avow.vault.wire import Answer


@keeps(Promise.AGENT_STANDARDS)
def deliver(number: UUID, *, now: datetime, patience: float = wire.PATIENCE) -> State | None:
    """Carry an errand if it waits; return where it stands then, or raise Unavailable when it should be tried again."""
    row = Errand.objects.filter(pk=number, state=State.WAITING).first()
    if row is None:
        return None
    agent = agents.find(row.agent)
    content = let_go(row, agent, now)
    if content is None:
        return State.REFUSED
    key = agents.secret_of(agent)
    try:
        answer = errands_posting.post(
            agent.facts["endpoint"], content, errand=row.id, key=key, now=now, patience=patience
        )
    except Unavailable:
        return _try_again(row, now)
    return _settle(row, answer, key, now) if answer.took_it else _try_again(row, now)


@transaction.atomic
def let_go(row: Errand, agent: Recipient, now: datetime) -> bytes | None:
    """Return the bytes that go, written into the ledger; None when they may not, and then the errand ends."""
    if not Errand.objects.select_for_update().filter(pk=row.pk, state=row.state).exists():
        return None  # forgotten with its person, or taken up by another, since it was read
    if row.kind == Kind.DELETION:
        return canonical({"errand": str(row.id), "kind": row.kind, "to": str(row.agent), "person": row.pseudonym})
    try:
        with transaction.atomic():
            return _written_down(row, _compose(row, agent, now), now)
    except Refused:
        move(row, State.REFUSED, now=now)
        return None


def _written_down(row: Errand, content: bytes, now: datetime) -> bytes:
    """Let this content go by the gate, unless these very bytes are in its ledger already, and return it."""
    if not _is_in_the_ledger(row, content):
        row.egress = egress.leave(row.agent, row.fields, Purpose.AGENT_DELIVERY, content=content, people=1, now=now)
        Errand.objects.filter(pk=row.pk).update(egress=row.egress)
    return content


def _compose(row: Errand, agent: Recipient, now: datetime) -> bytes:
    """Write what the agent receives: the fields of this errand, under its own name for the person."""
    assert row.person is not None, "only an order to delete names nobody"
    grant = egress.permit(row.agent, row.fields, Purpose.AGENT_DELIVERY, now=now)
    values = errands.may_have(row.agent, row.person, row.fields, now=now)
    return canonical(
        {
            "errand": str(row.id),
            "kind": row.kind,
            "to": str(row.agent),
            "until": stamp(grant.until),
            "person": pseudonyms.for_recipient(row.person, row.agent),
            "fields": {name: values.get(name) for name in row.fields},
            "purpose": agent.facts["purpose"],
        }
    )


def _is_in_the_ledger(row: Errand, content: bytes) -> bool:
    """Say whether these very bytes are written down already, from a try before."""
    line = Egress.objects.filter(pk=row.egress).first() if row.egress else None
    return line is not None and sha256(bytes(line.salt) + content).digest() == bytes(line.digest)


def _try_again(row: Errand, now: datetime) -> State:
    """Count a try that failed; the last one ends the errand, visibly."""
    Errand.objects.filter(pk=row.pk).update(tries=row.tries + 1)
    if row.tries + 1 < TRIES:
        raise Unavailable("The agent's endpoint did not take the errand; it will be tried again.")
    move(row, State.FAILED, now=now)
    return State.FAILED


@transaction.atomic
def _settle(row: Errand, answer: Answer, key: bytes, now: datetime) -> State:
    """Write down that the agent has taken it."""
    receipt, signed = sha256(answer.body).digest(), errands_posting.is_signed(key, answer)
    moved = move(row, State.DELIVERED, now=now, receipt=receipt, signed=signed, pseudonym="")
    if moved and row.person is not None:  # not moved: its person was erased meanwhile, and the row is gone
        attest(row.person, Act.SENT_TO_AGENT, promise=Promise.AGENT_NECESSITY, actor="service", now=now)
    return State.DELIVERED


def move(row: Errand, to: State, *, now: datetime, **also: object) -> bool:
    """Move an errand as the table of moves allows; False when it was moved or forgotten meanwhile."""
    assert may(State(row.state), to), f"an errand that is {row.state} cannot become {to}"
    found = Errand.objects.filter(pk=row.pk, state=row.state)
    return found.update(state=to, settled_at=None if to is State.WAITING else now, **also) > 0
