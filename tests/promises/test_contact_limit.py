"""Every message goes through one door, to an address that was given, for a reason of the closed list."""

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

import avow
from avow.communications import sending
from avow.communications.classes import MessageClass
from avow.communications.models import Ledger, Outgoing
from avow.policy.promises import Promise

pytestmark = [pytest.mark.proves(Promise.CONTACT_LIMIT)]


def test_whatever_was_mailed_went_to_who_asked_and_left_its_line(somebody, box):
    """It bites: a mail past `send` has no line, and the two counts differ."""
    ada = somebody().join()
    ada.post("/accounts/password/reset/", email="stranger@example.com")
    assert {mail.to for mail in box()} == {"ada@example.com", "stranger@example.com"}
    assert Ledger.objects.count() == len(box())
    assert set(Ledger.objects.values_list("kind", flat=True)) <= set(MessageClass)


def test_one_file_alone_speaks_to_a_mail_server():
    speaking = [
        path.name
        for path in Path(avow.__file__).parent.rglob("*.py")
        if re.search(r"^(import|from) smtplib", path.read_text(), re.MULTILINE)
    ]
    assert speaking == ["relay.py"]


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    from django.conf import settings

    stray = Outgoing(id=uuid4(), sealed=b"", kind="code", queued_at=datetime.now(UTC), ends_at=datetime.now(UTC))
    with shown_to_fail(
        "every-message-went-through-the-door", how="another door is open; a message has no line; a line is not written"
    ) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
            assert "past the one door" in trial.fails()
        stray.save(force_insert=True)
        assert "did not come through" in trial.fails()
        stray.delete()
        with monkeypatch.context() as broken:
            broken.setattr(sending, "_note", lambda *_: uuid4())
            trial.fails()
        trial.holds()
    assert not Outgoing.objects.exists()


def test_the_check_of_dead_addresses_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    from avow.communications import bounces, hearing_back
    from avow.communications.models import Bounce

    with shown_to_fail(
        "an-address-that-is-dead-is-written-to-no-more",
        how="sending does not ask; a report about another address is believed; nothing lifts it",
    ) as trial:
        trial.holds()
        broken_by = [
            (bounces, "who_is_dead", lambda *_, **__: set(), "dead"),
            (hearing_back, "note", lambda *_, **__: True, "another address"),
            (bounces, "lift", lambda *_, **__: 0, "works again"),
        ]
        for where, name, instead, says in broken_by:
            with monkeypatch.context() as broken:
                broken.setattr(where, name, instead)
                assert says in trial.fails(), name
        trial.holds()
    assert not Bounce.objects.exists()
