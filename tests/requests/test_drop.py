"""
The folder, and kill -9 at any moment of the way from a file to a case: never two cases, never none, nothing left in clear.

Meant to bite, and not tried yet: removing the file before the commit loses the mail at moment 1; a random digest makes two
cases when killed after the commit and before the removal.
"""

from datetime import UTC, datetime, timedelta

import pytest

from avow.communications import drop, mailbox
from avow.communications.models import Incoming, Outgoing
from avow.errors import BadInput
from avow.requests import taking_up
from avow.requests.models import Case, CaseMessage
from tests.killing import killed_at_moment
from tests.requests.test_mails import LETTERS

MOST = 60
A_MOMENT = timedelta(seconds=5)


@pytest.fixture
def folder(optimibi):
    path = drop.folder()
    yield path
    for left in path.iterdir():
        left.unlink()


def put(folder, name, as_name="mail"):
    path = folder / f"{as_name}.eml"
    path.write_bytes((LETTERS / f"{name}.eml").read_bytes())
    return path


def test_a_file_becomes_a_case_and_is_gone(folder, someone):
    someone()
    path, now = put(folder, "question"), datetime.now(UTC)
    assert drop.collect(now - A_MOMENT) == 0, "it may still be written"
    assert drop.collect(now + A_MOMENT) == 1
    assert not path.exists()
    assert taking_up.take_up(now) == 1
    assert Case.objects.get().kind == "question"


def test_the_folder_is_closed_to_others_and_a_link_in_it_leads_nowhere(folder, tmp_path):
    elsewhere = tmp_path / "private.eml"
    elsewhere.write_text("From: a@example.com\n\nprivate")
    (folder / "link.eml").symlink_to(elsewhere)
    (folder / "pipe.eml").with_suffix(".txt").write_text("not a mail")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert drop.collect(datetime.now(UTC) + A_MOMENT) == 0
    with pytest.raises(BadInput):
        drop.read(folder / "link.eml")


@pytest.mark.parametrize("name", ["malformed", "bounce", "attachment"])
def test_what_could_not_be_read_is_not_left_lying(folder, name):
    path = put(folder, name)
    drop.collect(datetime.now(UTC) + A_MOMENT)
    assert not path.exists()


def test_a_flood_waits_in_the_folder(folder, monkeypatch):
    monkeypatch.setattr(mailbox, "MOST_AN_HOUR", 2)
    for number in range(4):
        put(folder, "question", f"m{number}").write_bytes(f"From: p{number}@example.com\n\nWhy?".encode())
    now = datetime.now(UTC) + A_MOMENT
    assert drop.collect(now) == 2
    assert len(list(folder.glob("*.eml"))) == 2
    assert drop.collect(now + timedelta(hours=2)) == 2


def test_one_mail_that_cannot_be_taken_holds_up_no_other(someone, monkeypatch):
    someone()
    now = datetime.now(UTC)
    for name in ("question", "delete"):
        mailbox.leave((LETTERS / f"{name}.eml").read_bytes(), now=now)
    plain = taking_up.cases.receive
    monkeypatch.setattr(
        taking_up.cases, "receive", lambda kind, *rest, **how: 1 / (kind != "question") and plain(kind, *rest, **how)
    )
    with pytest.raises(ZeroDivisionError):
        taking_up.take_up(now)
    assert [case.kind for case in Case.objects.all()] == ["erasure"]
    monkeypatch.undo()
    taking_up.take_up(now)
    assert Case.objects.count() == 2


def both(now):
    drop.collect(now)
    taking_up.take_up(now)


@pytest.mark.parametrize("name", ["delete", "unknown-question"], ids=["a-person", "a-stranger"])
def test_killed_at_every_moment_there_is_one_case_and_one_letter(folder, someone, name):
    someone()
    killed = 0
    for at in range(1, MOST):
        Outgoing.objects.all().delete()
        for table in (CaseMessage, taking_up.confirming.Confirmation, Case, Incoming):
            table.objects.all().delete()
        path, now = put(folder, name), datetime.now(UTC) + A_MOMENT
        died = killed_at_moment(at, lambda: both(now))  # noqa: B023 - run at once
        killed += died
        both(now)
        left = (Case.objects.count(), CaseMessage.objects.count(), Outgoing.objects.count(), path.exists())
        assert left == (1, 1, 1, False), f"killed at moment {at}"
        assert Incoming.objects.get().state == "case"
        if not died:
            break
    assert killed > 3 and not died, f"{killed} moments"
