"""
`avow hold …` does what the desk does, by the same acts: two officers, shown first, and a release only when it is meant.

It bites: a `signer` that asks for no desk, a `confirm` that takes the release where two wait, a `--plan` that goes on, and
a release without the question each fail one of these (each tried).
"""

import os
import re
import subprocess
import sys
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from tests.web.conftest import furnish, resident

pytestmark = pytest.mark.proves(Promise.LEGAL_DISCLOSURE)
NOW = datetime.now(UTC)


@pytest.fixture
def say(db, monkeypatch):
    """Run the command in this very process, whose house stands already."""
    from click.testing import CliRunner

    from avow.host.commands import hold
    from avow.people import desk

    furnish()
    monkeypatch.setattr(hold, "tables", nullcontext)
    for name in ("one", "two"):
        resident(f"{name}@example.com")
        desk.grant(f"{name}@example.com", NOW)

    def said(*words, typed=None):
        done = CliRunner().invoke(hold.group, [str(word) for word in words], input=typed)
        return done.output if done.exception is None or isinstance(done.exception, SystemExit) else str(done.exception)

    return said


@pytest.fixture
def ada(say):
    return resident("ada@example.com", name="Ada Lovelace", phone="+493012345678").person


def number_in(text):
    return re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", text)[0]


def stated(number):
    from avow.vault import holds

    return holds.find(number).state


BASIS = ("--basis", "file 2026/7")


def test_from_a_proposal_to_what_is_kept_and_released(say, ada):
    from avow.vault import erasure, holds
    from avow.vault.actor import SERVICE

    made = say("propose", "ada@example.com", "--field", "phone", *BASIS, "--until", "+90d", "--as", "one@example.com")
    assert "Held of this person: phone, whenever it was given" in made
    number = number_in(made)
    assert "ask another officer" in say("confirm", number, "--as", "one@example.com")
    assert "The hold stands." in say("confirm", number, "--as", "two@example.com")
    assert "Nothing of this hold waits" in say("confirm", number, "--as", "two@example.com")
    erasure.erase(ada, request=ada, asked_by=SERVICE, now=datetime.now(UTC))
    listed = say("list")
    assert number in listed and "file 2026/7" in listed and "phone" in listed and str(ada) not in listed
    assert holds.open_held(number, "phone", Purpose.LEGAL, by=SERVICE, now=datetime.now(UTC)) == "+493012345678"

    day = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    assert "Proposed." in say("prolong", number, "--until", day, "--as", "two@example.com")
    assert "keeps on until another" in say("release", number, "--as", "two@example.com")
    assert "say which" in say("confirm", number, "--as", "one@example.com", "--yes")
    assert "The hold is prolonged." in say("confirm", number, "--as", "one@example.com", "--only", "longer")
    for typed in ("", "no\n", "00000000\n"):
        say("confirm", number, "--as", "one@example.com", typed=typed)
        assert stated(number) == "standing"
    assert "destroyed." in say("confirm", number, "--as", "one@example.com", typed=f"{number[:8]}\n")
    assert stated(number) == "ended" and say("list") == "Nothing is held.\n" and "ended" in say("list", "--all")


def test_a_plan_changes_nothing(say, ada):
    from avow.vault.models import Hold

    officer = ("--as", "one@example.com")
    words = ("propose", ada, "--field", "email", *BASIS, "--until", "+9d", "--from", "2026-05-01", "--gagged", *officer)
    assert "given from 2026-05-01" in say(*words, "--plan") and not Hold.objects.exists()
    number = number_in(say(*words))
    assert "from then on it keeps" in say("confirm", number, "--as", "two@example.com", "--plan")
    assert stated(number) == "proposed"
    say("confirm", number, "--as", "two@example.com")
    for step in (("prolong", number, "--until", "+60d"), ("release", number)):
        assert "To be proposed" in say(*step, *officer, "--plan")
    row = Hold.objects.get()
    assert (row.longer_by, row.release_by) == (None, None)
    assert row.collected_from == datetime(2026, 5, 1, tzinfo=UTC) and row.gagged


def test_what_is_proposed_can_be_taken_back(say, ada):
    made = say("propose", ada, "--field", "email", *BASIS, "--until", "+9d", "--as", "one@example.com")
    assert "not come into force" in say("refuse", number_in(made), "--as", "two@example.com")
    assert stated(number_in(made)) == "refused"


WRONG = [
    ({"--field": "shoe"}, "“shoe” cannot be held; these fields can be: email, name, phone."),
    ({"--until": "+91d"}, "at most ninety days ahead"),
    ({"--until": "2020-01-31"}, "at most ninety days ahead"),
    ({"--until": "soon"}, "neither a day such as"),
    ({"--from": "May"}, "write it as 2026-05-01"),
    ({"--from": "2026-05-02", "--to": "2026-05-01"}, "exchange the two"),
    ({"--as": "ada@example.com"}, "may not use the desk"),
    ({"--as": "nobody@example.com"}, "Nobody here has this address"),
    ({"--basis": " "}, "needs its basis"),
]


def test_bad_input_is_refused_with_what_to_do(say, ada):
    from avow.vault.models import Hold

    for changed, said in WRONG:
        words = {"--field": "email", "--basis": "file 7", "--until": "+9d", "--as": "one@example.com"} | changed
        assert said in say("propose", ada, *[word for pair in words.items() for word in pair])
    assert not Hold.objects.exists()


def test_the_person_is_asked_for_so_that_they_stand_in_no_history(say, ada):
    from django.conf import settings

    from avow.host import locking
    from avow.host.home import Home

    lock = locking.take(Home(settings.HOME.root).lock)
    words = ["hold", "propose", "--field", "email", *BASIS, "--as", "one@example.com", "--until", "+9d"]
    done = subprocess.run(
        [sys.executable, "-m", "avow.host.cli", *words], input="ada@example.com\n", text=True, capture_output=True,
        check=False, env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    os.close(lock)
    assert done.returncode == 0 and "Proposed as" in done.stdout, done.stderr
    said = done.stdout.replace(number_in(done.stdout), "")  # a random number may spell a name
    assert "ada" not in said and str(ada) not in said
