"""
What a strict reader of ASVS asked for and nothing showed yet.

It bites: each was tried, by taking the mechanism away in allauth's form, in the stages, and in the settings.
"""

import time
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal import auth as totp

from avow.people.models import Account
from avow.policy.promises import Promise
from tests.people.app import Clock, set_up
from tests.people.walking import PASSWORD

pytestmark = [pytest.mark.proves(Promise.PASSWORD_PROTECTION)]
FRESH = "seven other boats at sea"


def test_a_new_password_asks_for_the_present_one(ada):
    for wrong in ("", "not the present one, no"):
        page = ada.post("/accounts/password/change/", oldpassword=wrong, password1=FRESH, password2=FRESH)
        assert page.status_code == 200
    assert Account.objects.get(person=ada.person).check_password(PASSWORD)
    ada.post("/accounts/password/change/", oldpassword=PASSWORD, password1=FRESH, password2=FRESH)
    assert Account.objects.get(person=ada.person).check_password(FRESH)


def test_a_reset_leads_to_the_second_step_and_never_past_it(ada, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(totp, "time", clock)
    app, _ = set_up(ada, clock)
    ada.sign_out()
    clock.pass_by(60)
    asked = ada.post("/accounts/password/reset/", email=ada.address)
    confirmed = ada.enter(ada.newest_code(), asked.url)
    ada.post(confirmed.url, password1=FRESH, password2=FRESH)
    assert not ada.is_signed_in
    ada.sign_in(password=FRESH)
    assert not ada.is_signed_in and ada.get("/data").status_code == 302
    ada.post("/accounts/2fa/authenticate/", code=app.code)
    assert ada.is_signed_in


def test_a_mailed_code_counts_once_and_for_ten_minutes(somebody, monkeypatch):
    late = somebody("late@example.com")
    late.sign_up()
    code = late.newest_code()
    real = time.time
    with monkeypatch.context() as later:
        later.setattr(time, "time", lambda: real() + timedelta(minutes=10, seconds=5).total_seconds())
        late.enter(code)
    assert not late.is_signed_in, "ten minutes are over"

    ada = somebody("ada@example.com")
    ada.sign_up()
    code = ada.newest_code()
    ada.enter(code)
    assert ada.is_signed_in
    ada.sign_out()
    ada.sign_up()
    ada.enter(code)
    assert not ada.is_signed_in
