"""
Signing in by a third party: an account of its own, guarded as its page says; nothing links by an address, nothing of the
third party's is kept, and the last way in is never taken away.

Tried to bite: with SOCIALACCOUNT_EMAIL_AUTHENTICATION the address takes the account over; with an address that counts
from the start no code is asked for; with extra_data written, past its field that writes nothing, the database refuses the
account; without the look at the ways in `disconnect` the last one goes; without the look at the last sign-in, whoever finds
the screen open connects a third party of their own; without `on_authentication_error` one that hangs up halfway is called a
refusal, without `_guarded` one that is down breaks the page.
"""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.cache import cache

from avow.people import guards
from avow.people.models import Account
from avow.policy.promises import Promise
from tests.people.third_party import come_back, enter, go, sign_up

pytestmark = [pytest.mark.proves(Promise.THIRD_PARTY_SIGN_IN)]


def now():
    return datetime.now(UTC)


@pytest.fixture
def bob(somebody, third_party):
    """Somebody who came by the third party, and gave no address."""
    bob = somebody("nobody@example.com")
    assert sign_up(bob).headers["Location"] == "/data"
    assert bob.is_signed_in
    bob.account = SocialAccount.objects.get().user
    return bob


def test_the_account_is_made_with_its_own_person_and_records_the_policy(bob, policy):
    from avow.vault import persons

    standing = persons.standing(bob.account.person)
    assert standing.signed_up_under == policy.sha256
    assert not bob.account.has_usable_password()
    assert guards.guarding(bob.account).ways == 1


def test_every_page_works_without_an_address(bob):
    for path in ("/data", "/messages", "/delete", "/sign-in-ways", "/accounts/logout/", "/policy"):
        assert bob.get(path).status_code == 200, path
    assert bob.post("/data/export").status_code == 200
    assert "There is no password here" in bob.get("/sign-in-ways").content.decode()


def test_the_same_third_party_leads_to_the_same_account_again(bob, somebody):
    bob.sign_out()
    again = somebody()
    assert enter(again).headers["Location"] == "/data"
    assert again.is_signed_in
    assert Account.objects.count() == 1


def test_the_form_shows_what_was_told_and_asks_for_declared_fields_alone(somebody, third_party):
    from tests.people.walking import asked

    third_party.tells |= {"email": "cara@example.com", "email_verified": True, "name": "Cara", "picture": "https://x/"}
    cara = somebody("cara@example.com")
    enter(cara)
    page = cara.get("/accounts/3rdparty/signup/")
    assert asked(page) == ["email", "name", "phone"]
    assert 'value="cara@example.com"' in page.content.decode() and 'value="Cara"' in page.content.decode()
    assert Account.objects.count() == 0  # nothing is made until she says so


def test_an_address_counts_only_after_our_own_code_whatever_the_third_party_says(somebody, third_party):
    third_party.tells |= {"email": "cara@example.com", "email_verified": True}
    cara = somebody("cara@example.com")
    sign_up(cara, email="cara@example.com")
    assert not cara.is_signed_in
    assert not EmailAddress.objects.get().verified
    cara.enter(cara.newest_code())
    assert cara.is_signed_in
    assert EmailAddress.objects.get().verified


@pytest.mark.parametrize("verified", [True, False])
def test_a_registered_address_is_never_taken_over(ada, somebody, third_party, verified):
    cache.clear()  # she had a code a moment ago, and each address gets few
    third_party.tells |= {"sub": "a thief", "email": "ada@example.com", "email_verified": verified}
    thief = somebody("ada@example.com")
    answer = sign_up(thief, email="ada@example.com")
    assert answer.status_code == 302  # the page is the same as for a new address
    assert not thief.is_signed_in
    assert Account.objects.count() == 1
    assert not SocialAccount.objects.exists()
    assert "already" in ada.box("ada@example.com")[0].text


def test_who_has_a_password_connects_and_is_told(ada, third_party):
    state = go(ada, process="connect", then="/sign-in-ways")
    assert come_back(ada, state).headers["Location"] == "/sign-in-ways"
    page = ada.get("/sign-in-ways").content.decode()
    assert "Two things guard this account" in page
    assert "was changed" in ada.box("ada@example.com")[0].subject
    assert enter(ada).headers["Location"] == "/data"


