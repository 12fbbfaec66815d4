"""Walks through an account as a person takes them: fixtures for this room and for the promises it keeps."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

PASSWORD = "four boats on a quiet river"
BROWSER = "Mozilla/5.0 (X11; Linux) MarkerBrowser/203"
IP = "203.0.113.7"


@pytest.fixture
def policy(db):
    """Optimibi's policy, published."""
    from avow.evidence import versions

    folder = Path(__file__).resolve().parents[2] / "policies" / "optimibi"
    raw, clauses = (folder / "2024-05-05.md").read_bytes(), (folder / "clauses.toml").read_bytes()
    return versions.freeze(raw, clauses, now=datetime.now(UTC), published_by="the tests")


@pytest.fixture
def box(policy, monkeypatch):
    """The demo's mailbox, open."""
    from django.conf import settings

    from avow.communications import demo_box

    monkeypatch.setattr(settings, "DEMO", True)
    return lambda to=None: [mail for mail in demo_box.read(datetime.now(UTC)) if to in {None, mail.to}]


@dataclass
class Person:
    """One person with a browser."""

    client: object
    box: object
    address: str
    extra: dict = field(default_factory=lambda: {"HTTP_USER_AGENT": BROWSER, "REMOTE_ADDR": IP})

    def get(self, url):
        return self.client.get(url, **self.extra)

    def post(self, url, **form):
        return self.client.post(url, form, **self.extra)

    def sign_up(self, password=PASSWORD, **optional):
        return self.post("/accounts/signup/", email=self.address, password1=password, **optional)

    def newest_code(self, to=None):
        return re.search(r"^    (\S+)$", self.box(to or self.address)[0].text, re.MULTILINE)[1]

    def enter(self, code, url="/accounts/confirm-email/"):
        return self.post(url, code=code)

    def sign_in(self, address=None, password=PASSWORD):
        return self.post("/accounts/login/", login=address or self.address, password=password)

    def sign_out(self):
        return self.post("/accounts/logout/")

    @property
    def person(self):
        from avow.people import queries

        return queries.person_at(self.address)

    @property
    def is_signed_in(self):
        from django.contrib.auth import SESSION_KEY

        return SESSION_KEY in self.client.session

    def join(self, **optional):
        self.sign_up(**optional)
        self.enter(self.newest_code())
        assert self.is_signed_in
        return self


@pytest.fixture
def somebody(box, monkeypatch):
    """Make people, each with a browser of their own."""
    from django.core.cache import cache
    from django.test import Client

    from avow.people import evenness

    monkeypatch.setattr(evenness, "LEAST", 0.0)  # a test is about something else than waiting
    cache.clear()
    return lambda address="ada@example.com": Person(Client(SERVER_NAME="127.0.0.1"), box, address)


@pytest.fixture
def ada(somebody):
    """A person who signed up and is signed in."""
    return somebody().join(name="Ada Lovelace", phone="+44 20 7946 0958")


def asked(page):
    """The names of what a page's form asks for, in its order: what a person sees, not what a template was given."""
    names = re.findall(r"<(?:input|select|textarea)\b[^>]*?\bname=\"([^\"]+)\"", page.content.decode())
    return [name for name in names if name not in {"csrfmiddlewaretoken", "next"}]


@pytest.fixture
def every_byte(superuser):
    """Everything that both databases hold, as a thief of the machine would copy it: text, bytes and all."""

    def read():
        dump = []
        for name in ("avow", "avow_keys"):
            with superuser(name) as thief:
                tables = thief.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
                for (table,) in tables:
                    with thief.cursor().copy(f'COPY "{table}" TO STDOUT') as rows:
                        dump.extend(b"".join(rows).decode("utf-8", "replace").splitlines())
        return "\n".join(dump + [_as_text(line) for line in dump])

    return read


def _as_text(line):
    """The bytes columns of a row, decoded: COPY writes them as hex."""
    return " ".join(
        bytes.fromhex(part[3:]).decode("latin-1")
        for part in line.split("\t")
        if re.fullmatch(r"\\\\x([0-9a-f]{2})*", part)
    )
