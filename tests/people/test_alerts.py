"""
A sign-in from elsewhere is told, once; a click in the letter shuts everybody out and undoes what was done since.

It bites: each was tried. Without the mark every sign-in is news; with a mark that is not made with the person's key two
people of one house share it; without BEFORE in `act` the stranger's passkey stays; with a GET that acts a mailbox that
follows links shuts people out; with a link in the letter to a stranger's mailbox they take the address once more.
"""

import re
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st

from avow.communications import opting_out
from avow.communications.classes import Topic
from avow.evidence.acts import Act
from avow.people import deletion, known_browsers, not_me, queries
from avow.people.models import Account, KnownBrowser, Session
from avow.people.stores import SessionStore
from avow.policy.promises import Promise
from avow.vault import attesting
from tests.people.app import Clock, confirm_password, set_up
from tests.people.device import make
from tests.people.walking import PASSWORD

pytestmark = [pytest.mark.proves(Promise.SECURITY_MEASURES, Promise.PASSWORD_PROTECTION)]
ELSEWHERE = {"HTTP_USER_AGENT": "Mozilla/5.0 Firefox/140.0", "REMOTE_ADDR": "198.51.100.9"}
FRESH = "seven other boats at sea"
NEW = "A new browser signed in"


def from_elsewhere(somebody, address, **more):
    stranger = somebody(address)
    stranger.extra = ELSEWHERE | more
    return stranger


def link_in(mail):
    return re.search(r"(/not-me/\S+)", mail.text)[1]


def alerts(box, to):
    return [mail for mail in box(to) if mail.subject.startswith(NEW)]


def test_the_browser_of_the_sign_up_is_no_stranger_and_another_is_told_once(ada, somebody, box):
    ada.sign_out()
    ada.sign_in()
    assert alerts(box, ada.address) == []
    for _ in range(2):
        stranger = from_elsewhere(somebody, ada.address)
        stranger.sign_in()
    [told] = alerts(box, ada.address)
    assert "Firefox, from the network 198.51.100.0/24" in told.text
    assert "198.51.100.9" not in told.text, "the mail says the network alone"


def test_another_address_of_the_same_network_is_no_news_and_another_family_is(ada, somebody, box):
    for sent in ({"REMOTE_ADDR": "198.51.100.77"}, {}):
        from_elsewhere(somebody, ada.address, **sent).sign_in()
    assert len(alerts(box, ada.address)) == 1
    from_elsewhere(somebody, ada.address, HTTP_USER_AGENT="curl/8").sign_in()
    assert len(alerts(box, ada.address)) == 2


def test_a_password_alone_is_not_told_before_the_second_step(ada, somebody, box, monkeypatch):
    from allauth.mfa.totp.internal import auth as totp

    clock = Clock()
    monkeypatch.setattr(totp, "time", clock)
    set_up(ada, clock)
    from_elsewhere(somebody, ada.address).sign_in()
    assert alerts(box, ada.address) == [], "nobody is in"


def test_with_the_topic_switched_off_it_is_shown_in_the_account(ada, somebody, box):
    now = datetime.now(UTC)
    opting_out.opt_out(ada.person, [Topic.SECURITY_ALERTS], way="account", now=now)
    from_elsewhere(somebody, ada.address).sign_in()
    assert alerts(box, ada.address) == []
    assert NEW in ada.get("/messages").content.decode()


def test_what_was_sent_is_shown_sealed_exported_and_fades(ada, every_byte):
    now = datetime.now(UTC)
    page = ada.get("/sign-in-ways").content.decode()
    assert "203.0.113.7" in page
    stored = every_byte()
    assert "203.0.113.7" not in stored and "MarkerBrowser" not in stored
    parts = {part.name: part.rows for part in SessionStore().export(ada.person, now=now)}
    assert parts["known-browsers"][0]["address"] == "203.0.113.7"
    assert known_browsers.clear_expired(now + timedelta(days=31)) == 1
    assert KnownBrowser.objects.get().sealed is None
    assert known_browsers.of(ada.person, now=now + timedelta(days=31)) == []
    assert known_browsers.clear_expired(now + timedelta(days=184)) == 1
    assert not KnownBrowser.objects.exists()


def test_what_faded_is_still_known(ada, somebody, box):
    KnownBrowser.objects.update(sealed=None)
    ada.sign_out()
    ada.sign_in()
    assert alerts(box, ada.address) == [] and KnownBrowser.objects.get().sealed is not None


def test_two_people_of_one_house_share_no_mark_and_an_erasure_takes_it(ada, somebody):
    eve = somebody("eve@example.com").join()
    marks = set(KnownBrowser.objects.values_list("mark", flat=True))
    assert len(marks) == 2
    deletion.close(eve.person, request=uuid4(), now=datetime.now(UTC))
    assert KnownBrowser.objects.count() == 1


