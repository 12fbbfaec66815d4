"""
A passkey opens its account once a challenge, for this site alone, and no copy of it does; an account is opened by one alone.

It bites: each was tried. Without `_once` two requests at a time take one answer; without `_count` a copied key signs in;
with allauth's own user entity the key is told the row's number; with the Host's name a key for another site is made; with
allauth's own sign-up the PUT without a challenge is a 500; without `take_passkey_away`'s look at the ways the last one goes.
"""

import json
import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.cache import cache
from fido2.utils import websafe_decode, websafe_encode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avow.errors import BadInput
from avow.evidence.acts import Act
from avow.people import authenticator_field, canary, deletion, desk, guards, handles, passkeys, second_step, unfinished
from avow.people.models import Account
from avow.people.soft_key import FLAG, SoftKey
from avow.people.stores import AccountStore
from avow.policy.promises import Promise
from tests.people.app import confirm_password
from tests.people.device import ADD, HERE, SIGN_IN, SIGN_UP, asked, make, options_in, show

pytestmark = [pytest.mark.proves(Promise.PASSWORD_PROTECTION, Promise.SECURITY_MEASURES)]

SECOND, ONCE_MORE, CODES = (
    "/accounts/2fa/authenticate/",
    "/accounts/2fa/webauthn/reauthenticate/",
    "/accounts/2fa/recovery-codes/",
)
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def held(ada):
    """Somebody with a password and a passkey, signed out."""
    confirm_password(ada)
    ada.key, answer = make(ada)
    assert answer.headers["Location"] == CODES
    ada.codes = re.findall(r"<li><code>(\d+)</code></li>", ada.get(CODES).content.decode())
    ada.account = Account.objects.get(person=ada.person)
    ada.sign_out()
    return ada


@pytest.fixture
def nameless(somebody):
    """Somebody who gave nothing: an account by a passkey alone."""
    bob = somebody("")
    assert bob.post("/accounts/signup/passkey/", email="", name="", phone="").headers["Location"] == SIGN_UP
    bob.key, answer = make(bob, at=SIGN_UP)
    assert answer.headers["Location"] == CODES, answer.content
    bob.codes = re.findall(r"<li><code>(\d+)</code></li>", bob.get(CODES).content.decode())
    bob.account = Account.objects.get()
    return bob


def test_it_signs_in_by_itself_and_its_person_asked_for_it_soon_after_signing_in(held):
    assert not held.is_signed_in
    show(held, held.key)
    assert held.is_signed_in and held.get("/data").status_code == 200
    assert passkeys.of(held.account)[0].used_at is not None


def test_adding_one_asks_for_the_password_again(ada):
    assert "/reauthenticate/" in ada.get(ADD).headers["Location"]


def test_after_a_password_it_is_the_second_step(held):
    assert held.sign_in().headers["Location"] == SECOND
    page = held.get(SECOND).content.decode()
    assert "Use your passkey" in page and "authenticator app" not in page
    assert not held.is_signed_in
    show(held, held.key, at=SECOND)
    assert held.is_signed_in


def test_after_a_password_a_recovery_code_is_taken_too(held):
    held.sign_in()
    held.post(SECOND, code=held.codes[0])
    assert held.is_signed_in


def test_another_persons_passkey_is_no_second_step(held, somebody):
    eve = somebody("eve@example.com").join()
    confirm_password(eve)
    key, _ = make(eve)
    held.sign_in()
    page = show(held, key, at=SECOND)[1]
    assert passkeys.NOT_TAKEN in page.content.decode() and not held.is_signed_in


def test_an_answer_counts_once_also_in_two_sessions_at_a_time(held, somebody):
    held.key.count = -1  # as a key that never counts: nothing else tells the two apart
    answer = held.key.get(asked(held))
    thief = somebody(held.address)
    asked(thief)
    session = thief.client.session
    session[auth.STATE_SESSION_KEY] = held.client.session[auth.STATE_SESSION_KEY]
    session.save()
    held.post(SIGN_IN, credential=json.dumps(answer))
    assert held.is_signed_in
    thief.post(SIGN_IN, credential=json.dumps(answer))
    assert not thief.is_signed_in
    held.sign_out()
    held.post(SIGN_IN, credential=json.dumps(answer))
    assert not held.is_signed_in


