"""The account is protected by a password: it rests only as a slow, peppered hash, and guessing ends soon."""

import pytest
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress

from avow.people import hashing, password_rules
from avow.people.models import Account
from avow.policy.promises import Promise
from tests.people.walking import PASSWORD

pytestmark = [pytest.mark.proves(Promise.PASSWORD_PROTECTION)]


def test_no_password_rests_in_clear_anywhere(ada, superuser, every_byte):
    assert PASSWORD not in every_byte()
    with superuser() as thief:  # the search can find
        thief.execute("UPDATE people_account SET password = %s", [PASSWORD])
    assert PASSWORD in every_byte()


def test_a_stolen_database_alone_cannot_be_guessed_at(ada):
    """It bites: without the pepper the thief's plain argon2 verifies the right guess."""
    import argon2

    stolen = Account.objects.get(person=ada.person).password
    plain = "$" + stolen.split("$", 1)[1]
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        argon2.PasswordHasher().verify(plain, PASSWORD)
    assert argon2.PasswordHasher().verify(plain, hashing.peppered(PASSWORD))


@pytest.mark.parametrize(
    "password", ["", "four boats", "passwordpassword", "Optimibi2024Optimibi!", "ada@example.com", "Ada Lovelace 2024"]
)
def test_sign_up_refuses_a_password_that_is_short_or_easy_to_guess(somebody, password):
    ada = somebody()
    answer = ada.sign_up(password=password, name="Ada Lovelace")
    assert answer.status_code == 200
    assert ada.box() == []
    assert not Account.objects.exists()


def test_the_wrong_password_opens_nothing_and_guessing_ends(ada, somebody):
    thief = somebody()
    answers = [thief.sign_in(password=f"a guess that is long enough {n}") for n in range(6)]
    assert not thief.is_signed_in
    assert "Too many" in answers[-1].content.decode()
    assert "Too many" not in answers[0].content.decode()


def anyone(self, request, *, email, **_):
    """A broken door: whoever names an address is let in."""
    return EmailAddress.objects.get(email=email).user


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    with shown_to_fail(
        "passwords-are-hashed-and-wrong-ones-refused",
        how="passwords rest unhashed, or without pepper, or weakly hashed; any password is taken, by the hash or at the "
        "door; nobody can sign in; easy and stolen ones pass",
    ) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(
                hashing.PepperedArgon2id, "encode", lambda self, password, salt: f"argon2id-peppered${password}"
            )
            trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(hashing.PepperedArgon2id, "verify", lambda self, password, encoded: True)
            trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(AuthenticationBackend, "authenticate", anyone)
            assert "a wrong password signs in" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(AuthenticationBackend, "authenticate", lambda self, request, **_: None)
            assert "does not sign in" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(hashing, "peppered", lambda password: password)
            assert "without the pepper" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(hashing.PepperedArgon2id, "memory_cost", 64)
            assert "our parameters" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(password_rules, "guessable", lambda password, context: False)
            assert "common words" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(password_rules.breached, "is_known", lambda password: False)
            assert "stolen" in trial.fails()
        trial.holds()
    assert not EmailAddress.objects.exists()