@given(st.text(max_size=60))
def test_any_address_has_a_network_or_none(text):
    assert known_browsers.network(text)


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.7", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("", "an unknown place")],
)
def test_networks(address, network):
    assert known_browsers.network(address) == network


def test_the_link_shuts_everybody_out_and_only_when_its_button_is_pressed(ada, somebody, box):
    stranger = from_elsewhere(somebody, ada.address)
    stranger.sign_in()
    confirm_password(stranger)
    make(stranger)
    link = link_in(alerts(box, ada.address)[0])
    reader = somebody("")
    page = reader.get(link)
    assert page.status_code == 200 and stranger.get("/data").status_code == 200, "opening it changes nothing"
    assert page.headers["Cache-Control"].startswith("max-age=0") or "no-store" in page.headers["Cache-Control"]
    done = reader.post(link).content.decode()
    assert "Everybody is signed out" in done
    assert stranger.get("/data").status_code == 302 and not Session.objects.exclude(person=None).exists()
    assert not Authenticator.objects.exists(), "the stranger's passkey and codes went"
    stranger.sign_in()
    assert not stranger.is_signed_in, "the password opens nothing any more"
    assert Act.SIGN_IN_CHANGED in [one.act for one in attesting.acts_of(ada.person)]
    assert reader.post(link).status_code == 200, "again does the same"
    ada.post("/accounts/password/reset/", email=ada.address)
    ada.enter(ada.newest_code(), url="/accounts/password/reset/confirm/")
    ada.post("/accounts/password/reset/complete/", password1=FRESH, password2=FRESH)
    ada.sign_in(password=FRESH)
    assert ada.is_signed_in


def test_what_was_there_before_stays(ada, somebody, box, monkeypatch):
    confirm_password(ada)
    make(ada)
    Authenticator.objects.update(created_at=datetime.now(UTC) - timedelta(days=3))
    link = not_me.link(ada.person, at=datetime.now(UTC)).removeprefix("http://127.0.0.1:8000")
    somebody("").post(link)
    assert Authenticator.objects.count() == 2


def test_after_three_days_an_old_letter_takes_no_second_step_away(ada, somebody):
    """It bites: for two weeks, whoever reads the mailbox could take the step away and have a new password mailed."""
    confirm_password(ada)
    make(ada)
    at = datetime.now(UTC)
    claim = not_me.read(not_me.link(ada.person, at=at).rsplit("/", 1)[1], now=at)
    not_me.act(claim, now=at + timedelta(days=3, minutes=1))
    assert Authenticator.objects.count() == 2
    not_me.act(claim, now=at + timedelta(days=2))
    assert not Authenticator.objects.exists()


def test_each_letter_about_a_change_carries_it(ada, box):
    confirm_password(ada)
    ada.post("/accounts/password/change/", oldpassword=PASSWORD, password1=FRESH, password2=FRESH)
    assert "/not-me/" in box(ada.address)[0].text
    make(ada)
    assert "/not-me/" in box(ada.address)[0].text


def change_address(walker, to, box):
    confirm_password(walker)
    walker.post("/data/email", value=to)
    code = re.search(r"^    (\S+)$", box(to)[0].text, re.MULTILINE)[1]
    walker.post("/data/email/code", code=code)


def test_the_old_address_takes_itself_back_and_the_strangers_gets_no_such_link(ada, somebody, box):
    old, person = ada.address, ada.person
    stranger = from_elsewhere(somebody, old)
    stranger.sign_in()
    change_address(stranger, "mallory@example.net", box)
    assert queries.person_at("mallory@example.net", verified=True) == person
    [letter] = [mail for mail in box(old) if mail.subject.startswith("The address of your account")]
    assert "becomes the address of the account again" in somebody("").get(link_in(letter)).content.decode()
    somebody("").post(link_in(letter))
    assert queries.person_at(old, verified=True) == person
    assert queries.person_at("mallory@example.net") is None
    assert stranger.get("/data").status_code == 302
    told = box("mallory@example.net")[0]
    assert told.subject.startswith("This address is no longer") and "/not-me/" not in told.text
    somebody("").post(link_in(letter))
    assert queries.person_at(old, verified=True) == person


def test_an_address_that_somebody_else_has_by_now_is_not_taken(ada, somebody, box):
    old = ada.address
    change_address(ada, "ada.new@example.com", box)
    [letter] = [mail for mail in box(old) if mail.subject.startswith("The address of your account")]
    person = queries.person_at("ada.new@example.com")
    cache.clear()
    somebody(old).join()
    somebody("").post(link_in(letter))
    assert queries.person_at(old, verified=True) not in {None, person}
    assert queries.person_at("ada.new@example.com") == person