def test_an_answer_without_its_challenge_is_none(held):
    answer = held.key.get(asked(held))
    asked(held)
    held.post(SIGN_IN, credential=json.dumps(answer))
    assert not held.is_signed_in


def test_a_copy_whose_counter_does_not_advance_is_refused_and_the_page_says_so(held):
    show(held, held.key)
    held.sign_out()
    held.key.count -= 1
    answer = show(held, held.key)[1]
    assert not held.is_signed_in
    page = held.get(answer.headers["Location"]).content.decode()
    assert "as if there were a copy of it" in page
    held.key.count += 5
    show(held, held.key)
    assert held.is_signed_in


def test_a_key_that_never_counts_is_taken(ada):
    confirm_password(ada)
    key, _ = make(ada)
    ada.sign_out()
    for _ in range(2):
        key.count = -1
        show(ada, key)
        assert ada.is_signed_in
        ada.sign_out()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda key: setattr(key, "origin", "http://localhost:8001"),
        lambda key: setattr(key, "origin", "https://elsewhere.example"),
        lambda key: setattr(key, "flags", FLAG.UP),
        lambda key: setattr(key, "flags", FLAG.UV),
        lambda key: setattr(key, "key", SoftKey(HERE).key),
        lambda key: setattr(key, "number", b"another"),
        lambda key: setattr(key, "handle", websafe_encode(handles.fresh().encode())),
        lambda key: setattr(key, "handle", websafe_encode(b"\xff\x00")),
        lambda key: setattr(key, "handle", ""),
        lambda key: setattr(key, "handle", "AA"),
    ],
)
def test_what_is_not_this_key_for_this_site_asked_by_its_person_is_refused(held, wrong):
    wrong(held.key)
    show(held, held.key)
    assert not held.is_signed_in


def test_the_site_is_the_configured_one_whatever_the_host_header_says(ada, settings_of):
    settings_of(ALLOWED_HOSTS=["evil.test", "127.0.0.1"])
    confirm_password(ada)
    page = ada.client.get(ADD, headers={"Host": "evil.test"}, **ada.extra)
    assert options_in(page)["publicKey"]["rp"]["id"] == "localhost"


def test_a_key_is_told_a_random_number_and_neither_name_nor_address(ada):
    confirm_password(ada)
    asked_ = options_in(ada.get(ADD))["publicKey"]
    account = Account.objects.get()
    assert websafe_decode(asked_["user"]["id"]).decode() == account.handle
    assert "Ada" not in str(asked_) and "example" not in str(asked_)
    assert str(account.person) not in str(asked_)
    assert asked_["authenticatorSelection"] == {
        "residentKey": "required", "requireResidentKey": True, "userVerification": "required",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("base", "place"),
    [
        ("https://privacy.example.com", "https://privacy.example.com"),
        ("https://privacy.example.com:8443", "https://privacy.example.com:8443"),
        ("http://127.0.0.1:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://localhost:8000"),
        ("http://localhost", "http://localhost"),
        ("http://privacy.example.com", ""),
        ("https://203.0.113.7", ""),
    ],
)
def test_where_browsers_give_none_none_is_offered(settings_of, base, place):
    settings_of(BASE_URL=base)
    assert passkeys.place() == place


def test_an_account_is_opened_by_a_passkey_alone_and_asks_for_nothing(nameless):
    assert nameless.is_signed_in
    assert not EmailAddress.objects.exists() and not nameless.account.has_usable_password()
    assert len(nameless.codes) == 10
    page = nameless.get("/sign-in-ways").content.decode()
    assert "The passkey “my phone” guards this account." in page
    assert handles.written(nameless.account.handle) in page
    nameless.sign_out()
    show(nameless, nameless.key)
    assert nameless.is_signed_in


def test_with_an_address_it_is_confirmed_first_and_a_known_one_looks_the_same(ada, somebody):
    cache.clear()
    eve = somebody("eve@example.com")
    first = eve.post("/accounts/signup/passkey/", email=eve.address)
    bob = somebody(ada.address)
    second = bob.post("/accounts/signup/passkey/", email=ada.address)
    assert first.headers["Location"] == second.headers["Location"] == "/accounts/confirm-email/"
    assert eve.get(SIGN_UP).status_code == 302, "not before the code"
    assert eve.enter(eve.newest_code()).headers["Location"] == SIGN_UP
    make(eve, at=SIGN_UP)
    assert eve.is_signed_in and EmailAddress.objects.filter(user__person=eve.person, verified=True).exists()


