"""
The company's own application signs somebody in: discovery, code with PKCE, id token against the published keys, userinfo.

The application is Authlib's client; the browser is `requests` with the house's own forms. Tried to bite: with the
account's row number as `sub`, with get_issuer from the request's host, without the check of the key in `account_at`, and
with tokens left at "log out everywhere", one test each fails.
"""

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import jwt

from tests.web.conftest import PASSWORD, resident

BACK = "http://127.0.0.1:9/back"
SECRET = "the application's own secret"
VERIFIER = "v" * 64
WEB = requests.Session()


def now():
    return datetime.now(UTC)


def register(client_id="optimibi", uri=BACK, **more):
    from avow.people import relying

    relying.register(client_id, name="Optimibi", redirect_uris=[uri], secret=SECRET, now=now(), **more)


@pytest.fixture
def ada(site):
    register()
    return resident("ada@example.com", name="Ada Lovelace")


class Application:
    """The company's application, as Authlib writes it."""

    def __init__(self, site, client_id="optimibi", secret=SECRET, scope="openid profile email phone usage"):
        self.offers = WEB.get(f"{site}/.well-known/openid-configuration").json()
        self.client_id = client_id
        self.session = OAuth2Session(
            client_id, secret, scope=scope, redirect_uri=BACK, code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post",
        )  # fmt: skip

    def sends(self, **more):
        return self.session.create_authorization_url(
            self.offers["authorization_endpoint"], code_verifier=VERIFIER, nonce="n-1", **more
        )[0]

    def takes(self, answer, verifier=VERIFIER):
        return self.session.fetch_token(
            self.offers["token_endpoint"], authorization_response=answer, code_verifier=verifier
        )

    def claims(self, token):
        keys = WEB.get(self.offers["jwks_uri"]).json()
        found = jwt.decode(
            token["id_token"], keys,
            claims_options={"iss": {"value": self.offers["issuer"]}, "aud": {"value": self.client_id}, "nonce": {"value": "n-1"}},
        )  # fmt: skip
        found.validate()
        return dict(found)

    def userinfo(self):
        return self.session.get(self.offers["userinfo_endpoint"])


def sign_in(site, url, address="ada@example.com"):
    """Follow the application's link in a browser, sign in, and return where the browser is sent in the end."""
    browser = requests.Session()
    page = browser.get(url)
    form = {"csrfmiddlewaretoken": browser.cookies["csrftoken"], "login": address, "password": PASSWORD}
    form["next"] = parse_qs(urlsplit(page.url).query)["next"][0]
    answer = browser.post(f"{site}/accounts/login/", form, headers={"Referer": page.url}, allow_redirects=False)
    answer = browser.get(site + answer.headers["Location"], allow_redirects=False)
    return browser, answer.headers.get("Location", ""), answer


def test_a_person_is_signed_in_and_the_application_is_told_what_it_may_know(site, ada):
    from avow.people import tickets

    application = Application(site)
    _, back, _ = sign_in(site, application.sends())
    token = application.takes(back)
    claims = application.claims(token)
    told = application.userinfo().json()
    assert application.offers["issuer"] == site
    assert application.offers["subject_types_supported"] == ["pairwise"]
    assert claims["sub"] == told["sub"] and str(ada.account.pk) != told["sub"] and str(ada.person) not in told["sub"]
    assert (told["name"], told["email"], told["email_verified"]) == ("Ada Lovelace", "ada@example.com", True)
    assert "phone_number" not in told  # she gave none
    assert tickets.read(told["avow_ticket"], now=now()) == ada.person


def test_an_application_asks_again_and_each_asking_counts_once(site, ada):
    application = Application(site)
    token = application.takes(sign_in(site, application.sends())[1])
    endpoint = application.offers["token_endpoint"]
    assert application.session.refresh_token(endpoint, token["refresh_token"])["access_token"]
    with pytest.raises(Exception, match="invalid_grant"):
        application.session.refresh_token(endpoint, token["refresh_token"])


def test_scopes_that_are_not_asked_for_tell_nothing(site, ada):
    application = Application(site, scope="openid")
    _, back, _ = sign_in(site, application.sends())
    application.takes(back)
    assert set(application.userinfo().json()) == {"sub"}


def test_two_applications_know_her_by_names_that_differ_and_stay(site, ada):
    register("other")
    one, two, again = Application(site), Application(site, "other"), Application(site)
    names = []
    for application in (one, two, again):
        application.takes(sign_in(site, application.sends())[1])
        names.append(application.userinfo().json()["sub"])
    assert names[0] == names[2] != names[1]


