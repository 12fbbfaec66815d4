"""
The setting that names a mail provider: what stops the start, with a sentence that says what to do, and no secret in it.

Tried by hand, each seen to fail here: a relay beside it that is not refused; a key that stands in the sentence; a start
without the package that goes on.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from avow.communications.provider import PROVIDERS, Provider, last_heard
from avow.errors import BadInput
from avow.host import provider_setting
from avow.host.doctor import mail
from avow.host.doctor.findings import State
from avow.host.home import Home

KEY, PAIR, SIGNING = "c0ffee-key", "reports:0123456789abcdefghij", "signs-it"


@pytest.fixture
def files(tmp_path):
    """Files with secrets; return their paths by name."""

    def write(**held):
        for name, text in held.items():
            (tmp_path / name).write_text(text)
        return {name: str(tmp_path / name) for name in held}

    return write


@pytest.fixture
def written(files):
    """Write the setting for a provider, with its files."""

    def write(name="postmark", key=KEY, **more):
        paths = files(key=key, **{part: text for part, text in more.items() if part in {"webhook", "signing"}})
        said = {"name": name, "key_file": paths["key"], "url": more.get("url", "")}
        said |= {f"{part}_file": paths[part] for part in ("webhook", "signing") if part in paths}
        return ",".join(f"{part}={value}" for part, value in said.items() if value)

    return write


def read(written, *, has_relay=False, signs=False):
    return provider_setting.provider(written, has_relay=has_relay, signs=signs)


class TestWhatItSays:
    def test_without_it_there_is_none(self):
        assert read("") is None
        assert read("", has_relay=True, signs=True) is None

    def test_a_name_and_a_key_are_enough(self, written):
        assert read(written()) == Provider("postmark", KEY)
        assert read(written(key=f"\n {KEY}\n")).keys == {"server_token": KEY}

    def test_reports_need_a_password_and_of_mailgun_a_key_too(self, written):
        assert read(written(webhook=PAIR + "\n")) == Provider("postmark", KEY, "", PAIR)
        assert read(written("mailgun", webhook=PAIR, signing=SIGNING)) == Provider("mailgun", KEY, "", PAIR, SIGNING)
        assert read(written("mailgun")) == Provider("mailgun", KEY)
        assert not read(written()).is_heard and read(written(webhook=PAIR)).is_heard
        alone = read(written("mailgun", signing=SIGNING))  # its signature is enough
        assert alone == Provider("mailgun", KEY, "", "", SIGNING) and alone.is_heard

    def test_a_key_of_two_parts(self, written):
        assert read(written("mailjet", "one:two")).keys == {"api_key": "one", "secret_key": "two"}

    @pytest.mark.parametrize("url", ["https://api.eu.mailgun.net/v3", "http://127.0.0.1:8025/"])
    def test_another_address_of_its_own(self, written, url):
        assert read(written("mailgun", url=url)).url == url

    def test_each_is_one_that_the_library_has_and_lets_switch_tracking_off(self):
        import importlib

        from anymail.backends.base import BasePayload

        for name in PROVIDERS:
            module = importlib.import_module(f"anymail.backends.{name}")
            payload = next(one for one in vars(module).values() if isinstance(one, type) and one.__name__.endswith("Payload") and one.__module__ == module.__name__)  # fmt: skip
            for can in ("set_track_opens", "set_track_clicks", "set_metadata"):
                assert getattr(payload, can) is not getattr(BasePayload, can), (name, can)


class TestWhatStopsTheStart:
    @pytest.mark.parametrize("name", ["brevo", "resend", "amazon_ses", "Postmark", "../postmark"])
    def test_a_provider_that_cannot_be_told_to_watch_nobody(self, written, name):
        with pytest.raises(BadInput, match="mailgun, mailjet, postmark"):
            read(written(name))

    @pytest.mark.parametrize(
        "wrong", ["postmark", "name=postmark", "name=postmark,key_file=", "name=postmark,key=x", "x"]
    )
    def test_what_is_misspelt(self, wrong):
        with pytest.raises(BadInput, match="is written as"):
            read(wrong)

    def test_a_relay_beside_it(self, written):
        with pytest.raises(BadInput, match="keep one"):
            read(written(), has_relay=True)

    def test_a_signature_of_ours_beside_it(self, written):
        with pytest.raises(BadInput, match="AVOW_DKIM"):
            read(written(), signs=True)

    @pytest.mark.parametrize("url", ["http://api.example.com", "ftp://x", "https://", "api.example.com"])
    def test_an_address_without_tls(self, written, url):
        with pytest.raises(BadInput, match="https://"):
            read(written(url=url))

    @pytest.mark.parametrize("key", ["", "two words", "a\nb", "schlüssel"])
    def test_a_key_that_is_none(self, written, key):
        with pytest.raises(BadInput, match="key_file"):
            read(written(key=key))

    @pytest.mark.parametrize(
        "pair", ["", "reports", "reports:short", ":0123456789abcdefghij", "a b:0123456789abcdefghij"]
    )
    def test_a_password_of_the_webhook_that_is_guessed(self, written, pair):
        with pytest.raises(BadInput, match="webhook_file"):
            read(written(webhook=pair))

    @pytest.mark.parametrize(
        ("name", "more"),
        [("mailgun", {"webhook": PAIR}), ("postmark", {"webhook": PAIR, "signing": SIGNING})],
    )
    def test_half_of_what_reports_need(self, written, name, more):
        with pytest.raises(BadInput, match="signing_file"):
            read(written(name, **more))

    def test_a_key_of_one_part_where_there_are_two(self, written):
        with pytest.raises(BadInput, match="key:secret"):
            read(written("mailjet"))

    def test_a_file_that_is_not_there(self, written):
        with pytest.raises(BadInput, match="key_file"):
            read("name=postmark,key_file=/nowhere")

    def test_no_sentence_holds_what_a_file_holds(self, written):
        """It bites: a refusal that quotes shows the key to whoever reads the log."""
        for wrong in ({"key": "c0ffee key"}, {"webhook": "reports:c0ffee"}, {"name": "mailjet", "key": "c0ffee"}):
            with pytest.raises(BadInput) as refusal:
                read(written(**wrong))
            assert "c0ffee" not in str(refusal.value)
        assert "c0ffee" not in repr(read(written(webhook="reports:c0ffee" + "x" * 20)))


class TestWithoutThePackage:
    """In a process of its own, for which there is no anymail."""

    def start(self, tmp_path, setting=""):
        code = (
            "import sys, importlib.util\n"
            "find = importlib.util.find_spec\n"
            "importlib.util.find_spec = lambda name, package=None: None if name == 'anymail' else find(name, package)\n"
            "sys.modules['anymail'] = None\n"
            "import django\n"
            "from avow.errors import AvowError\n"
            "try:\n"
            "    django.setup()\n"
            "    from avow.web import urls\n"
            "    from avow.communications import runs, road\n"
            "    print('stands', road.is_set())\n"
            "except AvowError as refused:\n"
            "    print(refused)\n"
        )
        environment = {**os.environ, "AVOW_HOME": str(tmp_path / "home"), "AVOW_MAIL_PROVIDER": setting}
        return subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
        )

    def test_everything_is_as_before(self, tmp_path):
        done = self.start(tmp_path)
        assert done.stdout.strip() == "stands False", done.stderr

    def test_the_setting_stops_the_start_and_says_what_installs_it(self, tmp_path, written):
        done = self.start(tmp_path, written())
        assert 'pip install "avow[providers]"' in done.stdout and KEY not in done.stdout + done.stderr


class TestTheDoctor:
    @pytest.fixture
    def home(self, tmp_path, monkeypatch):
        for name in ("AVOW_MAIL_RELAY", "AVOW_MAIL_PROVIDER", "AVOW_DKIM", "AVOW_BOUNCE_ADDRESS"):
            monkeypatch.delenv(name, raising=False)
        return Home(tmp_path / "home")

    def test_it_says_which_and_whether_it_ever_spoke(self, home, written, monkeypatch):
        monkeypatch.setenv("AVOW_MAIL_PROVIDER", written())
        assert mail.mail(home).state is State.WEAK and "Nobody tells us" in mail.mail(home).says
        monkeypatch.setenv("AVOW_MAIL_PROVIDER", written(webhook=PAIR))
        silent = mail.mail(home)
        assert silent.state is State.WEAK and "never spoken" in silent.says and "/mail/provider" in silent.remedy
        path = last_heard(home.root)
        path.parent.mkdir(parents=True)
        path.touch()
        os.utime(path, times=(datetime(2026, 11, 5, tzinfo=UTC).timestamp(),) * 2)
        spoke = mail.mail(home)
        assert spoke.state is State.OK and "postmark" in spoke.says and "2026-11-05" in spoke.says
        assert not any(secret in repr([silent, spoke]) for secret in (KEY, PAIR.partition(":")[2]))

    def test_it_says_what_keeps_it_from_starting(self, home, written, monkeypatch):
        monkeypatch.setenv("AVOW_MAIL_PROVIDER", written())
        monkeypatch.setenv("AVOW_MAIL_RELAY", "relay.example.com:25")
        assert mail.mail(home).state is State.WRONG and "keep one" in mail.mail(home).says
