"""
A code of an authenticator app after the first step: asked of whoever signs in, good once, sealed, and gone with its person.

It bites: each was tried. Without `SetUpApp` the code of the setting-up signs in; without `authenticator_field` the
database refuses the row (and without its CHECK too, the seed lies there in clear); without `set_up_app` in the way, somebody at
the screen of an account without password sets up an app of theirs; a label without the kind lets a row be moved to another.
"""

import base64
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.db import IntegrityError, connection, transaction

from avow.errors import DoesNotOpen
from avow.evidence.acts import Act
from avow.people import authenticator_field, deletion, guards, second_step
from avow.people.models import Account
from avow.people.stores import AccountStore
from avow.policy.promises import Promise
from tests.people.app import ACTIVATE, CODES, Clock, confirm_password, set_up
from tests.people.third_party import come_back, go, sign_up

pytestmark = [pytest.mark.proves(Promise.PASSWORD_PROTECTION, Promise.SECURITY_MEASURES)]


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(totp, "time", clock)
    return clock


@pytest.fixture
def guarded(ada, clock):
    """Somebody with an app; signed out, a minute later."""
    ada.app, ada.codes = set_up(ada, clock)
    ada.sign_out()
    clock.pass_by(60)
    return ada


def test_setting_up_asks_for_the_password_again_and_shows_a_picture_of_the_key(ada, clock):
    first = ada.get(ACTIVATE)
    assert first.status_code == 302 and "/reauthenticate/" in first.headers["Location"]
    confirm_password(ada)
    page = ada.get(ACTIVATE)
    assert "<svg" in page.content.decode() and "data:image" not in page.content.decode()
    assert "otpauth" not in page.content.decode()


def test_the_second_step_is_asked_for_and_nothing_opens_before_it(guarded, clock):
    answer = guarded.sign_in()
    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"
    assert not guarded.is_signed_in and guarded.get("/data").status_code == 302
    assert "authenticator app" in guarded.get("/accounts/2fa/authenticate/").content.decode()
    guarded.post("/accounts/2fa/authenticate/", code="000000" if guarded.app.code != "000000" else "111111")
    assert not guarded.is_signed_in
    guarded.post("/accounts/2fa/authenticate/", code=guarded.app.code)
    assert guarded.is_signed_in and guarded.get("/data").status_code == 200


def test_a_code_counts_once(guarded, somebody, clock):
    used = guarded.app.code
    guarded.sign_in()
    guarded.post("/accounts/2fa/authenticate/", code=used)
    assert guarded.is_signed_in
    thief = somebody(guarded.address)
    thief.sign_in()
    assert "Incorrect" in thief.post("/accounts/2fa/authenticate/", code=used).content.decode()
    assert not thief.is_signed_in


def test_the_code_of_the_setting_up_is_used_up_by_it(ada, somebody, clock):
    """A code over somebody's shoulder: allauth alone takes it for the rest of its half minute (ASVS 6.5.1)."""
    app, _ = set_up(ada, clock)
    thief = somebody(ada.address)
    thief.sign_in()
    thief.post("/accounts/2fa/authenticate/", code=app.code)
    assert not thief.is_signed_in


def test_a_code_of_another_half_minute_is_none(guarded, clock):
    guarded.sign_in()
    old = guarded.app.code
    clock.pass_by(30)
    guarded.post("/accounts/2fa/authenticate/", code=old)
    assert not guarded.is_signed_in


def test_each_recovery_code_opens_once_and_is_shown_once(guarded, somebody):
    assert len(guarded.codes) == len(set(guarded.codes)) == 10
    guarded.sign_in()
    guarded.post("/accounts/2fa/authenticate/", code=guarded.codes[0])
    assert guarded.is_signed_in
    assert second_step.recovery_codes(Account.objects.get(person=guarded.person)) == 9
    assert guarded.codes[1] not in guarded.get(CODES).content.decode()
    again = somebody(guarded.address)
    again.sign_in()
    again.post("/accounts/2fa/authenticate/", code=guarded.codes[0])
    assert not again.is_signed_in


def test_guessing_ends(guarded):
    guarded.sign_in()
    said = [guarded.post("/accounts/2fa/authenticate/", code=f"{n:06}").content.decode() for n in range(12)]
    assert "Too many" in said[-1]
    guarded.post("/accounts/2fa/authenticate/", code=guarded.app.code)
    assert not guarded.is_signed_in


def test_the_third_partys_sign_in_is_followed_by_it_too(guarded, third_party):
    guarded.sign_in()
    guarded.post("/accounts/2fa/authenticate/", code=guarded.app.code)
    come_back(guarded, go(guarded, process="connect", then="/sign-in-ways"))
    guarded.sign_out()
    come_back(guarded, go(guarded))
    assert not guarded.is_signed_in and guarded.get("/accounts/2fa/authenticate/").status_code == 200


def test_without_a_password_an_app_is_set_up_soon_after_signing_in_or_not_at_all(
    somebody, third_party, clock, monkeypatch
):
    eve = somebody("eve@example.com")
    sign_up(eve)
    assert eve.is_signed_in
    assert eve.get(ACTIVATE).status_code == 200
    monkeypatch.setattr(guards, "is_fresh", lambda *_, **__: False)
    assert eve.get(ACTIVATE).headers["Location"] == "/sign-in-ways"