def test_a_sign_up_that_stops_before_its_passkey_is_forgotten(somebody):
    from datetime import timedelta

    somebody("").post("/accounts/signup/passkey/", email="", name="Bob")
    assert Account.objects.filter(last_login=None).count() == 1
    assert unfinished.clear(datetime.now(UTC) + timedelta(days=1, minutes=1)) == 1
    assert not Account.objects.exists()


def test_the_form_by_passkey_asks_for_no_password(somebody):
    from tests.people.walking import asked as inputs

    assert inputs(somebody("").get("/accounts/signup/passkey/")) == ["email", "name", "phone"]


def test_the_last_way_is_never_taken_away(nameless, settings_of):
    number = passkeys.of(nameless.account)[0].number
    nameless.post(f"/sign-in-ways/passkeys/{number}/away")
    assert "only way into your account" in nameless.get("/sign-in-ways").content.decode()
    assert len(passkeys.of(nameless.account)) == 1
    make(nameless, name="key on the ring")
    nameless.post(f"/sign-in-ways/passkeys/{number}/away")
    assert [key.name for key in passkeys.of(nameless.account)] == ["key on the ring"]
    assert second_step.recovery_codes(nameless.account) == 10, "without an address the codes stay"


def test_taking_it_away_asks_once_more_tells_the_person_and_takes_the_codes_along(held, box, monkeypatch):
    show(held, held.key)
    number = passkeys.of(held.account)[0].number
    with monkeypatch.context() as later:
        later.setattr(guards, "is_fresh", lambda *_, **__: False)
        assert "/accounts/reauthenticate/" in held.post(f"/sign-in-ways/passkeys/{number}/away").headers["Location"]
    assert len(passkeys.of(held.account)) == 1
    held.post(f"/sign-in-ways/passkeys/{number}/away")
    assert not Authenticator.objects.exists()
    assert box(held.address)[0].subject.startswith("A passkey of your account")
    assert held.post(f"/sign-in-ways/passkeys/{number}/away").status_code == 302
    assert "taken away already" in held.get("/sign-in-ways").content.decode()


def test_nobody_touches_another_persons_passkey(held, somebody):
    eve = somebody("eve@example.com").join()
    number = passkeys.of(held.account)[0].number
    eve.post(f"/sign-in-ways/passkeys/{number}/away")
    eve.post(f"/sign-in-ways/passkeys/{number}/name", name="mine")
    assert [key.name for key in passkeys.of(held.account)] == ["my phone"]
    for way in ("remove", "edit"):
        assert eve.get(f"/accounts/2fa/webauthn/keys/{number}/{way}/").status_code == 404


def test_it_is_renamed(held):
    show(held, held.key)
    number = passkeys.of(held.account)[0].number
    held.post(f"/sign-in-ways/passkeys/{number}/name", name="  the old phone\u202e ")
    assert passkeys.of(held.account)[0].name == "the old phone"
    for name in ("", "x" * 61, "\u202e"):
        held.post(f"/sign-in-ways/passkeys/{number}/name", name=name)
    assert passkeys.of(held.account)[0].name == "the old phone"
    assert "Passkey “the old phone”" in held.get("/sign-in-ways").content.decode()


def test_the_same_key_is_not_taken_twice_and_there_is_an_end_to_them(held, monkeypatch):
    show(held, held.key)
    confirm_password(held)
    page = make(held, key=held.key)[1]
    assert page.status_code == 200 and len(passkeys.of(held.account)) == 1
    monkeypatch.setattr(passkeys, "MOST", 2)
    make(held)
    assert "at most" in make(held)[1].content.decode()
    assert len(passkeys.of(held.account)) == 2


def test_it_shows_who_is_there_before_what_cannot_be_undone(nameless, monkeypatch):
    monkeypatch.setattr(guards, "FRESH", guards.FRESH * 0)
    asked_ = nameless.post("/data/export")
    assert asked_.headers["Location"].startswith(ONCE_MORE)
    monkeypatch.setattr(guards, "is_fresh", lambda *_, **__: True)
    done = show(nameless, nameless.key, at=ONCE_MORE, next="/data/export")[1]
    assert done.status_code == 200 and done.content[:2] == b"PK", "the export itself, as it was asked for"


