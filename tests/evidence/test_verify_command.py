"""`avow verify` asks the same file, with the key from outside or, said plainly, from this home."""

import pytest
from click.testing import CliRunner

from avow.errors import BadInput, VerificationFailed
from avow.evidence import statements, tiles
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.evidence.outbox import record
from avow.host.commands.verify import ELSEWHERE, command
from avow.policy.promises import Promise

from .conftest import NOON


@pytest.fixture
def certificate(log, tmp_path):
    destroyed = record(Entry(act=Act.KEY_DESTROYED, at=NOON, subject=bytes(32)))
    log.sequence()
    entry_id = statements.issue(
        "erasure-certificate",
        {"limits": ["Backups."], "erased": statements.embedded(destroyed)},
        act=Act.CERTIFICATE_ISSUED,
        promise=Promise.ACCESS_AND_ERASE,
        now=NOON,
    )
    log.sequence()
    file = tmp_path / "certificate.txt"
    file.write_bytes(statements.render(entry_id))
    return file


def verify(*arguments, **environment):
    return CliRunner(env={"AVOW_LOG_KEY": None, **environment}).invoke(
        command, [*map(str, arguments)], standalone_mode=False
    )


def test_the_key_comes_from_the_command_line_the_environment_or_this_home(certificate, key, tmp_path):
    from avow.evidence.notes import publish

    publish(key, tmp_path / "log.vkey")
    for asked in (
        verify(certificate, "--log-key", key.vkey),
        verify(certificate, "--log-key", tmp_path / "log.vkey"),
        verify(certificate, AVOW_LOG_KEY=key.vkey),
    ):
        assert asked.return_value == 0 and "Verified" in asked.output and ELSEWHERE not in asked.output
    own = verify(certificate, AVOW_HOME=str(tmp_path))
    assert own.return_value == 0 and ELSEWHERE in own.output
    with pytest.raises(BadInput, match="--log-key"):
        raise verify(certificate, AVOW_HOME=str(tmp_path / "empty")).exception


def test_refused_and_cannot_be_asked_are_told_apart(certificate, key, tmp_path):
    certificate.write_bytes(certificate.read_bytes().replace(b"Backups", b"backups"))
    refused = verify(certificate, "--log-key", key.vkey).exception
    assert isinstance(refused, VerificationFailed) and refused.exit_status == 1
    for arguments in ([tmp_path / "absent"], [tmp_path], [], [certificate]):
        asked = verify(*arguments, "--log-key", "nonsense" if arguments == [certificate] else key.vkey).exception
        assert isinstance(asked, BadInput) and asked.exit_status == 2


def test_a_whole_log(log, key, tmp_path):
    log.write(3)
    log.sequence()
    tiles.write(tmp_path / "log")
    assert "entries   3, each one read" in verify("--audit", tmp_path / "log", "--log-key", key.vkey).output