def test_connecting_asks_for_a_sign_in_of_the_last_minutes(ada, third_party, monkeypatch):
    with monkeypatch.context() as later:
        later.setattr(guards, "FRESH", -guards.FRESH)
        for way in ("?process=connect&next=/sign-in-ways", "?next=/sign-in-ways&process=connect&process=connect"):
            assert ada.post(f"/accounts/oidc/example/login/{way}").headers["Location"] == "/sign-in-ways"
        assert ada.post("/accounts/oidc/example/login/", process="connect").headers["Location"] == "/sign-in-ways"
        page = ada.get("/sign-in-ways").content.decode()
        assert "once more first" in page and "show once more who you are" in page
    come_back(ada, go(ada, process="connect"))
    assert SocialAccount.objects.get().user.person == ada.person


def test_a_third_party_of_somebody_else_cannot_be_connected(ada, bob, somebody):
    ada.sign_in()
    come_back(ada, go(ada, process="connect", then="/sign-in-ways"))
    assert SocialAccount.objects.get().user == bob.account


def test_the_last_way_is_never_taken_away_and_a_second_click_does_nothing(ada, bob):
    number = SocialAccount.objects.get().pk
    bob.post(f"/sign-in-ways/disconnect/{number}")
    assert "only way into your account" in bob.get("/sign-in-ways").content.decode()
    assert SocialAccount.objects.count() == 1
    ada.post(f"/sign-in-ways/disconnect/{number}")  # and nobody else's
    assert SocialAccount.objects.count() == 1


def test_with_a_password_it_can_be_disconnected_once(ada, third_party):
    come_back(ada, go(ada, process="connect"))
    number = SocialAccount.objects.get().pk
    assert ada.post(f"/sign-in-ways/disconnect/{number}").headers["Location"] == "/sign-in-ways"
    assert not SocialAccount.objects.exists()
    ada.post(f"/sign-in-ways/disconnect/{number}")
    assert "disconnected already" in ada.get("/sign-in-ways").content.decode()
    assert guards.guarding(Account.objects.get()).password


def test_two_third_parties_may_call_somebody_the_same(ada, third_party):
    account = Account.objects.get()
    one, other = (SocialAccount.objects.create(user=account, provider=name, uid="7") for name in ("one", "other"))
    one.delete()
    assert SocialAccount.objects.get(provider="other", uid="7") == other
    assert SocialAccount.objects.get(pk=other.pk).uid == "7"


def test_with_a_clock_that_was_set_back_an_old_sign_in_is_not_a_fresh_one(ada):
    from datetime import timedelta

    request = ada.get("/sign-in-ways").wsgi_request
    account = Account.objects.get()
    assert guards.is_fresh(request, account, now=now())
    assert not guards.is_fresh(request, account, now=now() - timedelta(hours=1))


def test_a_third_party_that_went_out_of_the_settings_counts_as_no_way(bob, settings_of):
    settings_of(SOCIALACCOUNT_PROVIDERS={})
    assert guards.guarding(bob.account).ways == 0
    assert "Not offered here any more" in bob.get("/sign-in-ways").content.decode()


@pytest.mark.parametrize(
    ("fault", "when"),
    [("down", "before"), ("down", "after"), ("nonsense", "before"), ("nonsense", "after"), ("halfway", "after")],
)
def test_a_third_party_that_is_down_makes_nothing_and_says_so(somebody, third_party, fault, when):
    cara = somebody()
    state = go(cara) if when == "after" else ""
    setattr(third_party, fault, True)
    answer = come_back(cara, state) if state else cara.post("/accounts/oidc/example/login/?process=login")
    assert answer.status_code == 503
    assert "does not answer" in answer.content.decode()
    assert not Account.objects.exists()


def test_what_comes_back_twice_late_or_from_elsewhere_opens_nothing(bob, somebody):
    fresh = somebody()
    state = go(fresh)
    come_back(fresh, state)
    assert fresh.is_signed_in
    fresh.sign_out()
    assert come_back(fresh, state).status_code == 401  # used
    assert come_back(somebody(), go(fresh)).status_code == 401  # another browser's
    assert fresh.get("/accounts/oidc/example/login/callback/?error=access_denied&state=x").status_code == 401
    assert not fresh.is_signed_in


