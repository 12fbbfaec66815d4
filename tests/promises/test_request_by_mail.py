"""
The same can be asked for by mail: what comes becomes a case, nothing is done on a mail's word, and no link acts by itself.

Black box: a file of bytes goes in, a mail comes out, its link and its button do the rest.
"""

import io
import re
import zipfile
from datetime import UTC, datetime

import pytest

from avow.communications import mailbox
from avow.policy.promises import Promise
from avow.requests import case_checks, confirming, taking_up
from avow.requests.models import Case, Request

pytestmark = [pytest.mark.proves(Promise.REQUEST_BY_MAIL)]
BECOMES, LINK = "a-mail-becomes-a-case", "a-link-in-a-mail-does-nothing-until-its-button"


def mail(text, frm="ada@example.com"):
    raw = f"From: {frm}\nTo: info@optimibi.com\nMessage-ID: <{text}>\n\n{text}\n".encode()
    now = datetime.now(UTC)
    return taking_up.take(mailbox.leave(raw, now=now).pk, now=now)


def mailed_link(ada, box):
    return re.search(r"(/requests/confirm/\w+)", box("ada@example.com")[0].text)[1]


def test_a_copy_by_mail(ada, box):
    mail("Please send me a copy of all my data.")
    ada.sign_out()
    link = mailed_link(ada, box)
    page = ada.get(link)
    assert page.status_code == 200 and not Request.objects.exists()
    assert page.headers["Cache-Control"] == "no-store"
    packed = ada.post(link)
    names = zipfile.ZipFile(io.BytesIO(packed.content)).namelist()
    assert "index.html" in names and "data/case-messages.json" in names
    assert ada.get(link).status_code == ada.post(link).status_code == 410


def test_an_erasure_by_mail(ada, box):
    mail("Please delete my account and all my data.")
    link = mailed_link(ada, box)
    for method in (ada.client.get, ada.client.head, ada.client.options):
        method(link)
    assert not Request.objects.exists()
    led = ada.post(link)
    assert led.headers["Location"] == f"/certificates/{Request.objects.get(kind='erasure').number}"
    assert ada.post(link).status_code == 410


def test_who_writes_in_anothers_name_gets_nothing(ada, box):
    """The attack works as far as it may: a mail goes, and only to the address on file."""
    before = len(box())
    mail("Please delete my account.")
    assert [letter.to for letter in box()][: len(box()) - before] == ["ada@example.com"]
    assert Case.objects.get().state == "confirming"


def test_becoming_a_case_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    with shown_to_fail(
        BECOMES, how="mails are filed unread; a wish has no letter to confirm it; a mail waits"
    ) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(taking_up.intents, "read", lambda *_, **__: taking_up.intents.Reading(frozenset(), False))
            trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(taking_up.confirming, "mail_link", lambda *_, **__: None)
            assert "not confirmed" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(case_checks, "STUCK", -case_checks.STUCK)
            now = datetime.now(UTC)
            row = mailbox.leave(b"From: a@example.com\nMessage-ID: <1@x>\n\nWhy?", now=now)
            assert "ten minutes" in trial.fails()
        taking_up.take(row.pk, now=now)
        trial.holds()
    assert Case.objects.count() == 1, "what the check tries is undone"


def test_acting_on_a_look_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    plain = confirming.look

    def acts(token, *, now):
        case = plain(token, now=now)
        confirming.cases.close(case.pk, confirming.Outcome.DONE, now=now)
        return case

    with shown_to_fail(LINK, how="opening the page of a link does what its button does") as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(confirming, "look", acts)
            assert "only its button" in trial.fails()
        trial.holds()
    assert not Case.objects.exists()
