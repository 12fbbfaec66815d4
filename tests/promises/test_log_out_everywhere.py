"""
Log out everywhere: every browser and every application, this one too or not, as the person chooses; going back shows nothing.

It bites: with `leave_applications` left out, the token outlives it; with `keep` ignored, the person is out here as well.
"""

from datetime import UTC, datetime, timedelta

import pytest

from avow.people import signing
from avow.people.models import Session, SignedInApplication
from avow.policy.promises import Promise

pytestmark = [pytest.mark.proves(Promise.SIGN_OUT)]


def now():
    return datetime.now(UTC)


@pytest.fixture
def elsewhere(ada, somebody):
    """Another browser of hers, and an application that she is signed in to."""
    from allauth.idp.oidc.models import Client, Token

    from avow.people import relying, subjects

    relying.register("optimibi", name="Optimibi", redirect_uris=["http://127.0.0.1:9/"], secret="s", now=now())
    subjects.enter(ada.person, "optimibi", now=now())
    other = somebody()
    other.sign_in()
    assert other.is_signed_in
    account = Session.objects.exclude(signed_in_at=None).first()
    Token.objects.create(
        type="at", hash="h", client=Client.objects.get(), user_id=_number(ada), expires_at=now() + timedelta(hours=1)
    )
    assert account is not None
    return other


def _number(person):
    from avow.people.models import Account

    return Account.objects.get(person=person.person).pk


def what_is_open():
    from allauth.idp.oidc.models import Token

    signed_in = Session.objects.exclude(signed_in_at=None).count()
    return signed_in, SignedInApplication.objects.count(), Token.objects.count()


def test_the_page_says_where_one_is_signed_in(ada, elsewhere):
    page = ada.get("/sign-in-ways").content.decode()
    page = page[page.index("<main") : page.index("</main>")]
    assert page.count(">This browser</th>") == 1 and page.count(">Another browser</th>") == 1
    assert ">Optimibi</th>" in page and "a name of yours that no other application has, your name" in page
    assert "Your password guards this account" in page
    for sentence in ("5.1", "5.2", "5.3"):
        assert f'/policy/sentence/{sentence}"' in page


def test_everywhere_means_here_as_well(ada, elsewhere):
    assert what_is_open() == (2, 1, 1)
    answer = ada.post("/sign-in-ways/log-out")
    assert answer.headers["Location"] == "/"
    assert answer.headers["Clear-Site-Data"]  # so that the back button finds nothing
    assert what_is_open() == (0, 0, 0)
    assert ada.get("/sign-in-ways").status_code == 302
    assert elsewhere.get("/data").status_code == 302


def test_everywhere_but_here_keeps_this_browser_alone(ada, elsewhere):
    assert ada.post("/sign-in-ways/log-out", keep="this").headers["Location"] == "/sign-in-ways"
    assert what_is_open() == (1, 0, 0)
    assert ada.get("/data").status_code == 200
    assert elsewhere.get("/data").status_code == 302


def test_nobody_elses_session_ends_and_looking_ends_nothing(ada, elsewhere, somebody):
    bob = somebody("bob@example.com").join()
    assert ada.get("/sign-in-ways/log-out").status_code == 405
    ada.post("/sign-in-ways/log-out")
    assert bob.get("/data").status_code == 200


def test_it_is_recorded_once(ada, elsewhere):
    from avow.evidence.acts import Act
    from avow.vault.attesting import acts_of

    signing.sign_out_everywhere(ada.person, now=now())
    signing.sign_out_everywhere(ada.person, now=now())
    assert [one.act for one in acts_of(ada.person)].count(Act.SIGNED_OUT) == 1
