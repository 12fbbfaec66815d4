"""
A link from the shell makes one account an officer's, once.

It bites: each was tried. Without the delete a link makes two officers; with a GET that acts a preview does.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from avow.errors import NotFound
from avow.evidence.acts import Act
from avow.people import desk, desk_invitations
from avow.people.models import Account, DeskInvitation
from avow.policy.promises import Promise
from avow.vault import attesting
from tests.people.test_once_more import left_open

pytestmark = [pytest.mark.proves(Promise.SECURITY_MEASURES)]


def now():
    return datetime.now(UTC)


def path(link):
    return link.removeprefix("http://127.0.0.1:8000")


def test_it_makes_one_officer_when_the_button_is_pressed(ada, somebody):
    link = path(desk_invitations.invite(now=now()))
    assert "Work at the desk?" in ada.get(link).content.decode() and not desk.is_officer(ada.person)
    assert ada.post(link).headers["Location"] == "/desk" and desk.is_officer(ada.person)
    assert Act.DESK_GRANTED in [one.act for one in attesting.acts_of(ada.person)]
    eve = somebody("eve@example.com").join()
    assert eve.get(link).status_code == eve.post(link).status_code == 404 and not desk.is_officer(eve.person)


def test_somebody_at_an_open_screen_is_asked_who_they_are(ada):
    link = path(desk_invitations.invite(now=now()))
    left_open(ada)
    assert ada.post(link).headers["Location"].startswith("/accounts/reauthenticate/") and not desk.is_officer(
        ada.person
    )


def test_it_ends_after_an_hour_and_rests_as_a_hash(ada, every_byte):
    link = desk_invitations.invite(now=now())
    token = link.rsplit("/", 1)[1]
    assert token not in every_byte()
    account = Account.objects.get(person=ada.person)
    with pytest.raises(NotFound):
        desk_invitations.accept(token, account, now=now() + timedelta(hours=1, seconds=1))
    assert not desk_invitations.offered(token, now=now() + timedelta(hours=1, seconds=1))
    assert desk_invitations.clear_expired(now() + timedelta(hours=2)) == 1
    assert not DeskInvitation.objects.exists()


def test_two_at_a_time_are_one(ada, somebody):
    from django.db import connections

    eve = somebody("eve@example.com").join()
    token = desk_invitations.invite(now=now()).rsplit("/", 1)[1]
    accounts = [Account.objects.get(person=one.person) for one in (ada, eve)]

    def accept(account):
        try:
            desk_invitations.accept(token, account, now=now())
        except NotFound:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(accept, accounts)) == [False, True]


def test_a_stranger_signs_in_first(somebody):
    eve = somebody("eve@example.com")
    link = path(desk_invitations.invite(now=now()))
    assert "/accounts/login/" in eve.get(link).headers["Location"]


def test_the_shell_prints_it(ada, monkeypatch):
    from contextlib import nullcontext

    from click.testing import CliRunner

    from avow.host.commands import desk as command

    monkeypatch.setattr(command, "tables", nullcontext)
    printed = CliRunner().invoke(command.group, ["invite"], catch_exceptions=False).output
    assert ada.get(path(printed.split()[0])).status_code == 200
