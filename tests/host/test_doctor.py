"""The doctor says what is wrong and what to do, with the service running or stopped."""

import json
import os
import resource
from datetime import UTC, datetime
from pathlib import Path

import pytest

from avow.host import cli, space
from avow.host.doctor import keys, machine, mail, postgresql, usage
from avow.host.doctor.examining import examine
from avow.host.doctor.findings import State, ok, wrong
from avow.host.home import ABOUT_KEYS, Home
from avow.keyring.file import FileKeyring
from avow.keyring.secret import named_secret
from avow.usage import manifest, spool
from avow.usage.places import Place

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RELEASES = {"known_until": "2026-11", "newest": {"15": {"version": "15.20", "released": "2026-11", "ends": "2027-11"}}}


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def test_everything_is_looked_at_where_nothing_runs(home):
    found = examine(home, NOW)
    assert len({finding.name for finding in found}) == len(found) >= 14
    assert all(finding.remedy for finding in found if finding.state is not State.OK)
    assert not home.root.exists(), "looking makes nothing"


def test_a_complaint_without_a_remedy_cannot_be_made():
    with pytest.raises(AssertionError):
        wrong("x", "bad", "")


@pytest.mark.parametrize(
    ("version", "state", "words"),
    [
        ("15.20", State.OK, "newest known in 2026-11"),
        ("15.18", State.WEAK, "15.20 came out in 2026-11"),
        ("15.21", State.OK, "newest known"),
        ("21.1", State.OK, "newer than what Avow knows"),
    ],
)
def test_the_age_of_postgresql(version, state, words):
    finding = postgresql.aged("postgresql", f"PostgreSQL {version} (system)", version, RELEASES)
    assert finding.state is state
    assert words in finding.says


def test_the_running_tests_own_server_answers_its_questions():
    home = Home(Path(os.environ["AVOW_HOME"]))
    assert postgresql.checksums(home).says.startswith("on:")
    assert postgresql.connection_limit(home).state is State.OK


def test_an_open_home_is_wrong_and_a_closed_one_is_not(home):
    home.make()
    assert keys.closed(home).state is State.OK
    home.root.chmod(0o755)
    assert keys.closed(home).state is State.WRONG
    assert "chmod 0700" in keys.closed(home).remedy


@pytest.fixture
def own_keys(home, monkeypatch):
    """A home with keys and no setting about them but its own."""
    for name in ABOUT_KEYS:
        monkeypatch.delenv(name, raising=False)
    home.make()
    named_secret(home.keys, "pepper"), FileKeyring(home.keys).create(1)
    return home


def test_a_secret_that_is_open_or_lost_is_wrong(own_keys):
    """It bites: a doctor that looks at the folder's mode alone."""
    pepper = own_keys.keys / "pepper.secret"
    assert keys.secret_files(own_keys).state is State.OK
    pepper.chmod(0o644)
    assert (keys.secret_files(own_keys).state, keys.secret_files(own_keys).remedy) == (
        State.WRONG,
        f"chmod 600 {pepper}",
    )
    pepper.unlink()
    found = keys.secret_files(own_keys)
    assert (found.state, found.says.split(":")[0]) == (State.WRONG, "pepper")


def test_copies_of_the_keyring_and_the_folder_of_backups(own_keys, tmp_path, monkeypatch):
    assert keys.copies(own_keys).state is State.WEAK
    monkeypatch.setenv("AVOW_KEYRING_COPIES", str(tmp_path / "copy"))
    assert "not there" in keys.copies(own_keys).says
    (tmp_path / "copy").mkdir()
    assert "lacks 1 of the keys" in keys.copies(own_keys).says
    (tmp_path / "copy" / "epoch-000001.key").write_bytes(b"the same")
    assert keys.copies(own_keys).state is State.OK
    assert keys.backups(own_keys).state is State.OK  # the database is elsewhere
    (own_keys.cluster / "data").mkdir(parents=True)
    assert "on the disk of the database" in keys.backups(own_keys).says
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AVOW_KEY_BACKUPS", str(tmp_path / "file" / "backups"))
    assert keys.backups(own_keys).state is State.WRONG


def test_keys_and_data_are_compared_where_the_service_runs(home, db, monkeypatch):
    from avow.vault import fitting

    assert "nothing runs" in keys.fitting(home, NOW).says
    here = Home(Path(os.environ["AVOW_HOME"]))
    monkeypatch.setattr(keys.locking, "holder", lambda _: os.getpid())
    assert keys.fitting(here, NOW).state is State.OK
    found = fitting.Finding(fitting.Case.OLDER_KEYS, "1 destroyed keys can be derived again.")
    monkeypatch.setattr(fitting, "compare", lambda **_: [found])
    assert keys.fitting(here, NOW).state is State.WRONG


def test_the_keyring_never_promises_more_than_a_file_can(home, monkeypatch):
    assert keys.keyring(home).state is State.WEAK
    monkeypatch.setattr(keys, "filesystem", lambda _: "btrfs")
    assert "elsewhere instead of over" in keys.keyring(home).says


