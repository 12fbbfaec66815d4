"""
Other people's OpenID Connect, in processes of its own, against ours: openid-client signs somebody in here; oidc-provider
signs somebody in to us. Neither shares a line with allauth; each refuses what the standards do not allow.

It bites: each was tried. Without `iss` in the answer, without auth_time, with a code that can be shown twice without
harm, or with a Host's name in an address, one of these ends with the other side's own refusal.
"""

import html
import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests

from tests.stories.test_company_application_signs_in import BACK, SECRET, register, sign_in
from tests.web.conftest import PASSWORD, resident

NPM = Path(__file__).resolve().parent.parent / "conformance/npm"
needed = pytest.mark.skipif(
    not (which("node") and (NPM / "node_modules/.made").exists()),
    reason="Node and other people's OpenID Connect are not installed: scripts/parts, scripts/side-npm",
)
pytestmark = needed
SCOPE = "openid profile email"


class Refusal(Exception):
    """What the other side says of us."""


class Client:
    """openid-client, in a process of its own."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["node", "client.mjs"], cwd=NPM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, act, **asked):
        self.process.stdin.write(json.dumps({"act": act, **asked}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise Refusal(answer["error"], answer["said"], answer.get("status"))
        return answer["ok"]


@pytest.fixture
def client():
    made = Client()
    yield made
    made.process.stdin.close()
    made.process.wait(timeout=20)


@pytest.fixture
def ada(site):
    register()
    return resident("ada@example.com", name="Ada Lovelace")


@pytest.mark.parametrize("basic", [True, False], ids=["basic", "post"])
def test_discovery_code_refresh_revocation_and_logout(site, ada, client, basic):
    offers = client("discover", issuer=site, id="optimibi", secret=SECRET, basic=basic)
    assert offers["authorization_response_iss_parameter_supported"] and offers["backchannel_logout_supported"]
    browser, back, _ = sign_in(site, client("begin", back=BACK, scope=SCOPE)["url"])
    taken = client("take", url=back)
    told = client("userinfo", sub=taken["claims"]["sub"])
    assert (told["name"], told["email_verified"]) == ("Ada Lovelace", True)
    renewed = client("refresh")
    assert renewed["claims"]["sub"] == taken["claims"]["sub"]
    assert renewed["claims"]["auth_time"] == taken["claims"]["auth_time"], "renewing shows nobody"
    assert renewed["claims"]["amr"] == ["pwd"]
    page = browser.get(client("leave", back=BACK)["url"])
    assert page.status_code == 200 and "<h1>" in page.text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    form = {name: html.unescape(value) for name, value in fields.items()} | {
        "csrfmiddlewaretoken": token,
        "action": "logout",
    }
    browser.post(page.url, form, headers={"Referer": page.url}, allow_redirects=False)
    assert "/accounts/login/" in browser.get(f"{site}/data").url
    with pytest.raises(Refusal, match="invalid_grant"):
        client("refresh")


def test_a_token_that_is_given_back_ends_what_was_issued_beside_it(site, ada, client):
    client("discover", issuer=site, id="optimibi", secret=SECRET)
    taken = client("take", url=sign_in(site, client("begin", back=BACK, scope=SCOPE)["url"])[1])
    client("revoke")
    with pytest.raises(Refusal):
        client("userinfo", sub=taken["claims"]["sub"])


def test_a_refresh_token_that_is_shown_again_ends_the_sign_in(site, ada, client):
    client("discover", issuer=site, id="optimibi", secret=SECRET)
    first = client("take", url=sign_in(site, client("begin", back=BACK, scope=SCOPE)["url"])[1])
    client("refresh")
    client("userinfo", sub=first["claims"]["sub"])
    with pytest.raises(Refusal, match="invalid_grant"):
        client("refresh", token=first["refresh"])
    with pytest.raises(Refusal):
        client("userinfo", sub=first["claims"]["sub"])


def test_a_code_that_is_shown_again_ends_the_sign_in(site, ada, client):
    client("discover", issuer=site, id="optimibi", secret=SECRET)
    back = sign_in(site, client("begin", back=BACK, scope=SCOPE)["url"])[1]
    taken = client("take", url=back)
    with pytest.raises(Refusal, match="invalid_grant"):
        client("take", url=back)
    with pytest.raises(Refusal):
        client("refresh", token=taken["refresh"])


def test_two_who_show_one_code_at_a_time_get_one_answer_and_then_nothing(site, ada, client):
    """A copy that races its owner: whoever is second ends it for both."""
    offers = client("discover", issuer=site, id="optimibi", secret=SECRET)
    url = sign_in(site, client("begin", back=BACK, scope=SCOPE)["url"])[1]
    verifier = client("verifier")["verifier"]
    form = {"grant_type": "authorization_code", "code": parse_qs(urlsplit(url).query)["code"][0], "redirect_uri": BACK,
            "client_id": "optimibi", "client_secret": SECRET, "code_verifier": verifier}  # fmt: skip
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: requests.post(offers["token_endpoint"], form, timeout=60), range(6)))
    taken = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(taken) == 1 and {answer.status_code for answer in answers} == {200, 400}
    bearer = {"Authorization": f"Bearer {taken[0]['access_token']}"}
    assert requests.get(offers["userinfo_endpoint"], headers=bearer, timeout=60).status_code == 401


def test_how_long_ago_somebody_showed_who_they_are_is_said_and_can_be_asked_for(site, ada, client, monkeypatch):
    from avow.people import guards

    client("discover", issuer=site, id="optimibi", secret=SECRET)
    browser, back, _ = sign_in(site, client("begin", back=BACK, scope=SCOPE, max_age=300)["url"])
    taken = client("take", url=back, maxAge=300)
    assert abs(taken["claims"]["auth_time"] - datetime.now(UTC).timestamp()) < 60

    real = guards.shown_at
    monkeypatch.setattr(guards, "shown_at", lambda request, account: real(request, account) - timedelta(hours=1))
    asked = browser.get(client("begin", back=BACK, scope=SCOPE, max_age=300)["url"], allow_redirects=False)
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/?next=")
    silent = browser.get(
        client("begin", back=BACK, scope=SCOPE, max_age=300, prompt="none")["url"], allow_redirects=False
    )
    with pytest.raises(Refusal, match="login_required"):
        client("take", url=silent.headers["Location"])
    monkeypatch.undo()
    page = browser.get(urljoin(site, asked.headers["Location"]))
    form = {"csrfmiddlewaretoken": browser.cookies["csrftoken"], "password": PASSWORD}
    form["next"] = parse_qs(urlsplit(page.url).query)["next"][0]
    answer = browser.post(page.url, form, headers={"Referer": page.url}, allow_redirects=False)
    url = client("begin", back=BACK, scope=SCOPE, max_age=300)["url"]
    assert answer.status_code == 302
    assert client("take", url=browser.get(url, allow_redirects=False).headers["Location"], maxAge=300)


def test_a_code_leaves_for_who_can_prove_that_they_began_and_for_nobody_else(site, ada, client):
    client("discover", issuer=site, id="optimibi", secret=SECRET)
    url = client("begin", back=BACK, scope=SCOPE)["url"]
    for without in ("code_challenge=[^&]*&?", "code_challenge_method=[^&]*&?"):
        back = sign_in(site, re.sub(without, "", url))[1]
        told = parse_qs(urlsplit(back).query)
        assert told["error"] == ["invalid_request"] and "code" not in told and told["iss"] == [site]
    back = sign_in(site, re.sub("code_challenge_method=S256", "code_challenge_method=plain", url))[1]
    assert "code=" not in back


@pytest.mark.parametrize(
    "other", [f"{BACK}?x=1", f"{BACK}/", BACK.replace("//", "//user@"), BACK.replace(":9/", ":10/"), ""]
)
def test_a_code_leaves_to_a_registered_address_alone_letter_by_letter(site, ada, client, other):
    """It bites: allauth alone takes more in the query, a name before the host, and any port of this machine."""
    client("discover", issuer=site, id="optimibi", secret=SECRET)
    url = client("begin", back=other or BACK, scope=SCOPE)["url"]
    url = url if other else re.sub("redirect_uri=[^&]*&?", "", url)
    assert requests.get(url, timeout=60).status_code == 400
    answer = requests.post(url.split("?")[0], parse_qs(urlsplit(url).query), timeout=60)
    assert answer.status_code == 400 and "code=" not in answer.text


@pytest.mark.parametrize("mode", ["fragment", "form_post", "query.jwt", "x"])
def test_a_code_goes_nowhere_but_into_the_address(site, ada, client, mode):
    """It bites: in the fragment we would not see it leave, and neither PKCE nor any end would hold for it."""
    client("discover", issuer=site, id="optimibi", secret=SECRET)
    answer = requests.get(client("begin", back=BACK, scope=SCOPE, response_mode=mode)["url"], timeout=60)
    assert answer.status_code == 400 and "code=" not in answer.text
    assert (
        requests.get(client("begin", back=BACK, scope=SCOPE, max_age="9" * 5000)["url"], timeout=60).status_code < 500
    )


def test_what_was_not_asked_for_as_it_must_be_is_refused(site, ada, client):
    """Other flows than the code's, and a wrong secret at every endpoint that takes one."""
    offers = client("discover", issuer=site, id="optimibi", secret=SECRET)
    url = client("begin", back=BACK, scope=SCOPE)["url"]
    for flow in ("token", "id_token", "code%20id_token", "none"):
        back = sign_in(site, url.replace("response_type=code", f"response_type={flow}"))[1]
        assert "code=" not in back and "token=" not in back, flow
    client("take", url=sign_in(site, url)[1])
    who = {"client_id": "optimibi", "client_secret": SECRET}
    for grant in ("password", "client_credentials", "implicit", "urn:ietf:params:oauth:grant-type:device_code"):
        form = {"grant_type": grant, "username": "ada@example.com", "password": PASSWORD, **who}
        answer = requests.post(offers["token_endpoint"], form, timeout=60)
        assert answer.status_code in {400, 401} and "access_token" not in answer.text, grant
    token = client("refresh")["refresh"]
    wrong = requests.post(offers["revocation_endpoint"], {"token": token, **who, "client_secret": "no"}, timeout=60)
    assert wrong.status_code == 401 and client("refresh"), "it is still good"


