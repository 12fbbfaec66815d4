"""§0.1 the published text and its date never change afterwards; §2 each version follows the one before."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from avow.evidence import statements, tiles, verifier, versions
from avow.evidence.acts import Act
from avow.evidence.entries import decode
from avow.evidence.models import Leaf, PolicyVersion
from avow.evidence.notes import SigningKey
from avow.evidence.sequencing import sequence
from avow.policy.promises import Promise
from avow.policy.shipped import roots

pytestmark = [pytest.mark.proves(Promise.VERSIONS_FROZEN)]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def shipped(db):
    """The policy that Avow ships, as `avow up` publishes it."""
    folder = next(root for root in roots() if (root / "optimibi").exists()) / "optimibi"
    return (folder / "2024-05-05.md").read_bytes(), (folder / "clauses.toml").read_bytes()


def publish(raw, table, now=NOW):
    return versions.freeze(raw, table, now=now, published_by="avow up")


def test_a_start_with_the_same_text_publishes_nothing_new(shipped):
    first = publish(*shipped)
    for day in range(1, 4):
        assert publish(*shipped, now=NOW + timedelta(days=day)) == first
    assert PolicyVersion.objects.count() == 1
    assert first.effective_date.isoformat() == "2024-05-05"


def test_one_changed_letter_is_another_version_and_leaves_the_first_as_it_was(shipped):
    raw, table = shipped
    first = publish(raw, table)
    second = publish(raw.replace(b"We ", b"They ", 1), table)
    assert second.sha256 != first.sha256 and second.parent == first.sha256
    assert versions.read(first.sha256).raw == raw
    assert versions.read(first.sha256).published_at == NOW


@pytest.mark.parametrize("change", ["raw = ''", "effective_date = '2030-01-01'", "published_at = now()"])
def test_the_service_cannot_change_a_published_text(shipped, superuser, change):
    """The role has no right to; the trigger refuses it even to the owner of the machine until he switches it off."""
    publish(*shipped)
    statement = f"UPDATE evidence_policyversion SET {change}"
    with pytest.raises(Exception, match="permission denied"):
        connection.cursor().execute(statement)
    with superuser() as admin, pytest.raises(Exception, match="written once"):
        admin.execute(statement)


def test_the_hash_of_the_text_stands_in_the_log_for_anyone_to_compare(shipped, tmp_path):
    """Who kept the text and the log's key can tell years later that this very text was published."""
    raw, table = shipped
    version, key = publish(raw, table), SigningKey("log.example", bytes(32))
    sequence(key=key, now=NOW)
    tiles.write(tmp_path)
    read = verifier.source(str(tmp_path), None)
    assert verifier.audit(read, key.vkey)["size"] == Leaf.objects.count()
    frozen = [
        entry
        for raw_entry in verifier.entries_of(read, Leaf.objects.count())
        if (entry := decode(raw_entry)).act is Act.POLICY_FROZEN
    ]
    assert [entry.policy for entry in frozen] == [version.sha256]
    proof = statements.embedded(PolicyVersion.objects.get().entry_id)
    assert (
        verifier.verify(proof["proof"].encode(), key.vkey, proof["entry"].encode())["entry"]["policy"] == version.sha256
    )
