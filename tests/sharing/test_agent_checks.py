"""The live checks of agents hold, and fail when the gate, the contract's day or the register is broken."""

from datetime import timedelta

import pytest

from avow.policy.promises import Promise
from avow.sharing import agents_register, errands, errands_delivering
from avow.vault import egress, recipients
from avow.vault.models import Egress, Recipient, RecipientGrant

pytestmark = pytest.mark.proves(Promise.AGENT_NECESSITY, Promise.AGENT_STANDARDS, Promise.AGENT_REGISTER)


def open_gate(agent, what, purpose, *, now):
    return RecipientGrant.objects.filter(recipient=agent).first()


def test_the_check_of_fields_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    with shown_to_fail("agents-get-their-fields-and-no-more", how="the gate compares no fields") as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(egress, "permit", open_gate)
            assert "nobody granted" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(errands_delivering, "_compose", lambda *_: b'{"name":"Canary One Canary Two","phone":""}')
            assert "more than" in trial.fails()
        trial.holds()
    assert not Recipient.objects.exists() and not Egress.objects.exists()


def test_the_check_of_contracts_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    with shown_to_fail("an-expired-contract-stops-sending", how="nobody looks at the day of review") as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(
                recipients, "standing", lambda agent, *, now: list(RecipientGrant.objects.filter(recipient=agent))
            )
            assert "contract has ended" in trial.fails()
        trial.holds()


def test_the_check_of_the_register_is_shown_to_fail(policy, shown_to_fail, monkeypatch, add_agent):
    add_agent("https://parcel.example/hook")
    plain = agents_register.entries
    with shown_to_fail("the-register-is-the-configuration", how="the register leaves one agent out") as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(agents_register, "entries", lambda now: plain(now)[1:])
            assert "not in the register" in trial.fails()
        trial.holds()


def test_the_register_shows_what_stands_and_no_more(policy, add_agent, now):
    agent = add_agent("https://parcel.example/hook")
    [entry] = agents_register.entries(now)
    assert (entry.fields, entry.unused) == (("email", "name"), ("email", "name"))
    [later] = agents_register.entries(now + timedelta(days=91))
    assert later.fields == () and later.reviewed is None
    recipients.end(agent, now=now)
    assert agents_register.entries(now) == []
    assert errands.received  # the act that unused rests on
