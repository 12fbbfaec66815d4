"""
A company keeps its own identity server: then that alone signs people in, and what it calls a person is the link.

It bites: each was tried. Without the middleware a password still signs in; with a name missing from OFF that page answers.
"""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.urls import get_resolver

from avow.errors import BadInput
from avow.host import sign_in_with
from avow.people import evenness
from avow.people.models import Account
from avow.policy.promises import Promise
from avow.web import noticing
from avow.web.elsewhere import OFF, READ_ONLY
from tests.people.third_party import enter, sign_up
from tests.people.walking import asked

pytestmark = [pytest.mark.proves(Promise.THIRD_PARTY_SIGN_IN)]
GONE = (
    "/accounts/signup/", "/accounts/signup/passkey/", "/accounts/signup/number/", "/accounts/signup/number/code/",
    "/accounts/password/reset/", "/accounts/password/change/",
    "/accounts/password/set/", "/accounts/2fa/webauthn/login/", "/accounts/2fa/webauthn/add/", "/recover",
    "/.well-known/openid-configuration", "/identity/o/authorize", "/identity/o/api/token", "/identity/o/api/userinfo",
)  # fmt: skip


def names(patterns, prefix=""):
    for one in patterns:
        if hasattr(one, "url_patterns"):
            inside = f"{prefix}{one.namespace}:" if one.namespace else prefix
            yield from names(one.url_patterns, inside)
        else:
            yield f"{prefix}{one.name}"


def test_what_is_off_exists_otherwise():
    """A name that an upgrade changes would switch nothing off."""
    assert (OFF | READ_ONLY) - set(names(get_resolver().url_patterns)) == set()


def test_what_is_answered_in_even_time_exists():
    """A name that an upgrade changes would be answered in its own time."""
    every = set(names(get_resolver().url_patterns))
    assert evenness.EVEN <= every
    assert {name for name in every if "signup" in name} - evenness.EVEN == {
        "mfa_signup_webauthn",
        "signup-number-code",
    }, "past the code, or at it"


def test_what_counts_as_use_of_the_service_exists():
    """The same of the names by which a change of the policy is accepted, or shown."""
    assert (noticing.USES | noticing.NEVER) - set(names(get_resolver().url_patterns)) == set()


@pytest.fixture
def elsewhere(third_party, settings_of):
    settings_of(ACCOUNTS_HERE=False)


def test_the_companys_own_server_signs_people_in_and_nothing_of_ours_does(elsewhere, somebody):
    eve = somebody("eve@example.com")
    page = eve.get("/accounts/login/")
    assert asked(page) == [] and "Sign in with Example" in page.content.decode()
    assert "Create an account" not in page.content.decode() + eve.get("/").content.decode()
    for path in GONE:
        assert eve.get(path).status_code == eve.post(path).status_code == 404, path
    assert eve.sign_in().status_code == 404
    sign_up(eve, name="Eve")
    assert eve.is_signed_in and SocialAccount.objects.get().uid == "ada-at-example"
    ways = eve.get("/sign-in-ways").content.decode()
    assert "keeps its own sign-in" in ways and "Add a passkey" not in ways
    eve.sign_out()
    enter(eve)
    assert eve.is_signed_in and Account.objects.filter(canary=False).count() == 1


def test_a_password_from_before_opens_nothing_any_more(somebody, third_party, settings_of):
    ada = somebody().join()
    ada.sign_out()
    settings_of(ACCOUNTS_HERE=False)
    ada.sign_in()
    assert not ada.is_signed_in


def test_it_needs_the_server_that_signs_people_in():
    assert sign_in_with.here("here", {}) and not sign_in_with.here("elsewhere", {"openid_connect": {}})
    for written, providers in (("elsewhere", {}), ("off", {"openid_connect": {}}), ("", {})):
        with pytest.raises(BadInput):
            sign_in_with.here(written, providers)