def test_a_wrong_key_is_said_where_it_was_tried(nameless):
    stranger = SoftKey(HERE, handle=nameless.key.handle, number=nameless.key.number)
    page = show(nameless, stranger, at=ONCE_MORE, next="/delete")[1]
    assert page.status_code == 200 and passkeys.NOT_TAKEN in page.content.decode()


def test_somebody_with_nothing_but_a_passkey_can_delete(nameless):
    page = nameless.get("/delete").content.decode()
    assert "Delete everything now" in page
    assert nameless.post("/delete").status_code == 302


def test_back_in_by_a_recovery_code_where_no_mail_can_reach_one(nameless, somebody):
    lost = somebody("")
    number = handles.written(nameless.account.handle).lower().replace("-", " ").replace("0", "o").replace("1", "l")
    answer = lost.post("/recover", number=number, code=nameless.codes[0])
    assert answer.headers["Location"] == "/sign-in-ways" and lost.is_signed_in
    assert "You are back" in lost.get("/sign-in-ways").content.decode()
    again = somebody("")
    page = again.post("/recover", number=number, code=nameless.codes[0])
    assert page.status_code == 422 and not again.is_signed_in


def test_after_it_an_app_is_still_asked_for(nameless, somebody, monkeypatch):
    from allauth.mfa.totp.internal import auth as totp

    from tests.people.app import Clock, guard

    clock = Clock()
    monkeypatch.setattr(totp, "time", clock)
    app = guard(nameless.account.person)
    lost = somebody("")
    answer = lost.post("/recover", number=nameless.account.handle, code=nameless.codes[0])
    assert answer.headers["Location"] == SECOND and not lost.is_signed_in
    lost.post(SECOND, code=nameless.codes[1])
    assert not lost.is_signed_in, "two codes of one sheet are one step"
    clock.pass_by(60)
    app.clock.now = clock.now
    lost.post(SECOND, code=app.code)
    assert lost.is_signed_in


def test_a_code_alone_opens_nothing_that_has_an_address_and_the_refusal_is_one(held, somebody):
    thief = somebody("")
    said = set()
    for number, code in ((held.account.handle, held.codes[0]), (held.account.handle, "1"), (handles.fresh(), "2")):
        page = thief.post("/recover", number=number, code=code)
        said.add(re.sub(r'value="[^"]*"', "", page.content.decode()))
    assert not thief.is_signed_in and len(said) == 1


def test_guessing_codes_ends_for_an_account_and_for_a_number_that_is_none(nameless, somebody):
    for number in (nameless.account.handle, handles.fresh()):
        cache.clear()
        thief = somebody("")
        said = [thief.post("/recover", number=number, code=f"{n:010}").content.decode() for n in range(6)]
        assert "Several codes were tried" in said[-1]
        assert thief.post("/recover", number=number, code=nameless.codes[0]).status_code == 422


def test_who_came_by_a_third_party_without_an_address_gets_codes_too(somebody, third_party):
    from tests.people.third_party import sign_up

    eve = somebody("")
    sign_up(eve)
    assert "0 recovery codes left" in eve.get("/sign-in-ways").content.decode()
    assert eve.post(f"{CODES}generate/").headers["Location"] == CODES
    codes = re.findall(r"<li><code>(\d+)</code></li>", eve.get(CODES).content.decode())
    lost = somebody("")
    lost.post("/recover", number=Account.objects.get().handle, code=codes[0])
    assert lost.is_signed_in


def test_with_password_and_no_second_step_there_are_no_codes_to_make(ada):
    confirm_password(ada)
    assert ada.post(f"{CODES}generate/").status_code == 200
    assert not Authenticator.objects.exists()


def test_the_desk_takes_it_as_a_second_step(held, settings_of):
    settings_of(DEMO=False)
    desk.grant(held.address, NOW)
    show(held, held.key)
    assert held.get("/desk").status_code == 200


def test_the_person_is_told_and_the_log_has_it(held, box):
    from avow.vault import attesting

    assert any(mail.subject.startswith("A passkey opens your account") for mail in box(held.address))
    assert Act.SIGN_IN_CHANGED in [one.act for one in attesting.acts_of(held.person)]


def test_nothing_of_it_lies_in_clear(held, every_byte):
    show(held, held.key)
    stored = every_byte()
    x = held.key.key.public_key().public_numbers().x.to_bytes(32, "big")
    for secret in ("my phone", websafe_encode(held.key.number), held.key.number.hex(), x.hex(), x.decode("latin-1")):
        assert secret not in stored