def test_nothing_of_it_lies_in_clear(guarded, every_byte):
    stored = every_byte()
    raw = base64.b32decode(guarded.app.secret)
    for secret in (guarded.app.secret, raw.hex(), raw.decode("latin-1"), *guarded.codes):
        assert secret not in stored
    with (
        pytest.raises(IntegrityError, match="authenticator_is_sealed"),
        transaction.atomic(),
        connection.cursor() as sql,
    ):
        sql.execute("UPDATE mfa_authenticator SET data = jsonb_build_object('secret', %s::text)", [guarded.app.secret])


def test_a_row_moved_to_somebody_else_or_to_another_kind_does_not_open(guarded, somebody):
    eve = somebody("eve@example.com").join()
    theirs = Authenticator.objects.get(type="totp")
    Authenticator.objects.filter(pk=theirs.pk).update(user=Account.objects.get(person=eve.person))
    with pytest.raises(DoesNotOpen):
        Authenticator.objects.get(pk=theirs.pk).data["secret"]
    Authenticator.objects.filter(pk=theirs.pk).update(user=theirs.user, type="webauthn")
    with pytest.raises(DoesNotOpen):
        Authenticator.objects.get(pk=theirs.pk).data["secret"]


def test_what_was_not_looked_at_is_written_back_as_it_was(guarded):
    row = Authenticator.objects.get(type="totp")
    with connection.cursor() as sql:
        sql.execute("SELECT data ->> 'sealed' FROM mfa_authenticator WHERE type = 'totp'")
        (before,) = sql.fetchone()
        row.save()
        sql.execute("SELECT data ->> 'sealed' FROM mfa_authenticator WHERE type = 'totp'")
        assert sql.fetchone() == (before,)
    assert Authenticator.objects.get(type="totp").data == {"secret": guarded.app.secret}


def test_the_page_says_it_the_person_is_told_and_the_log_has_it(ada, clock, box):
    from avow.requests import words
    from avow.vault import attesting

    assert "and nothing else" in ada.get("/sign-in-ways").content.decode()
    set_up(ada, clock)
    page = ada.get("/sign-in-ways").content.decode()
    assert "a code of your authenticator app is asked for" in page and "10 recovery codes left" in page
    assert box(ada.address)[0].subject.startswith("A second step guards")
    assert [one.act for one in attesting.acts_of(ada.person)].count(Act.SIGN_IN_CHANGED) == 2, "the app, and its codes"
    assert words.ACTS[Act.SIGN_IN_CHANGED]


def test_it_is_taken_away_after_a_code_or_the_password_and_the_codes_go_with_it(guarded, box):
    guarded.sign_in()
    guarded.post("/accounts/2fa/authenticate/", code=guarded.app.code)
    confirm_password(guarded)
    assert guarded.post("/accounts/2fa/totp/deactivate/").headers["Location"] == "/accounts/2fa/"
    assert not Authenticator.objects.exists()
    assert box(guarded.address)[0].subject.startswith("The second step of your account")
    guarded.sign_out()
    guarded.sign_in()
    assert guarded.is_signed_in


def test_an_export_says_that_it_is_there_and_an_erasure_ends_it(guarded):
    from django.utils import timezone

    store = AccountStore()
    exported = {part.name: part.rows for part in store.export(guarded.person, now=timezone.now())}
    assert [row["kind"] for row in exported["second-steps"]] == ["authenticator app", "recovery codes"]
    assert guarded.app.secret not in str(exported)
    person = guarded.person
    with transaction.atomic():
        deletion.close(person, request=uuid4(), now=timezone.now())
    assert not Authenticator.objects.exists() and store.count(person) == 0


def test_a_sign_in_that_waits_for_its_code_ends_with_the_account(guarded):
    from django.utils import timezone

    guarded.sign_in()
    deletion.close(guarded.person, request=uuid4(), now=timezone.now())
    answer = guarded.post("/accounts/2fa/authenticate/", code=guarded.app.code)
    assert answer.status_code == 302 and not guarded.is_signed_in


def test_strangers_are_led_to_the_sign_in(somebody):
    eve = somebody("eve@example.com")
    for page in (ACTIVATE, CODES, f"{CODES}generate/", "/accounts/2fa/totp/deactivate/", "/accounts/2fa/authenticate/"):
        answer = eve.get(page)
        assert answer.status_code == 302 and "/accounts/login/" in answer.headers["Location"], page
        assert not parse_qs(urlsplit(answer.headers["Location"]).query).keys() - {"next"}


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    with shown_to_fail(
        "a-second-step-opens-once",
        how="any code opens, none does, one opens twice, the app is not asked for, or its seed lies in clear",
    ) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(totp, "validate_totp_code", lambda secret, code: True)
            assert "a wrong code" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(totp, "validate_totp_code", lambda secret, code: False)
            assert "does not sign in" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(totp.TOTP, "_mark_code_used", lambda self, code: True)
            assert "twice" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(second_step.SecondSteps, "is_mfa_enabled", lambda self, user, types=None: False)
            assert "not asked for" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(authenticator_field, "seal_blob", lambda person, label, plain: plain.ljust(80))
            assert "in clear" in trial.fails()
        trial.holds()
    assert not Authenticator.objects.exists()
