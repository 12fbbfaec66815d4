"""
The contract with allauth: every flow that we rely on, walked from outside, on allauth as it is installed.

An upgrade that changes a flow, asks for a migration, or sends a letter that has no place fails here.
"""

import re
from pathlib import Path

import allauth.account
import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.management import call_command
from django.db import IntegrityError, connection

from avow.errors import Refused
from avow.people import ports, queries
from avow.people.adapter import LETTERS, Adapter
from avow.people.models import Account, Session
from avow.people.token_field import Token
from tests.people.walking import PASSWORD


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT email FROM account_emailaddress ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_no_migration_is_wanted_by_anybody(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_each_letter_of_allauth_that_its_code_can_send_has_a_place_or_is_switched_off():
    root = Path(allauth.account.__file__).parent.parent
    ours = [path for app in ("account", "socialaccount", "mfa", "idp") for path in (root / app).rglob("*.py")]
    source = "".join(path.read_text() for path in ours if "tests" not in path.parts)
    sent = set(re.findall(r'"((?:(?:social)?account|mfa)/email/\w+)"', source))
    switched_off = {
        "account/email/login_code", "account/email/password_reset_key",
    }  # fmt: skip
    assert sent == set(LETTERS) | switched_off


def test_a_letter_without_a_place_is_refused():
    with pytest.raises(Refused):
        Adapter().send_mail("account/email/something_new", "ada@example.com", {})


def test_allauth_finds_somebody_who_delivers():
    assert ports.demand() == []


def test_sign_up_needs_the_code_and_then_signs_in(somebody):
    ada = somebody()
    answer = ada.sign_up()
    assert answer.status_code == 302
    assert not ada.is_signed_in
    ada.enter("WRONG1")
    assert not ada.is_signed_in
    ada.enter(ada.newest_code())
    assert ada.is_signed_in
    assert EmailAddress.objects.get().verified


def test_the_column_holds_a_token_and_the_object_an_address(ada):
    [token] = stored()
    assert "@" not in token
    row = EmailAddress.objects.get()
    assert (row.email, str(row)) == ("ada@example.com", "ada@example.com")
    assert isinstance(row.__dict__["email"], Token)
    row.primary = True
    row.save()  # saving again mints nothing new
    assert stored() == [token]


def test_the_database_itself_refuses_a_clear_address(ada):
    with pytest.raises(IntegrityError, match="holds_tokens_and_no_address"), connection.cursor() as cursor:
        cursor.execute("UPDATE account_emailaddress SET email = 'ada@example.com'")


def test_an_update_past_save_is_refused_and_not_stored(ada):
    with pytest.raises(TypeError):
        EmailAddress.objects.update(email="eve@example.com")
    assert EmailAddress.objects.get().email == "ada@example.com"


def test_two_accounts_cannot_both_have_confirmed_one_address(ada, somebody):
    """allauth's own constraint on the column works on tokens."""
    bob = somebody("bob@example.com").join()
    account = Account.objects.get(person=bob.person)
    with pytest.raises(IntegrityError, match="unique_verified_email"):
        EmailAddress.objects.create(user=account, email="ada@example.com", verified=True)


@pytest.mark.parametrize("typed", ["ada@example.com", "ADA@Example.COM", " Ada@example.com "])
def test_sign_in_in_any_case(ada, typed):
    ada.sign_out()
    assert not ada.is_signed_in
    ada.sign_in(typed)
    assert ada.is_signed_in


def test_a_wrong_password_is_refused_and_after_five_the_right_one_too(ada):
    ada.sign_out()
    for _ in range(5):
        assert ada.sign_in(password="not the password at all").status_code == 200
    ada.sign_in()
    assert not ada.is_signed_in


def test_a_second_sign_up_looks_the_same_and_only_the_mail_differs(ada, somebody):
    cache.clear()  # as if some time had passed: one mail in ten seconds goes to an address
    known, unknown = somebody(), somebody("new@example.com")
    answers = [known.sign_up(name="Eve"), unknown.sign_up(name="Eve")]
    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0].url == answers[1].url
    pages = [
        person.get(answers[0].url).content.decode().replace(person.address, "ADDRESS") for person in (known, unknown)
    ]
    assert hide_tokens(pages[0]) == hide_tokens(pages[1])
    assert "already have an account" in known.box(known.address)[0].subject
    assert "Your code" in unknown.box(unknown.address)[0].subject
    assert Account.objects.count() == 2
    assert [past.value for past in queries.history(ada.person, "name", now())] == ["Ada Lovelace"]


