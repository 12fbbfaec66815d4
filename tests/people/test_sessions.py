"""Sessions: a copy of the table opens nothing without the browser's cookie, and both ends are kept."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.management.commands.clearsessions import Command
from django.core.management import call_command
from django.db import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from avow.people import session_seal
from avow.people.models import Session
from avow.people.sessions import SessionStore, clear_expired

COOKIES = st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=20, max_size=60)


@given(st.binary(max_size=2000).filter(lambda b: not b.endswith(b" ")), COOKIES, st.binary(min_size=32, max_size=32))
def test_what_a_cookie_sealed_it_opens(content, cookie, secret):
    sealed = session_seal.seal(content, cookie=cookie, secret=secret)
    assert session_seal.unseal(sealed, cookie=cookie, secret=secret) == content


@given(
    st.binary(max_size=300), COOKIES, COOKIES, st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32)
)
def test_no_other_cookie_and_no_other_installation_opens_it(content, cookie, other, secret, other_secret):
    sealed = session_seal.seal(content, cookie=cookie, secret=secret)
    if cookie != other:
        assert session_seal.unseal(sealed, cookie=other, secret=secret) is None
    if secret != other_secret:
        assert session_seal.unseal(sealed, cookie=cookie, secret=other_secret) is None


@given(st.binary(max_size=300), COOKIES, st.data())
def test_a_changed_byte_opens_nothing(content, cookie, data):
    sealed = bytearray(session_seal.seal(content, cookie=cookie, secret=b"s" * 32))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    assert session_seal.unseal(bytes(sealed), cookie=cookie, secret=b"s" * 32) is None


def test_the_length_of_an_address_does_not_show():
    """It bites: without the padding the two lengths differ."""
    short, long = (
        len(session_seal.seal(b'{"email": "%s"}' % (b"a" * n), cookie="c" * 40, secret=b"s")) for n in (5, 90)
    )
    assert short == long


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock(db):
    return Clock()


def begin(clock, **content):
    session = SessionStore(clock=clock)
    session.update(content)
    session.save()
    return session.session_key


def test_a_session_is_kept_and_found_again(clock):
    cookie = begin(clock, colour="blue")
    assert SessionStore(cookie, clock=clock).get("colour") == "blue"
    assert Session.objects.get().key == session_seal.row_key(cookie) != cookie


def test_an_unknown_cookie_opens_nothing_and_is_not_taken_over(clock):
    """Session fixation: the name that a stranger chose never becomes a session."""
    session = SessionStore("chosen-by-a-stranger", clock=clock)
    assert session.get("colour") is None
    session["colour"] = "blue"
    session.save()
    assert session.session_key != "chosen-by-a-stranger"


def test_a_row_moved_under_another_cookie_does_not_open(clock):
    cookie = begin(clock, colour="blue")
    Session.objects.update(key=session_seal.row_key("another-cookie-of-the-thief"))
    assert SessionStore("another-cookie-of-the-thief", clock=clock).get("colour") is None
    assert SessionStore(cookie, clock=clock).get("colour") is None


def test_an_anonymous_session_ends_after_an_hour_without_use(clock):
    cookie = begin(clock, colour="blue")
    clock.now += timedelta(minutes=50)
    assert SessionStore(cookie, clock=clock).get("colour") == "blue"  # this use slides the end
    clock.now += timedelta(minutes=50)
    assert SessionStore(cookie, clock=clock).get("colour") == "blue"
    clock.now += timedelta(minutes=61)
    assert SessionStore(cookie, clock=clock).get("colour") is None


def test_use_never_slides_a_session_past_its_absolute_end(clock, settings_for_sessions):
    cookie = begin(clock, colour="blue")
    for _ in range(20):
        clock.now += timedelta(minutes=50)
        if SessionStore(cookie, clock=clock).get("colour") is None:
            break
    assert clock.now >= datetime(2026, 11, 23, 20, tzinfo=UTC)
    assert SessionStore(cookie, clock=clock).get("colour") is None


@pytest.fixture
def settings_for_sessions(monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "SESSION_COOKIE_AGE", 8 * 3600)


def test_an_ended_session_is_not_written_back(clock):
    cookie = begin(clock, colour="blue")
    late = SessionStore(cookie, clock=clock)
    late["colour"] = "red"
    SessionStore(cookie, clock=clock).flush()
    with pytest.raises(UpdateError):
        late.save()
    assert not Session.objects.exists()


def test_a_new_name_at_sign_in_ends_the_old_one(clock):
    cookie = begin(clock, colour="blue")
    session = SessionStore(cookie, clock=clock)
    session.cycle_key()
    session.save()
    assert SessionStore(cookie, clock=clock).get("colour") is None
    assert SessionStore(session.session_key, clock=clock).get("colour") == "blue"


def test_clearsessions_removes_what_is_over_and_nothing_else(clock):
    begin(clock, colour="blue")
    clock.now += timedelta(hours=2)
    begin(clock, colour="red")
    assert clear_expired(clock.now) == 1
    assert Session.objects.count() == 1
    call_command(Command())  # Django's own command finds the engine
    assert Session.objects.filter(idle_ends_at__lt=datetime.now(UTC)).count() == 0


def test_nobody_is_signed_in_without_a_person(clock):
    """The database says so too."""
    with pytest.raises(IntegrityError, match="nobody_signed_in_without_a_person"):
        begin(clock, **{SESSION_KEY: "424242"})


def test_a_signed_in_session_may_rest_longer_than_an_anonymous_one(ada):
    from django.conf import settings

    row = Session.objects.get()
    assert row.person == ada.person
    assert row.signed_in_at is not None
    assert (
        settings.SESSION_IDLE - 60 < (row.idle_ends_at - row.signed_in_at).total_seconds() <= settings.SESSION_IDLE + 60
    )
    assert row.ends_at - row.signed_in_at > timedelta(seconds=settings.SESSION_COOKIE_AGE - 60)


def test_the_cookie_is_for_this_site_and_not_for_scripts(ada):
    cookie = ada.client.cookies["session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")
