"""
Nothing leaves without a grant: deny by default, whole, for a named purpose, to a recipient that stands, with a ledger row.

It bites: returning the first standing grant without comparing `what`, the purpose, or the policy's purposes lets one of
these through (each was tried).
"""

from datetime import timedelta

import pytest

from avow.errors import BadInput, NoGrant
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import egress, recipients
from avow.vault.models import Egress
from avow.vault.recipients import RecipientKind

pytestmark = pytest.mark.proves(Promise.SHARING_LIMIT, Promise.NO_SALE)


@pytest.fixture
def agent(policy, now):
    number = recipients.add(RecipientKind.AGENT, "Parcel & Post", {"place": "Lisbon"}, now=now)
    grant = recipients.grant(
        number, ["name", "email"], Purpose.AGENT_DELIVERY, Promise.AGENT_NECESSITY,
        contract="contracts/parcel.pdf", until=now + timedelta(days=90), now=now,
    )  # fmt: skip
    return number, grant


def send(number, what=("email",), purpose=Purpose.AGENT_DELIVERY, *, now):
    return egress.leave(number, what, purpose, content=b"ada@example.com", people=1, now=now)


def test_what_is_granted_leaves_with_a_row_that_names_the_sentence(agent, now):
    row = Egress.objects.get(pk=send(agent[0], now=now))
    assert (row.what, row.clause, row.people) == (["email"], "agent-necessity", 1)
    assert b"ada" not in bytes(row.digest) + bytes(row.salt)


@pytest.mark.parametrize(
    "what, purpose",
    [(["phone"], Purpose.AGENT_DELIVERY), (["email", "phone"], Purpose.AGENT_DELIVERY), (["email"], Purpose.ANALYSIS), ([], Purpose.AGENT_DELIVERY)],
)  # fmt: skip
def test_anything_else_is_refused_and_leaves_no_row(agent, now, what, purpose):
    with pytest.raises(NoGrant):
        send(agent[0], what, purpose, now=now)
    assert not Egress.objects.exists()


def test_a_grant_ends_by_itself_by_hand_and_with_its_recipient(agent, now):
    number, grant = agent
    with pytest.raises(NoGrant):
        send(number, now=now + timedelta(days=91))
    send(number, now=now)
    recipients.end_grant(grant, now=now)
    with pytest.raises(NoGrant):
        send(number, now=now + timedelta(seconds=1))


def test_an_ended_recipient_receives_nothing(agent, now):
    recipients.end(agent[0], now=now)
    with pytest.raises(NoGrant):
        send(agent[0], now=now)


def test_there_is_no_kind_of_recipient_that_buys_and_no_grant_without_a_contract(agent, now):
    assert set(RecipientKind.values) == {"agent", "partner", "authority"}
    with pytest.raises(BadInput):
        recipients.grant(
            agent[0],
            ["name"],
            Purpose.AGENT_DELIVERY,
            Promise.AGENT_NECESSITY,
            contract=" ",
            until=now + timedelta(days=1),
            now=now,
        )
    with pytest.raises(BadInput):
        recipients.add(RecipientKind.PARTNER, "Parcel & Post", {}, now=now)