def test_room_clock_mail_and_address(home, monkeypatch):
    monkeypatch.setattr(space, "left", lambda _: 10 * space.MB)
    assert machine.room(home).state is State.WRONG
    monkeypatch.setattr(space, "left", lambda _: 500 * space.MB)
    assert machine.room(home).state is State.WEAK
    assert machine.clock(datetime(1970, 1, 2, tzinfo=UTC)).state is State.WRONG
    assert machine.clock(NOW).state is not State.WRONG
    monkeypatch.setenv("DEMO", "0")
    assert mail.mail(home).state is State.WRONG
    monkeypatch.setenv("AVOW_MAIL_RELAY", "relay.internal")
    assert mail.mail(home).state is State.WEAK  # what comes back is hard to know as ours
    monkeypatch.setenv("AVOW_BOUNCE_ADDRESS", "b@example.com")
    assert mail.mail(home).state is State.OK
    monkeypatch.setenv("AVOW_BASE_URL", "http://privacy.example.com")
    assert machine.address().state is State.WRONG
    monkeypatch.setenv("AVOW_BASE_URL", "https://privacy.example.com")
    assert machine.address().state is State.WRONG  # behind a proxy that nobody counted, all visitors are one
    monkeypatch.setenv("AVOW_TRUSTED_PROXIES", "1")
    assert machine.address() == ok("address", "https://privacy.example.com: cookies are for TLS only.")


def test_where_texts_go_is_said_without_the_key(monkeypatch, tmp_path):
    for name in ("GATEWAY", "GATEWAY_KEY", "SENDER"):
        monkeypatch.delenv(f"AVOW_TEXT_{name}", raising=False)
    assert machine.texts().state is State.OK and "nobody is offered" in machine.texts().says
    key = tmp_path / "key"
    key.write_text("live-0123")
    key.chmod(0o644)
    monkeypatch.setenv("AVOW_TEXT_GATEWAY", "https://sms.example/v1?route=secret")
    monkeypatch.setenv("AVOW_TEXT_GATEWAY_KEY", str(key))
    assert machine.texts().state is State.WRONG and "AVOW_TEXT_SENDER" in machine.texts().remedy
    monkeypatch.setenv("AVOW_TEXT_SENDER", "Optimibi")
    assert machine.texts().remedy == f"chmod 600 {key}"
    key.chmod(0o600)
    found = machine.texts()
    assert found.state is State.OK and "at most 100 in an hour" in found.says
    assert "live-0123" not in str(found) and "route" not in str(found)


def test_core_dumps_follow_the_shell():
    soft, _ = resource.getrlimit(resource.RLIMIT_CORE)
    assert ("off" if soft == 0 else "allowed") in machine.core_dumps().says


def test_the_exit_status_says_whether_something_is_wrong(home, monkeypatch, capsys):
    monkeypatch.setenv("AVOW_HOME", str(home.root))
    monkeypatch.setenv("DEMO", "1")
    assert cli.run(["doctor", "--json"]) == int(any(f.state is State.WRONG for f in examine(home, NOW)))
    assert {"name", "state", "says", "remedy"} == set(json.loads(capsys.readouterr().out)[0])
    monkeypatch.setenv("DEMO", "0")
    assert cli.run(["doctor"]) == 1
    assert "Something is wrong" in capsys.readouterr().out


def test_the_register_says_how_its_clocks_stand_and_whether_two_can_decide(home, policy, monkeypatch):
    """Tried: clocks that stand still at an incident whose authority is undecided say nothing here."""
    from datetime import timedelta

    from avow.host.doctor import register
    from avow.people.models import Account
    from tests.requests.asking import make_someone
    from tests.sharing.registering import closed, registered

    assert "nothing runs" in register.incidents(home, NOW).says
    here, now = Home(Path(os.environ["AVOW_HOME"])), datetime.now(UTC)
    monkeypatch.setattr(register.locking, "holder", lambda _: os.getpid())
    assert "fewer than two officers" in register.incidents(here, now).says
    for address in ("one@example.com", "two@example.com"):
        made = make_someone(address, password=None, now=now)
        Account.objects.filter(person=made).update(desk_role="officer", desk_since=now)
    assert register.incidents(here, now).state is State.OK
    number = registered(now)
    found = register.incidents(here, now)
    assert (found.state is State.WEAK and "71 hours left" in found.says) or "70 hours left" in found.says
    assert register.incidents(here, now + timedelta(hours=80)).state is State.WRONG
    closed(number, now)
    assert register.incidents(here, now + timedelta(hours=80)).state is State.OK


def test_how_pages_are_kept_and_what_was_left_out(home, monkeypatch):
    monkeypatch.delenv("AVOW_PAGES", raising=False)
    assert usage.pages().state is State.WEAK
    monkeypatch.setenv("AVOW_PAGES", "/etc/avow/pages")
    assert usage.pages().state is State.OK
    assert usage.undeclared(home).state is State.OK
    lake = Place(home.root / "usage", home.root / "keys" / "segments").make().lake
    manifest.commit(
        lake, manifest.Manifest(dropped={"2026-11-22": {"server event": 1200, "https://a.example visit": 1}})
    )
    found = usage.undeclared(home)
    assert found.state is State.WEAK and "1,200 from server (event), 1 from https://a.example (visit)" in found.says


def test_what_waits_to_be_worked_up(home):
    assert usage.waiting(home, NOW) == ok("usage", "nothing waits to be worked up.")
    place = Place(home.root / "usage", home.root / "keys" / "segments").make()
    key = place.keys / "ab.key"
    key.write_bytes(b"x")
    (place.spool / "ab.open").write_bytes(b"x" * 2_000_000)
    for ago, state, words in (
        (30, State.OK, "30 seconds"),
        (3600, State.WEAK, "1 hour"),
        (200_000, State.WEAK, "2 days"),
    ):
        os.utime(key, (NOW.timestamp() - ago,) * 2)
        found = usage.waiting(home, NOW)
        assert found.state is state and words in found.says and "1.9 MB" in found.says
    with (place.spool / "cd.closed").open("wb") as sparse:
        sparse.truncate(spool.MOST)
    assert usage.waiting(home, NOW).state is State.WRONG
