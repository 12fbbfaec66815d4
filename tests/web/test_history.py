"""
What happened to one's account is listed, each act with by whom and its proof, and nobody else's act is found there.

It bites: each was tried. With the entry taken by its number alone, somebody else's act opens; with an entry written anew
and not byte for byte, the verifier refuses it.
"""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from avow.evidence import verifier
from avow.people import settings_change
from avow.policy.promises import Promise
from avow.requests import account_log
from avow.vault import attesting
from avow.web.public import log

pytestmark = [pytest.mark.proves(Promise.VIEW_AND_CORRECT, Promise.ACCESS_AND_ERASE)]
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def ada(somebody):
    return somebody().join(name="Ada Lovelace")


def taken_up(house):
    house.record()


def test_each_act_is_listed_with_who_did_it_and_the_sentence(ada, house):
    settings_change.change(ada.person, "name", "Ada King", now=NOW)
    page = ada.get("/history").content.decode()
    assert "being recorded" in page, "before the log has taken it up"
    taken_up(house)
    page = ada.get("/history").content.decode()
    assert "A value was changed" in page and "You signed in" in page and "You signed up" in page
    assert "you, or somebody signed in as you" in page and "§&nbsp;3a.2" in page
    assert "Ada King" not in page, "what it was stands with the field"


def test_an_act_can_be_proved_without_us_and_shown_to_be_ones_own(ada, house):
    taken_up(house)
    one = account_log.of(ada.person)[0]
    page = ada.get(f"/history/{one.entry_id}").content.decode()
    assert one.opening["nonce"] in page
    entry = ada.get(f"/history/{one.entry_id}/entry.json").content
    receipt = ada.get(f"/history/{one.entry_id}/receipt.txt").content
    found = verifier.verify(receipt, log.vkey(), entry)
    assert found["index"] == one.index and found["entry"]["act"] == one.act
    subject = attesting.subject(bytes.fromhex(one.opening["log_key"]), bytes.fromhex(one.opening["nonce"]))
    assert json.loads(entry)["subject"] == subject.hex()


def test_nobody_finds_somebody_elses_act(ada, somebody, house):
    eve = somebody("eve@example.com").join()
    taken_up(house)
    for one in account_log.of(ada.person):
        for file in ("", "/entry.json", "/receipt.txt"):
            assert eve.get(f"/history/{one.entry_id}{file}").status_code == 404
    assert somebody("x@example.com").get("/history").status_code == 302


def test_a_long_life_goes_by_pages(ada, monkeypatch):
    from avow.web.centre import history

    monkeypatch.setattr(history, "AT_ONCE", 3)
    total = len(account_log.of(ada.person))
    assert total > 3
    first = ada.get("/history").content.decode()
    assert f"{total} acts about you" in first and 'href="?from=3"' in first
    assert first.count('scope="row"') == 3
    assert ada.get("/history?from=3").content.decode().count('scope="row"') == min(3, total - 3)
    for odd in ("-1", "x", "9" * 30, "²"):
        assert ada.get(f"/history?from={odd}").status_code == 200


def test_an_act_that_was_rolled_back_is_not_here(ada):
    from django.db import transaction

    before = len(account_log.of(ada.person))
    with transaction.atomic():
        settings_change.change(ada.person, "name", "Ada King", now=NOW + timedelta(days=1))
        transaction.set_rollback(True)
    assert len(account_log.of(ada.person)) == before


def test_my_data_leads_there(ada):
    assert re.search(r'href="/history"', ada.get("/data").content.decode())