def test_signing_out_here_ends_what_the_application_holds(site, ada, client):
    client("discover", issuer=site, id="optimibi", secret=SECRET)
    browser, _, _ = sign_in(site, client("begin", back=BACK, scope=SCOPE)["url"])
    other, more, _ = sign_in(site, client("begin", back=BACK, scope=SCOPE)["url"])
    taken = client("take", url=more)
    form = {"csrfmiddlewaretoken": other.cookies["csrftoken"]}
    other.post(f"{site}/accounts/logout/", form, headers={"Referer": site}, allow_redirects=False)
    with pytest.raises(Refusal):
        client("userinfo", sub=taken["claims"]["sub"])
    assert "/accounts/login/" not in browser.get(f"{site}/data").url


# Another company's identity server


@contextmanager
def identity_server(back):
    process = subprocess.Popen(
        ["node", "provider.mjs", back, SECRET], cwd=NPM, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def foreign(site):
    from django.test import override_settings

    back = f"{site}/accounts/oidc/foreign/login/callback/"
    with identity_server(back) as issuer:
        app = {"provider_id": "foreign", "name": "Foreign", "client_id": "avow", "secret": SECRET,
               "settings": {"server_url": issuer, "token_auth_method": "client_secret_basic"}}  # fmt: skip
        with override_settings(SOCIALACCOUNT_PROVIDERS={"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}):
            yield issuer


def through(browser, site, login, process="login"):
    """Go to the other company, sign in there, agree there, and come back."""
    browser.get(f"{site}/accounts/login/")
    form = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    start = f"{site}/accounts/oidc/foreign/login/?process={process}&next=/data"
    page = browser.post(start, form, headers={"Referer": f"{site}/accounts/login/"})
    while not page.url.startswith(site):
        action = urljoin(page.url, html.unescape(re.search(r'<form[^>]*action="([^"]+)"', page.text)[1]))
        prompt = re.search(r'name="prompt" value="(\w+)"', page.text)[1]
        page = browser.post(action, {"prompt": prompt, "login": login, "password": "any"})
    return page


def test_somebody_comes_by_another_companys_identity_server(site, foreign):
    from allauth.socialaccount.models import SocialAccount

    from avow.people.models import Account

    browser = requests.Session()
    page = through(browser, site, "carol")
    assert urlsplit(page.url).path == "/accounts/3rdparty/signup/" and "Person carol" in page.text
    form = {"csrfmiddlewaretoken": browser.cookies["csrftoken"], "email": "", "name": "Carol", "phone": ""}
    page = browser.post(page.url, form, headers={"Referer": page.url})
    assert urlsplit(page.url).path == "/data" and "Carol" in page.text
    again = requests.Session()
    assert urlsplit(through(again, site, "carol").url).path == "/data"
    assert Account.objects.filter(canary=False).count() == SocialAccount.objects.count() == 1


def test_another_sub_is_another_person_and_the_address_links_nothing(site, foreign):
    from avow.people.models import Account

    resident("carol@foreign.example")
    page = through(requests.Session(), site, "carol")
    assert urlsplit(page.url).path == "/accounts/3rdparty/signup/", (
        "a verified word on an address opens nobody's account"
    )
    assert Account.objects.filter(canary=False).count() == 1
