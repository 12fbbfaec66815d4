"""
Our signature, judged by dkimpy (Debian's python3-dkim, in a process of its own): whole mails of each shape verify, and nothing
that a person or a mailbox relies on can be changed under it.

Tried by hand, each seen to fail: a signature without List-Unsubscribe-Post; one over the folded header.
"""

import json
import subprocess
from datetime import UTC, datetime
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings

from avow.communications import mime
from avow.communications.dkim import Signer
from avow.communications.envelope import Mail
from avow.errors import BadInput
from avow.host import mail_settings
from tests.communications.test_mime import LINES, STOP, WORDS

JUDGE = """
import base64, dkim, json, sys
for line in sys.stdin:
    asked = json.loads(line)
    name, record = asked["dns"]
    dns = lambda asked_for, timeout=5: record.encode() if asked_for.rstrip(b".") == name.encode() else None
    judge = dkim.DKIM(base64.b64decode(asked["raw"]))
    try:
        good = judge.verify(dnsfunc=dns)
    except Exception as failed:
        good = False
    signed = [one.decode().lower() for one in getattr(judge, "include_headers", []) or []]
    print(json.dumps([good, signed]), flush=True)
"""


@pytest.fixture(scope="module")
def pem():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="module")
def signer(pem):
    return Signer.read("optimibi.com", "avow", pem)


@pytest.fixture(scope="module")
def judged(signer):
    """Ask dkimpy about a mail."""
    import base64

    python = "/usr/bin/python3"
    if subprocess.run([python, "-c", "import dkim"], check=False, capture_output=True).returncode:
        pytest.skip("Debian's python3-dkim is absent")
    child = subprocess.Popen([python, "-c", JUDGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(raw):
        asked = {"raw": base64.b64encode(raw).decode(), "dns": signer.public()}
        child.stdin.write(json.dumps(asked) + "\n")
        child.stdin.flush()
        return json.loads(child.stdout.readline())[0]

    yield ask
    child.stdin.close()
    child.wait()


@pytest.fixture
def written(signer, monkeypatch):
    from django.conf import settings as django

    monkeypatch.setattr(django, "DKIM", signer)

    def write(subject="What is new", text="Something new.\n", *, optional=True, to="ada@example.com"):
        mail = Mail(to, subject, text, *(STOP if optional else ()))
        now = datetime(2026, 11, 30, tzinfo=UTC)
        return mime.write(mail, number=UUID(int=7), sender="info@optimibi.com", now=now)

    return write


@pytest.mark.parametrize("optional", [True, False])
@pytest.mark.parametrize("text", ["plain\n", "Grüße\n", ". dots\n..\n", "x" * 500, "", "trailing \n\n\n", "\t tab"])
@pytest.mark.parametrize("subject", ["plain", "Grüße an Sie", "a  b   c", "x " * 60, ""])
def test_every_shape_verifies(written, judged, subject, text, optional):
    raw = written(subject, text, optional=optional)
    assert judged(raw) is True
    head = raw.partition(b"\r\n\r\n")[0].lower()
    names = head.partition(b" h=")[2].partition(b";")[0].split(b":")
    assert (b"list-unsubscribe" in names and b"list-unsubscribe-post" in names) == optional
    assert names.count(b"from") == 2  # dkimpy refuses a second From by itself; others look at this


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WORDS, LINES)
def test_whatever_it_says_it_verifies(written, judged, subject, text):
    assert judged(written(" ".join(subject.split()), text)) is True


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click", b"List-Unsubscribe-Post: no"),
        (b"List-Unsubscribe: <https", b"List-Unsubscribe: <http"),
        (b"Subject: What is new", b"Subject: What is old"),
        (b"Something new", b"Something old"),
        (b"To: ada@", b"To: eve@"),
        (b"\r\nFrom: ", b"\r\nFrom: eve@example.com\r\nFrom: "),
    ],
)
def test_nothing_that_matters_can_be_changed_under_it(written, judged, a, b):
    raw = written()
    assert a in raw
    assert judged(raw.replace(a, b, 1)) is False


def test_a_mail_through_a_real_server_arrives_as_it_was_signed(written, judged, reader, relay, signer):
    from avow.communications import delivering, runs
    from avow.communications.classes import Message, MessageClass
    from avow.communications.sending import send
    from avow.people.ports import Notice
    from tests.communications.topics import message, now

    person = reader()
    send(person, message(), now=now())
    runs.carry_all(clock=now)
    receipt = send(person, Message(MessageClass.SECURITY, Notice.PASSWORD_CHANGED), now=now())
    delivering.deliver(receipt, now=now())
    assert [judged(raw) for raw in relay.taken] == [True, True]


class TestTheKey:
    def test_it_is_read_from_its_file(self, pem, tmp_path):
        path = tmp_path / "dkim.pem"
        path.write_bytes(pem)
        found = mail_settings.signer(f"domain=optimibi.com,selector=avow,key_file={path}")
        assert found.public()[0] == "avow._domainkey.optimibi.com"
        assert mail_settings.signer("") is None

    def test_one_that_mail_servers_do_not_take_stops_the_start(self):
        weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - to be refused
        other = ec.generate_private_key(ec.SECP256R1())
        for raw in (
            *(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) for key in (weak, other)),
            b"x",
        ):
            with pytest.raises(BadInput, match="openssl genrsa"):
                Signer.read("a.example", "s", raw)

    @pytest.mark.parametrize(
        "written", ["domain=a", "domain=a,selector=b,key_file=/nowhere", "x", "domain=,selector=b,key_file=c"]
    )
    def test_a_setting_that_cannot_be_obeyed_stops_the_start(self, written):
        with pytest.raises(BadInput, match="AVOW_DKIM"):
            mail_settings.signer(written)