def test_another_address_to_go_back_to_is_answered_with_a_page_and_no_code(site, ada):
    url = Application(site).sends().replace("back", "thief")
    answer = requests.get(url, timeout=60)
    assert answer.status_code == 400 and answer.history == []
    assert "code=" not in answer.text and "<h1>" in answer.text and "stylesheet" in answer.text


def test_a_code_opens_once_and_only_for_who_began(site, ada):
    application = Application(site)
    _, back, _ = sign_in(site, application.sends())
    with pytest.raises(Exception, match="invalid_grant"):
        application.takes(back, verifier="w" * 64)
    _, back, _ = sign_in(site, application.sends())
    application.takes(back)
    with pytest.raises(Exception, match="invalid_grant"):
        application.takes(back)
    _, back, _ = sign_in(site, application.sends())
    with pytest.raises(Exception, match=r"invalid_client|Unauthorized|401"):
        Application(site, secret="not the secret").takes(back)


def test_log_out_everywhere_ends_what_the_application_holds(site, ada):
    from avow.people import signing

    application = Application(site)
    application.takes(sign_in(site, application.sends())[1])
    assert application.userinfo().status_code == 200
    signing.sign_out_everywhere(ada.person, now=now())
    assert application.userinfo().status_code == 401


def test_an_erased_person_is_known_to_no_application(site, ada):
    from avow.people import deletion, subjects
    from avow.people.models import SignedInApplication
    from avow.people.stores import ApplicationStore
    from avow.vault import erasure
    from avow.vault.actor import THE_PERSON

    application, store = Application(site), ApplicationStore()
    application.takes(sign_in(site, application.sends())[1])
    sub, row = application.userinfo().json()["sub"], SignedInApplication.objects.get()
    assert subjects.account_at("optimibi", sub) == ada.account
    applications, sessions = store.export(ada.person, now=now())
    assert applications.rows[0]["knows you as"] == sub
    assert sessions.rows[0]["application"] == "optimibi"
    assert store.count(ada.person) == 4
    assert store.forget(ada.person, request=uuid4(), now=now()) == 4
    assert (store.count(ada.person), store.forget(ada.person, request=uuid4(), now=now())) == (0, 0)
    erasure.begin(ada.person, now=now())
    erasure.erase(ada.person, request=uuid4(), asked_by=THE_PERSON, now=now())
    row.save(force_insert=True)  # a row that a backup brought back
    assert subjects.account_at("optimibi", sub) is None
    deletion.close(ada.person, request=uuid4(), now=now())
    assert application.userinfo().status_code == 401


def test_no_token_and_no_secret_rests_in_clear(site, ada, every_byte):
    application = Application(site)
    token = application.takes(sign_in(site, application.sends())[1])
    assert token["access_token"] not in every_byte()
    assert SECRET not in every_byte()
    assert "PRIVATE KEY" not in every_byte()


def test_whatever_host_a_request_names_the_addresses_are_the_configured_ones(site):
    offers = WEB.get(f"{site}/.well-known/openid-configuration", headers={"Host": "127.0.0.1:1"}).json()
    addresses = [v for k, v in offers.items() if isinstance(v, str) and re.match("https?:", v)]
    assert all(address.startswith(site) for address in addresses)
    assert "device_authorization_endpoint" not in offers
    assert WEB.get(f"{site}/identity/o/device").status_code == 404
    assert WEB.post(f"{site}/identity/o/api/device/code").status_code == 403


def test_registering_is_done_once_and_refuses_what_would_lead_away(db, policy):
    from allauth.idp.oidc.models import Client

    from avow.errors import AvowError
    from avow.people.relying import Feature, feature

    register(features={"report": Feature("phone", "A technician calls you back.")})
    before = Client.objects.get().secret
    register(features={"report": Feature("phone", "A technician calls you back.")})
    assert Client.objects.get().secret == before
    assert feature("optimibi", "report")[1].back == "http://127.0.0.1:9/"
    for wrong in (
        {"uri": "http://*.example.com/"}, {"uri": "/back"},
        {"features": {"x": Feature("password", "why")}}, {"features": {"x": Feature("phone", "")}},
        {"features": {"x": Feature("phone", "why", "https://thief.example/")}},
    ):  # fmt: skip
        with pytest.raises(AvowError):
            register(**wrong)