def test_a_link_ends_after_two_weeks_with_the_person_and_when_it_is_not_whole(ada, somebody):
    now = datetime.now(UTC)
    link = not_me.link(ada.person, at=now - timedelta(days=14, minutes=1)).removeprefix("http://127.0.0.1:8000")
    assert somebody("").get(link).status_code == 404
    fresh = not_me.link(ada.person, at=now).removeprefix("http://127.0.0.1:8000")
    for wrong in (
        fresh[:-1],
        fresh[:-2] + ("AA" if fresh[-2:] != "AA" else "BB"),
        "/not-me/x",
        "/not-me/" + "a" * 4000,
    ):
        assert somebody("").post(wrong).status_code == 404, wrong
    deletion.close(ada.person, request=uuid4(), now=now)
    assert somebody("").post(fresh).status_code == 404


def test_few_recovery_codes_are_told(ada, somebody, box, monkeypatch):
    from allauth.mfa.totp.internal import auth as totp

    clock = Clock()
    monkeypatch.setattr(totp, "time", clock)
    _, codes = set_up(ada, clock)
    low = "Few recovery codes are left"
    for used, code in enumerate(codes[:8], 1):
        ada.sign_out()
        ada.sign_in()
        ada.post("/accounts/2fa/authenticate/", code=code)
        assert ada.is_signed_in
        assert len([mail for mail in box(ada.address) if mail.subject.startswith(low)]) == max(0, used - 6), used
    assert "2 are left" in box(ada.address)[0].text


def test_who_has_no_address_reads_it_in_the_account(somebody):
    bob = somebody("")
    bob.post("/accounts/signup/passkey/", email="", name="", phone="")
    key, _ = make(bob, at="/accounts/2fa/webauthn/signup/")
    from tests.people.device import show

    stranger = from_elsewhere(somebody, "")
    show(stranger, key)
    assert stranger.is_signed_in
    assert NEW in bob.get("/messages").content.decode()
    assert Account.objects.count() == 1


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    with shown_to_fail(
        "a-strangers-sign-in-is-noticed",
        how="nothing is news, everything is, what was sent lies in clear, or the link leaves a session open",
    ) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(known_browsers, "mark_of", lambda person, address, agent: "one for all")
            assert "not noticed" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(known_browsers, "mark_of", lambda person, address, agent: uuid4().hex)
            assert "before is taken for a stranger" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(known_browsers, "seal_blob", lambda person, label, plain: plain)
            assert "in clear" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(not_me.signing, "sign_out_everywhere", lambda person, *, now: 0)
            assert "leaves a session open" in trial.fails()
        trial.holds()
    assert not KnownBrowser.objects.exists()


def test_a_thief_who_moves_it_twice_does_not_win_by_the_mailbox_between(ada, somebody, box):
    """It bites: without `is_disputed` the second mailbox takes the address back for itself, for longer than its owner."""
    old, person = ada.address, ada.person
    thief = from_elsewhere(somebody, old)
    thief.sign_in()
    change_address(thief, "b@example.net", box)
    cache.clear()
    time.sleep(1.1)  # a link says the second of its letter
    change_address(thief, "c@example.net", box)
    [to_b] = [mail for mail in box("b@example.net") if mail.subject.startswith("The address of your account")]
    [to_a] = [mail for mail in box(old) if mail.subject.startswith("The address of your account")]
    somebody("").post(link_in(to_a))
    assert queries.person_at(old, verified=True) == person
    assert somebody("").post(link_in(to_b)).status_code == 404
    assert queries.person_at(old, verified=True) == person
    assert somebody("").post(link_in(to_a)).status_code == 200, "the owner's still opens"


def test_any_letter_from_before_brings_the_address_back(ada, somebody, box):
    """It bites: the letter about the sign-in shut the thief out and left the address theirs."""
    old, person = ada.address, ada.person
    thief = from_elsewhere(somebody, old)
    thief.sign_in()
    time.sleep(1.1)
    change_address(thief, "mallory@example.net", box)
    somebody("").post(link_in(alerts(box, old)[0]))
    assert queries.person_at(old, verified=True) == person


def test_a_reset_that_waits_ends_with_the_click_and_with_an_exchange(ada, somebody, box):
    """It bites: allauth keeps a confirmed reset in a session of nobody's, and never looks at the address again."""
    waiting = somebody(ada.address)
    asked = waiting.post("/accounts/password/reset/", email=ada.address)
    confirmed = waiting.enter(waiting.newest_code(), asked.url)
    assert Session.objects.filter(person=ada.person, signed_in_at=None).count() == 1
    somebody("").post(path_of(not_me.link(ada.person, at=datetime.now(UTC))))
    waiting.post(confirmed.url, password1=FRESH, password2=FRESH)
    assert not Account.objects.get(person=ada.person).check_password(FRESH)


def path_of(link):
    return link.removeprefix("http://127.0.0.1:8000")
