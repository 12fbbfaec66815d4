"""`avow sessions end`: an administrator ends somebody's sessions, or everybody's."""

import pytest
from click.testing import CliRunner

from avow.errors import BadInput, NotFound
from avow.host.commands import sessions
from avow.people.models import Session
from avow.policy.promises import Promise

pytestmark = [pytest.mark.proves(Promise.SIGN_OUT)]


def run(*arguments):
    done = CliRunner().invoke(sessions.group, ["end", *arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch):
    from contextlib import nullcontext

    monkeypatch.setattr(sessions, "tables", nullcontext)


def test_an_administrator_ends_the_sessions_of_one_and_of_all(ada, somebody):
    eve = somebody("eve@example.com").join()
    assert run("eve@example.com") == "1 session ended.\n"
    assert eve.get("/data").status_code == 302 and ada.get("/data").status_code == 200
    eve.sign_in()
    assert run("--all") == "2 sessions ended.\n"
    assert not Session.objects.exclude(person=None).exists() and ada.get("/data").status_code == 302


def test_it_says_whose_and_who_is_not_here(ada):
    for arguments in ((), ("eve@example.com", "--all")):
        with pytest.raises(BadInput):
            run(*arguments)
    with pytest.raises(NotFound):
        run("nobody@example.com")
    assert ada.get("/data").status_code == 200