def test_nothing_of_the_third_partys_is_kept_in_clear(somebody, third_party, every_byte, superuser):
    third_party.tells |= {
        "sub": "marker-of-a-sub",
        "name": "Marker Name",
        "email": "marker@example.com",
        "zone": "marker-zone",
    }
    cara = somebody("marker@example.com")
    sign_up(cara, email="marker@example.com", name="Marker Name")
    cara.enter(cara.newest_code())
    everything = every_byte()
    for marker in ("marker-of-a-sub", "Marker Name", "marker@example.com", "marker-zone", "a-token-of-the-third-party"):
        assert marker not in everything
    assert SocialAccount.objects.get().uid == "marker-of-a-sub"  # for who has the key
    assert not SocialToken.objects.exists()
    with superuser() as thief, pytest.raises(Exception, match="holds_nothing"):
        thief.execute("""UPDATE socialaccount_socialaccount SET extra_data = '{"zone": "marker"}'""")


def test_while_somebody_signs_up_the_session_holds_no_token_of_the_third_partys(somebody, third_party):
    cara = somebody()
    enter(cara)
    waiting = cara.client.session["socialaccount_sociallogin"]
    assert waiting["account"]["uid"] == "ada-at-example"  # the search can find
    assert "a-token-of-the-third-party" not in str(waiting)


def test_what_is_held_is_exported_and_forgotten(bob):
    from avow.people.stores import AccountStore, SessionStore
    from avow.vault.keys.models import AddressToken

    store, person = AccountStore(), bob.account.person
    exported = {one.name: one.rows for one in store.export(person, now=now())}
    assert exported["third-parties"][0]["knows you as"] == "ada-at-example"
    assert exported["account"][0]["sign-in"] == "no password"
    assert store.count(person) == 2
    SessionStore().forget(person, request=uuid4(), now=now())
    assert store.forget(person, request=uuid4(), now=now()) == 2
    assert store.count(person) == 0
    assert not AddressToken.objects.exists()


def test_deleting_asks_for_a_sign_in_of_the_last_minutes_where_there_is_no_password(bob, monkeypatch):
    from avow.requests.models import Request

    with monkeypatch.context() as later:
        later.setattr(guards, "FRESH", -guards.FRESH)
        assert "Sign in at Example once more" in bob.get("/delete").content.decode()
        assert bob.post("/delete").status_code == 422
        assert not Request.objects.exists()
        assert bob.get("/accounts/password/set/").headers["Location"] == "/sign-in-ways"
        bob.post(f"/sign-in-ways/disconnect/{SocialAccount.objects.get().pk}")
        assert "sign in once more first" in bob.get("/sign-in-ways").content.decode()
    assert "Delete everything now" in bob.get("/delete").content.decode()
    assert bob.post("/delete").headers["Location"].startswith("/certificates/")


def test_a_first_password_makes_a_second_way(somebody, third_party):
    from tests.people.walking import PASSWORD

    cara = somebody("cara@example.com")
    sign_up(cara, email="cara@example.com")
    cara.enter(cara.newest_code())
    assert (
        cara.post("/accounts/password/set/", password1=PASSWORD, password2=PASSWORD).headers["Location"]
        == "/sign-in-ways"
    )
    assert guards.guarding(Account.objects.get()).ways == 2
    cara.sign_out()
    cara.sign_in()
    assert cara.is_signed_in


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    from avow.people.guards import Guards

    with shown_to_fail(
        "the-page-says-what-guards-an-account",
        how="a third party is left out, a password is claimed where none opens, or the last way can be taken away",
    ) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(guards, "guarding", lambda account, offered=None: Guards(False, True, (), (), None, 0))
            assert "left out" in trial.fails()
        with monkeypatch.context() as broken:
            real = guards.guarding
            broken.setattr(
                guards,
                "guarding",
                lambda account, offered=None: Guards(True, True, real(account, offered).third_parties, (), None, 0),
            )
            assert "no password" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(guards.Guards, "ways", 2)
            assert "last way" in trial.fails()
        trial.holds()
    assert not SocialAccount.objects.exists()
