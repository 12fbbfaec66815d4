"""
`avow release …` does what the desk does, by the same acts.

It bites: an approval without an officer's name, or a specification that is no object, passes a laxer command (tried).
"""

import json
from contextlib import nullcontext

import pytest

from avow.policy.promises import Promise
from tests.sharing.conftest import figures, lake, many

pytestmark = pytest.mark.proves(Promise.AGGREGATE_RELEASE)


@pytest.fixture
def say(monkeypatch):
    """Run the command in this very process, whose house stands already."""
    from click.testing import CliRunner

    from avow.host.commands import release

    monkeypatch.setattr(release, "tables", nullcontext)
    return lambda *words: CliRunner().invoke(release.group, [str(word) for word in words])


def test_from_a_file_to_the_partners_link_and_the_ledger(say, partner, officers, tmp_path, monkeypatch):
    from avow.people import new_address
    from avow.usage import lake as usage_lake
    from tests.sharing.conftest import NOW

    monkeypatch.setattr(usage_lake, "events", lake(many(people=30)))
    for person, address in zip(officers, ("one@example.com", "two@example.com"), strict=False):
        new_address.exchange(person, address, now=NOW)
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(figures(partner)))
    number = say("propose", spec).output.strip()
    assert "checked" in say("check", number).output
    assert "1 of 2" in say("approve", number, "--as", "one@example.com").output
    assert "another officer" in str(say("approve", number, "--as", "one@example.com").exception)
    assert "2 of 2; it is approved" in say("approve", number, "--as", "two@example.com").output
    assert "/partner/" in say("publish", number).output
    assert "10 spent   240 left" in say("ledger").output


def test_a_partner_is_named_with_a_contract_that_is_not_over(say, policy):
    from avow.sharing import release_queries

    words = ["partner", "Northwind Research", "--contract", "contracts/northwind.pdf", "--until"]
    assert "day to come" in str(say(*words, "2020-01-01").exception)
    assert release_queries.partners() == []
    number = say(*words, "2999-01-01").output.strip()
    assert [(str(one), name) for one, name in release_queries.partners()] == [(number, "Northwind Research")]
    assert "name that no other has" in str(say(*words, "2999-01-01").exception)


def test_what_is_no_specification_is_refused(say, tmp_path):
    spec = tmp_path / "spec.json"
    for text in ("{", "[]"):
        spec.write_text(text)
        assert "no JSON" in str(say("propose", spec).exception) or "one object" in str(say("propose", spec).exception)
    assert say("approve", "00000000-0000-4000-8000-000000000000").exit_code == 2
