"""
Somebody comes by another company's sign-in: a second whole Avow, with a home, a database and a port of its own.

It bites: with both houses under one name of the machine, the second one's cookie overwrote the first one's and it failed.
"""

import subprocess
import sys

import pytest

from avow.policy.promises import Promise
from tests.faults.house import House, environment, free_port
from tests.stories.holding import holds
from tests.web.conftest import PASSWORD

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.proves(Promise.THIRD_PARTY_SIGN_IN)]
ADDRESS, SECRET = "bo@other.example", "known to both houses"
FURNISH = """
import sys
from datetime import UTC, datetime
import django
django.setup()
from allauth.account.models import EmailAddress
from avow.people import enrolment, given, relying
from avow.people.models import Account
now = datetime.now(UTC)
address, password, callback, secret = sys.argv[1:]
account = enrolment.open_account(Account(), password, now=now)
EmailAddress.objects.create(user=account, email=address, verified=True, primary=True)
given.keep(account.person, "name", "Bo Lindqvist", source="sign-up", now=now)
relying.register("avow", name="The first house", redirect_uris=[callback], secret=secret, now=now)
"""


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """The second house, running."""
    port = free_port()
    base = (
        f"http://localhost:{port}"  # another name than the first one's: browsers tell cookies apart by names, not ports
    )
    house = House(tmp_path_factory.mktemp("other") / "home", port=port, AVOW_BASE_URL=base).start()
    yield house
    house.stop()


@pytest.fixture
def third_house(other, site, settings_of, tmp_path):
    """The second house knows somebody, and the first one takes its sign-in."""
    from avow.host import sign_in_with

    callback = f"{site}/accounts/oidc/other-house/login/callback/"
    environ = environment(other.home, DJANGO_SETTINGS_MODULE="avow.host.settings", **other.more)
    words = [sys.executable, "-c", FURNISH, ADDRESS, PASSWORD, callback, SECRET]
    subprocess.run(words, env=environ, check=True, capture_output=True)
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    issuer = f"http://localhost:{other.port}"
    written = f"name=Other House,issuer={issuer},client_id=avow,secret_file={secret}"
    settings_of(SOCIALACCOUNT_PROVIDERS=sign_in_with.providers(written))
    return issuer


@pytest.mark.parametrize("page", [False], indirect=True, ids=["without-javascript"])
def test_somebody_comes_by_another_house(page, third_house):
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with Other House").click()
    page.wait_for_url(f"{third_house}/accounts/login/**")
    page.get_by_label("E-mail").fill(ADDRESS)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/accounts/3rdparty/signup/")

    assert page.get_by_label("Name").input_value() == "Bo Lindqvist"
    page.get_by_label("E-mail").fill("")
    page.get_by_role("button", name="Create the account").click()
    page.wait_for_url("**/data")
    assert page.locator("#name .value").inner_text() == "Bo Lindqvist"
    assert page.locator("#email .value").inner_text() == "nothing"

    page.get_by_role("link", name="How you sign in").click()
    page.get_by_text("The sign-in of Other House guards this account.").wait_for()
    page.get_by_role("button", name="Disconnect").click()
    page.get_by_text("This is the only way into your account").wait_for()

    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in", exact=True).wait_for()  # signed out: only then is there a way back to try
    page.go_back()
    page.goto("/data")
    page.wait_for_url("**/accounts/login/**")
    page.get_by_role("button", name="Sign in with Other House").click()
    page.wait_for_url("**/data")  # still signed in over there, so at one click
    assert holds(page, "5.2", "the-page-says-what-guards-an-account")