def test_an_export_names_it_and_an_erasure_ends_it(held):
    exported = {part.name: part.rows for part in AccountStore().export(held.person, now=NOW)}
    named = [row for row in exported["second-steps"] if row.get("name")]
    assert [row["name"] for row in named] == ["my phone"]
    assert exported["account"][0]["account number"] == handles.written(held.account.handle)
    deletion.close(held.person, request=uuid4(), now=NOW)
    assert not Authenticator.objects.exists()
    show(held, held.key)
    assert not held.is_signed_in


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.binary(max_size=40).map(websafe_encode),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "attestationObject", "authenticatorData",
                         "signature", "userHandle", "clientExtensionResults"]), inner, max_size=6),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=HOSTILE)
def test_whatever_a_browser_sends_is_refused_with_one_sentence(policy, answer):
    account = canary.account(NOW)
    for state in ({"challenge": websafe_encode(uuid4().bytes), "user_verification": "required"}, None, {}, [], "x"):
        with pytest.raises(BadInput):
            passkeys.show(None, answer, state, now=NOW)
        with pytest.raises(BadInput):
            passkeys.register(account, answer, state, now=NOW)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_good_answer_that_was_changed_anywhere_is_refused(policy, data):
    """Cut, flip and stretch what a real key says: whatever is wrong with it, there is one sentence and no traceback."""
    from fido2.webauthn import AuthenticatorData

    state = {"challenge": websafe_encode(uuid4().bytes * 2), "user_verification": "required"}
    rp = passkeys.relying_party(NOW)
    asked_ = {"publicKey": {"challenge": state["challenge"], "rp": rp, "user": {"id": websafe_encode(b"x")}}}
    made = SoftKey(HERE).create(asked_)
    part = data.draw(st.sampled_from(["clientDataJSON", "attestationObject"]))
    raw = bytearray(websafe_decode(made["response"][part]))
    at = data.draw(st.integers(0, len(raw) - 1))
    if data.draw(st.booleans()):
        del raw[at:]
    else:
        raw[at] ^= data.draw(st.integers(1, 255))
    made["response"][part] = websafe_encode(bytes(raw))
    try:
        taken = passkeys.register(canary.account(NOW), made, state, now=NOW)
    except BadInput:
        return
    assert isinstance(taken, AuthenticatorData), "a key may be another key, but then it is one"


@pytest.mark.parametrize(
    "credential",
    ["", "{", "null", "[]", "1", "{}", '"x"', "[" * 9000, '{"a":' * 3000, "x" * 20_000, '{"id":"\\ud800"}'],
)
def test_no_form_falls_over(held, credential):
    for at in (SIGN_IN, SIGN_UP):
        assert held.post(at, credential=credential).status_code == 302
    held.sign_in()
    assert held.post(SECOND, credential=credential).status_code == 200
    assert held.client.put(SIGN_UP, data=credential, content_type="application/json").status_code in {302, 405}


def test_strangers_are_led_to_the_sign_in(somebody):
    eve = somebody("")
    for page in (ADD, ONCE_MORE, SECOND):
        assert "/accounts/login/" in eve.get(page).headers["Location"], page
    assert eve.get(SIGN_UP).headers["Location"] == "/accounts/signup/"


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    with shown_to_fail(
        "a-passkey-opens-once",
        how="an answer opens twice, a copy or a stranger's key or another site's signature opens, or it lies in clear",
    ) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(passkeys, "_count", lambda row, count: row)
            assert "does not advance" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(passkeys, "_once", lambda answer, state: state)
            broken.setattr(passkeys, "_count", lambda row, count: row)
            assert "twice" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr("fido2.cose.ES256.verify", lambda self, message, signature: None)
            assert "not the account's" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr("fido2.cose.ES256.verify", lambda self, message, signature: 1 / 0)
            assert "does not sign in" in trial.fails()
        with monkeypatch.context() as broken:
            server = passkeys.Fido2Server
            broken.setattr(passkeys, "Fido2Server", lambda rp, **_: server(rp, verify_origin=lambda origin: True))
            assert "another site" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(second_step.SecondSteps, "is_mfa_enabled", lambda self, user, types=None: False)
            assert "not asked for" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(authenticator_field, "seal_blob", lambda person, label, plain: plain.ljust(80))
            assert "in clear" in trial.fails()
        trial.holds()
    assert not Authenticator.objects.exists()
