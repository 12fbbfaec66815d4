"""
The measures that "reasonable security" stands for are in force: sealed at rest, walls between roles, a log that cannot be rewritten.

docs/explanation/security-measures.md is the named list; each measure on it has its line here or in the test it names.
"""

import re
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from avow.policy.promises import Promise

pytestmark = [pytest.mark.proves(Promise.SECURITY_MEASURES)]
ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "docs" / "explanation" / "security-measures.md"


def connect(role, database):
    base = settings.DATABASES["default"]
    password = settings.CONNECTIONS["passwords"][role]
    return psycopg.connect(
        host=base["HOST"], port=base["PORT"] or None, user=role, password=password, dbname=database, autocommit=True
    )


def test_nothing_that_a_person_gave_rests_in_clear(ada, superuser, every_byte):
    """It bites: a name written in clear into any column is found by the same search."""
    given = ["ada@example.com", "Ada Lovelace", "+442079460958"]
    assert not [value for value in given if value in every_byte()]
    with superuser() as dba:
        dba.execute("COMMENT ON TABLE people_account IS 'the search reads rows, not comments'")
        dba.execute("CREATE TABLE leak AS SELECT 'Ada Lovelace'::text AS name")
        try:
            assert "Ada Lovelace" in every_byte()
        finally:
            dba.execute("DROP TABLE leak")


@pytest.mark.parametrize("role", ["avow_app", "avow_log"])
@pytest.mark.parametrize(
    "act",
    [
        "UPDATE evidence_leaf SET entry = 'forged'",
        "DELETE FROM evidence_leaf",
        "TRUNCATE evidence_leaf",
        "UPDATE evidence_checkpoint SET note = 'forged'",
        "DELETE FROM evidence_checkpoint",
        "ALTER TABLE evidence_leaf DISABLE TRIGGER ALL",
    ],
)
def test_no_role_of_the_service_can_rewrite_the_log(ada, recorded, role, act):
    with connect(role, "avow") as thief:
        assert thief.execute("SELECT count(*) FROM evidence_leaf").fetchone()[0] > 0  # there is something to rewrite
        with pytest.raises(psycopg.errors.Error, match=r"permission denied|must be owner|never"):
            thief.execute(act)


def test_the_applications_role_cannot_reach_a_key(ada):
    with connect("avow_keyd", "avow_keys") as keeper:
        assert keeper.execute("SELECT count(*) FROM vault_keys_bucket").fetchone()[0] > 0
    for role in ("avow_app", "avow_log"):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            connect(role, "avow_keys")


def test_the_keyring_and_the_connections_are_readable_by_their_owner_alone(policy, ada):
    home = settings.HOME
    files = [*home.keys.rglob("*"), home.connections]
    assert len(files) > 3
    loose = [path.name for path in files if path.stat().st_mode & 0o077]
    assert not loose


def test_every_measure_on_the_list_is_shown_by_a_test_that_exists():
    rows = re.findall(r"^\| \*\*(.+?)\*\* \|.*\| `(.+?)` \|$", LIST.read_text(), re.MULTILINE)
    assert len(rows) >= 8
    missing = [(measure, test) for measure, test in rows if not (ROOT / test).exists()]
    assert not missing


@pytest.fixture
def recorded(ada):
    """The acts so far, in the log."""
    from datetime import UTC, datetime

    from avow.evidence import sequencing
    from avow.evidence.notes import log_key

    sequencing.sequence(key=log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN), now=datetime.now(UTC))
