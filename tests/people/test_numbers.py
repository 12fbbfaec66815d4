"""
An account by a phone number and a password: a code opens it once, the password after that, recovery codes when it is lost.

It bites: each was tried. Without the hash in `by_number` a clock tells registered numbers; without `count_try` a code takes
as many tries as there are tabs; without `give_up_number` one empties a field and is locked out; without `reauthenticate` in
the adapter nobody deletes such an account.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connections

from avow.errors import BadInput, NotFound
from avow.evidence.acts import Act
from avow.people import guards, number_sign_up, numbers, phone_codes, settings_change
from avow.people.guards import LastWay
from avow.people.models import Account, SignInNumber
from avow.people.numbers import NumberTaken
from avow.people.stores import AccountStore
from avow.policy.promises import Promise
from avow.vault import attesting
from tests.people.test_once_more import left_open
from tests.people.walking import PASSWORD

pytestmark = [pytest.mark.proves(Promise.PASSWORD_PROTECTION, Promise.GIVEN_DATA)]
NUMBER, TYPED = "+442079460958", "+44 (0)20 7946 0958"
OTHER = "+442079460959"
FORM, CODE = "/accounts/signup/number/", "/accounts/signup/number/code/"


def now():
    return datetime.now(UTC)


def sent(box, number=NUMBER):
    return re.search(r"^    (\d{6})$", box(number)[0].text, re.MULTILINE)[1]


def begin(person, number=TYPED, **more):
    return person.post(FORM, phone=number, password1=PASSWORD, **more)


@pytest.fixture
def bob(somebody, box):
    """Somebody with nothing but a number."""
    person = somebody("")
    begin(person, name="Bob")
    person.post(CODE, code=sent(box))
    person.number_of = numbers.person_of(NUMBER)
    return person


def test_a_code_opens_it_once_and_shows_recovery_codes(somebody, box):
    person = somebody("")
    assert "Create an account by a phone number" in person.get("/accounts/signup/").content.decode()
    assert begin(person, name="Bob").headers["Location"] == CODE
    assert not Account.objects.exists() and not person.is_signed_in
    assert person.post(CODE, code="000000" if sent(box) != "000000" else "111111").status_code == 422
    answer = person.post(CODE, code=f" {sent(box)[:3]} {sent(box)[3:]} ")
    assert answer.headers["Location"] == "/accounts/2fa/recovery-codes/" and person.is_signed_in
    account = Account.objects.get()
    assert numbers.person_of(NUMBER) == account.person and phone_codes.confirmed_at(account.person, now=now())
    assert len(re.findall(r"\b\d{10}\b", person.get(answer.headers["Location"]).content.decode())) == 10
    assert Act.SIGNED_UP in [one.act for one in attesting.acts_of(account.person)]
    assert person.get("/data").status_code == 200
    assert person.get(CODE).headers["Location"] == FORM


@pytest.mark.parametrize("typed", [NUMBER, TYPED, "+44 20 79 46 09 58"])
def test_number_and_password_sign_in(bob, typed):
    bob.sign_out()
    bob.sign_in(typed, "another password that is long")
    assert not bob.is_signed_in
    bob.sign_in(typed)
    assert bob.is_signed_in
    page = bob.get("/sign-in-ways").content.decode()
    assert "Your password guards this account" in page and "Your password<" in page


@pytest.mark.parametrize("typed", ["+4420", "020 7946 0958", "+", "+44", "x", "", "+1\x00", "+" + "4" * 400])
def test_what_is_no_number_is_refused_with_a_sentence(somebody, box, typed):
    person = somebody("")
    assert begin(person, typed).status_code in (200, 400)
    assert person.sign_in(typed).status_code in (200, 400) and not person.is_signed_in
    assert not Account.objects.exists() and not box(typed)


def test_a_registered_number_gets_a_word_the_page_is_the_same_and_no_code_opens_anything(bob, somebody, box):
    eve, cara = somebody(""), somebody("")
    known, unknown = begin(eve), begin(cara, OTHER)
    assert known.status_code == unknown.status_code == 302 and known.headers["Location"] == unknown.headers["Location"]
    assert eve.get(CODE).content.split(b"csrf")[0] == cara.get(CODE).content.split(b"csrf")[0]
    assert "You have an account" in box(NUMBER)[0].subject
    right = eve.client.session[number_sign_up.WAITING]["code"]
    assert eve.post(CODE, code=right).status_code == 422 and not eve.is_signed_in
    assert Account.objects.count() == 1


def test_three_tries_also_for_two_at_once_and_ten_minutes(policy, box):
    session = {}
    number_sign_up.begin(session, {"phone": NUMBER, "password1": PASSWORD}, now=now(), fresh=lambda: "123456")
    with pytest.raises(NotFound):
        number_sign_up.finish(dict(session), "123456", now=now() + timedelta(minutes=10, seconds=1))

    def guess(_):
        try:
            number_sign_up.finish(dict(session), "000000", now=now())
        except BadInput:
            return "tried"
        except NotFound:
            return "gone"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(guess, range(6))) == ["gone"] * 3 + ["tried"] * 3
    with pytest.raises(NotFound):
        number_sign_up.finish(session, "123456", now=now())
    assert not session and not Account.objects.exists()


def test_texts_to_one_number_are_limited_and_the_page_says_so(somebody, box):
    cache.clear()
    answers = [begin(somebody("")).status_code for _ in range(5)]
    assert answers == [302, 302, 302, 429, 429] and len(box(NUMBER)) == 3


def test_tries_at_a_number_are_counted_for_it_and_lock_nobody_else_out(bob, somebody):
    cache.clear()
    bob.sign_out()
    eve = somebody("")
    eve.extra = {**eve.extra, "REMOTE_ADDR": "198.51.100.9"}
    for _ in range(12):
        eve.sign_in(OTHER, "not the password at all")
    bob.sign_in(NUMBER)
    assert bob.is_signed_in


def test_a_corrected_number_opens_it_only_after_its_code(bob, box):
    cache.clear()
    person = bob.number_of
    settings_change.change(person, "phone", OTHER, now=now())
    assert numbers.person_of(NUMBER) == person and numbers.person_of(OTHER) is None
    phone_codes.begin(person, now=now())
    phone_codes.confirm(person, sent(box, OTHER), now=now())
    assert numbers.person_of(OTHER) == person and numbers.person_of(NUMBER) is None
    bob.sign_out()
    bob.sign_in(OTHER)
    assert bob.is_signed_in


def test_the_last_way_does_not_go_by_emptying_a_field(bob):
    answer = bob.post("/data/phone", value="")
    assert answer.status_code == 422 and "add another way first" in answer.content.decode()
    with pytest.raises(LastWay):
        guards.give_up_number(bob.number_of, now=now())
    assert numbers.has(bob.number_of)


def test_with_another_way_in_the_number_can_go(bob):
    from tests.people import device

    account = Account.objects.get()
    device.make(bob)
    settings_change.change(account.person, "phone", "", now=now())
    assert not numbers.has(account.person) and not guards.guarding(account).password
    assert numbers.person_of(NUMBER) is None


def test_one_number_is_one_account_also_for_two_at_once(bob, somebody):
    eve = somebody("eve@example.com").join()
    with pytest.raises(NumberTaken):
        numbers.take(eve.person, NUMBER, now=now())
    assert numbers.person_of(NUMBER) == bob.number_of
    third = somebody("third@example.com").join()

    def take(person):
        try:
            numbers.take(person, OTHER, now=now())
        except NumberTaken:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, [eve.person, third.person])) == [False, True]


def test_a_recovery_code_brings_one_back_in_when_the_password_is_lost(bob):
    page = bob.get("/accounts/2fa/recovery-codes/").content.decode()
    codes = re.findall(r"\b\d{10}\b", page)
    from avow.people import handles

    number = handles.written(Account.objects.get().handle)
    bob.sign_out()
    bob.post("/recover", number=number, code=codes[0])
    assert bob.is_signed_in


def test_nothing_of_it_rests_in_clear_and_nothing_is_left(bob, every_byte):
    for form in (NUMBER, NUMBER.removeprefix("+44"), "7946 0958"):
        assert form not in every_byte()
    store, person = AccountStore(), bob.number_of
    exported = {part.name: part.rows for part in store.export(person, now=now())}
    assert exported["sign-in-number"][0]["since"]
    store.forget(person, request=uuid4(), now=now())
    assert store.count(person) == 0 and not SignInNumber.objects.exists()
    bob.sign_in(NUMBER)
    assert not bob.is_signed_in


def test_without_anybody_who_sends_texts_it_is_not_offered(somebody, monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "DEMO", False)
    person = somebody("")
    assert person.get(FORM).status_code == 404
    assert "phone number</a>" not in person.get("/accounts/signup/").content.decode()


def test_its_password_is_taken_once_more_for_a_copy_and_for_deleting(bob):
    """Without `reauthenticate` here, allauth looks for the password beside an address that there is not."""
    left_open(bob)
    assert "/reauthenticate/" in bob.post("/data/export").headers["Location"]
    bob.post("/accounts/reauthenticate/", password="not this one at all")
    assert bob.post("/data/export").status_code == 302
    bob.post("/accounts/reauthenticate/", password=PASSWORD)
    assert bob.post("/data/export").status_code == 200
    assert bob.post("/delete", password="not this one at all").status_code == 422
    assert bob.post("/delete", password=PASSWORD).headers["Location"].startswith("/certificates/")


def test_tries_once_more_are_counted_for_each_number_apart(bob, somebody, box):
    cache.clear()
    other = somebody("")
    begin(other, OTHER)
    other.post(CODE, code=sent(box, OTHER))
    for _ in range(8):
        bob.post("/delete", password="not this one at all")
    assert other.post("/delete", password=PASSWORD).headers["Location"].startswith("/certificates/")


def test_taking_the_app_away_leaves_the_codes_that_alone_bring_one_back(bob):
    from allauth.mfa.models import Authenticator

    from tests.people import app

    account = Account.objects.get()
    kinds = Authenticator.objects.filter(user=account).values_list("type", flat=True)
    app.guard(account.person)
    assert "totp" in kinds.all() and "recovery_codes" in kinds.all()
    bob.post("/accounts/reauthenticate/", password=PASSWORD)
    assert bob.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert list(kinds.all()) == ["recovery_codes"]
    assert Act.SIGN_IN_CHANGED in [one.act for one in attesting.acts_of(account.person)]


def test_who_came_back_by_a_code_sets_a_new_password_without_the_old(bob):
    from avow.people import handles

    codes = re.findall(r"\b\d{10}\b", bob.get("/accounts/2fa/recovery-codes/").content.decode())
    number = handles.written(Account.objects.get().handle)
    assert bob.get("/accounts/password/set/").headers["Location"] == "/accounts/password/change/"
    bob.sign_out()
    bob.post("/recover", number=number, code=codes[0])
    assert "set a new one" in bob.get("/sign-in-ways").content.decode()
    new = "eleven kites above the harbour"
    assert bob.post("/accounts/password/set/", password1=new, password2=new).status_code == 302
    bob.sign_out()
    bob.sign_in(NUMBER)
    assert not bob.is_signed_in
    bob.sign_in(NUMBER, new)
    assert bob.is_signed_in


def test_at_an_open_screen_nobody_exchanges_the_number_and_the_one_before_is_told(bob, box):
    left_open(bob)
    assert "/reauthenticate/" in bob.post("/data/phone", value=OTHER).headers["Location"]
    assert numbers.person_of(OTHER) is None
    bob.post("/accounts/reauthenticate/", password=PASSWORD)
    cache.clear()
    bob.post("/data/phone", value=OTHER)
    bob.post("/data/phone/send")
    left_open(bob)
    assert "/reauthenticate/" in bob.post("/data/phone/code", code=sent(box, OTHER)).headers["Location"]
    assert numbers.person_of(NUMBER) == bob.number_of
    bob.post("/accounts/reauthenticate/", password=PASSWORD)
    bob.post("/data/phone/code", code=sent(box, OTHER))
    assert numbers.person_of(OTHER) == bob.number_of
    assert "Another number" in box(NUMBER)[0].subject


def test_an_unknown_number_costs_as_many_hashes_as_a_known_one(bob, somebody, monkeypatch):
    from avow.people.hashing import PepperedArgon2id

    made = []
    real = PepperedArgon2id.encode
    monkeypatch.setattr(PepperedArgon2id, "encode", lambda self, *given: made.append("made") or real(self, *given))
    verify = PepperedArgon2id.verify
    monkeypatch.setattr(PepperedArgon2id, "verify", lambda self, *given: made.append("tried") or verify(self, *given))
    cache.clear()
    somebody("").sign_in(NUMBER, "not the password at all")
    known = len(made)
    somebody("").sign_in(OTHER, "not the password at all")
    assert known == len(made) - known > 0