def test_sign_in_and_reset_look_the_same_for_known_and_unknown(ada, somebody):
    ada.sign_out()
    known, unknown = somebody(), somebody("new@example.com")
    pages = [person.sign_in(password="not the password at all") for person in (known, unknown)]
    assert [page.status_code for page in pages] == [200, 200]
    assert (
        len(
            {
                hide_tokens(p.content.decode().replace(a.address, "ADDRESS"))
                for p, a in zip(pages, (known, unknown), strict=True)
            }
        )
        == 1
    )
    resets = [person.post("/accounts/password/reset/", email=person.address) for person in (known, unknown)]
    assert resets[0].status_code == resets[1].status_code == 302
    assert resets[0].url == resets[1].url
    assert "no account" in unknown.box(unknown.address)[0].subject


def test_a_forgotten_password_is_replaced_by_a_code_and_signs_out_everywhere(ada, somebody):
    elsewhere = somebody()
    asked = elsewhere.post("/accounts/password/reset/", email="ada@example.com")
    confirmed = elsewhere.enter(elsewhere.newest_code(), asked.url)
    fresh = "another phrase, quite long"
    elsewhere.post(confirmed.url, password1=fresh, password2=fresh)
    assert ada.get("/accounts/email/").status_code == 302  # signed out
    assert "changed" in ada.box("ada@example.com")[0].subject
    ada.sign_in()
    assert not ada.is_signed_in
    ada.sign_in(password=fresh)
    assert ada.is_signed_in


def test_a_changed_password_keeps_this_browser_and_ends_the_others(ada, somebody):
    elsewhere = somebody()
    elsewhere.sign_in()
    fresh = "another phrase, quite long"
    ada.post("/accounts/password/change/", oldpassword=PASSWORD, password1=fresh, password2=fresh)
    assert ada.get("/accounts/email/").status_code == 200
    assert elsewhere.get("/accounts/email/").status_code == 302


def test_a_new_password_is_judged_by_what_is_known_of_its_owner(ada):
    own = "Ada.Lovelace.1815!"
    answer = ada.post("/accounts/password/change/", oldpassword=PASSWORD, password1=own, password2=own)
    assert "easy to guess" in answer.content.decode()
    ada.sign_out()
    ada.sign_in()
    assert ada.is_signed_in


def test_an_address_changed_on_allauths_page_is_verified_first_and_kept_as_one_changed_in_the_settings(ada):
    person = ada.person
    ada.post("/accounts/email/", email="ada@example.org", action_add="")
    assert queries.person_at("ada@example.org") is None
    ada.enter(ada.newest_code("ada@example.org"))
    assert queries.person_at("ada@example.org") == person
    assert queries.person_at("ada@example.com") is None
    assert [past.value for past in queries.history(person, "email", now())] == ["ada@example.org", "ada@example.com"]
    assert "was changed" in ada.box("ada@example.com")[0].subject


def test_a_session_begun_before_sign_in_is_not_the_one_after(somebody):
    ada = somebody()
    ada.sign_up()
    before = ada.client.cookies["session"].value
    ada.enter(ada.newest_code())
    assert ada.client.cookies["session"].value != before
    assert Session.objects.count() == 1


def hide_tokens(page):
    page = re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", page)
    return re.sub(r'nonce="[^"]+"', "", page)


def now():
    from datetime import UTC, datetime

    return datetime.now(UTC)
