"""The vault's live checks: each holds, fails when its mechanism is broken, and holds again."""

import shutil
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import override_settings

from avow.evidence import versions
from avow.keyring.file import write_durably
from avow.policy.shipped import roots
from avow.vault import catalogue, checks, erasure, fields, gate, opening_cases, persons, sealing, staff_openings
from avow.vault.enrolment import enrol
from avow.vault.forms import Form
from avow.vault.keys import destroying, rolling
from avow.vault.models import Person, SealedField
from avow.vault.visibility import visible


@pytest.fixture
def optimibi(db, now):
    folder = roots()[0] / "optimibi"
    text = next(folder.glob("[0-9]*.md"))
    return versions.freeze(text.read_bytes(), (folder / "clauses.toml").read_bytes(), now=now, published_by="a test")


def test_a_gate_that_permits_everything_is_seen(house, shown_to_fail, monkeypatch):
    with shown_to_fail("undeclared-purpose-is-refused", how="the gate permits every purpose") as trial:
        trial.holds()
        with monkeypatch.context() as m:
            m.setattr(gate.Rules, "permit", lambda *_, **__: True)
            assert "the policy does not name" in trial.fails()
        with monkeypatch.context() as m:
            m.setattr(gate.Rules, "permit", lambda *_, **__: False)
            trial.fails()  # and one that refuses everything
        trial.holds()


def test_the_gate_can_be_tried_under_the_policy_that_ships(optimibi, now):
    assert checks.undeclared_purpose_is_refused(now) is None


def test_its_canary_is_enrolled_once_and_is_nobody(house, now):
    for _ in range(3):
        assert checks.undeclared_purpose_is_refused(now) is None
    canary = Person.objects.get()
    assert (canary.person, canary.kind) == (checks.CANARY, "subject")
    with visible(checks.CANARY):
        assert SealedField.objects.count() == 1


def test_a_desk_that_asks_for_no_case_or_shows_all_is_seen(house, shown_to_fail, monkeypatch):
    with shown_to_fail(
        "staff-openings-have-a-case", how="staff are asked for no case, masks are left out, a case never ends"
    ) as trial:
        trial.holds()
        with monkeypatch.context() as m:
            m.setattr(staff_openings, "ask", lambda *_, **__: None)
            assert "had no case" in trial.fails()
        with monkeypatch.context() as m:
            m.setattr(staff_openings, "form_of", lambda *_: Form.WHOLE)
            assert "masked" in trial.fails()
        with monkeypatch.context() as m:
            m.setattr(opening_cases, "end", lambda *_, **__: None)
            assert "had ended" in trial.fails()
        trial.holds()


def test_an_erasure_that_leaves_the_key_is_seen(house, shown_to_fail, monkeypatch):
    with shown_to_fail("an-erased-person-stays-closed", how="the puncture is left out") as trial:
        trial.holds()
        with monkeypatch.context() as m:
            m.setattr(erasure.tree, "puncture", lambda cover, _: cover)
            assert "left in the tree" in trial.fails()
        with monkeypatch.context() as m:
            m.setattr(erasure, "erase", lambda *_, **__: None)
            assert "still opens" in trial.fails()
        trial.holds()


def test_keys_that_outlive_their_day_are_seen(person, shown_to_fail, monkeypatch, tmp_path, now):
    """Nobody rolls; the destroying is left out of the roll; a destroyed key comes back from a copy of its folder."""
    monkeypatch.setenv("AVOW_KEY_BACKUP_DAYS", "3")  # so that the days of the trial are days that were
    times = [now]
    folders = {"KEYRING_FOLDER": tmp_path / "keys", "KEY_BACKUPS_FOLDER": tmp_path / "key-backups"}
    shutil.copytree(settings.KEYRING_FOLDER, tmp_path / "keys")
    trial_now = lambda: times[0]  # noqa: E731 - the trial's clock
    with override_settings(**folders), shown_to_fail("keys-die-on-time", how="nobody rolls", now=trial_now) as trial:
        trial.holds()
        times[0] = now + timedelta(days=2)
        assert "no roll came" in trial.fails()
        rolling.roll(now=times[0])
        trial.holds()
        times[0] = now + timedelta(days=4)
        with monkeypatch.context() as m:
            m.setattr(destroying, "destroy_due", lambda **_: ([], []))
            rolling.roll(now=times[0])
            assert "should be destroyed since" in trial.fails()
        kept = (tmp_path / "keys" / "epoch-000001.key").read_bytes()
        assert rolling.roll(now=times[0]).destroyed == (1,)
        trial.holds()
        write_durably(tmp_path / "keys" / "epoch-000001.key", kept)
        assert "lies in the keyring again" in trial.fails()
        assert rolling.roll(now=times[0]).destroyed == (1,)
        trial.holds()


def test_a_field_in_clear_is_seen(person, shown_to_fail, monkeypatch, now):
    sealing.put(person, "nickname", "Ada Lovelace", source="a test", now=now)
    with shown_to_fail("stored-fields-are-sealed", how="fields are stored in clear") as trial:
        trial.holds()
        with monkeypatch.context() as m:
            m.setattr(fields, "seal", lambda _key, _row, plain, **__: plain)
            clear = enrol(now=now)
            sealing.put(clear, "nickname", "Ada Lovelace", source="a test", now=now)
            trial.fails()
            erasure.erase(clear, request=uuid4(), asked_by=checks.SERVICE, now=now)
        with monkeypatch.context() as m:
            m.setattr(fields, "unseal", lambda _key, row: bytes(row.ciphertext)[:12])
            assert "shows its value" in trial.fails()
        with monkeypatch.context() as m:
            m.setattr(persons, "key_from", lambda *_: bytes(32))
            assert "does not open" in trial.fails()
        trial.holds()


def test_a_column_that_nobody_declared_is_seen(house, shown_to_fail, monkeypatch, superuser):
    with shown_to_fail(
        "every-column-is-declared", how="a column is added, and a table is taken from the catalogue"
    ) as trial:
        trial.holds()
        with superuser("avow_keys") as admin:
            admin.execute("ALTER TABLE vault_keys_personslot ADD COLUMN shoe_size int")
        assert "vault_keys_personslot.shoe_size" in trial.fails()
        with superuser("avow_keys") as admin:
            admin.execute("ALTER TABLE vault_keys_personslot DROP COLUMN shoe_size")
        with monkeypatch.context() as m:
            m.delitem(catalogue.TABLES, (catalogue.Database.AVOW, "vault_person"))
            assert "vault_person" in trial.fails()
        trial.holds()


def test_every_model_says_what_erasure_means_for_it():
    """Each row of ours says in its docstring what becomes of it, and the catalogue says the same."""
    from django.apps import apps

    for label in ("vault", "vault_keys"):
        for model in apps.get_app_config(label).get_models():
            said = model.__doc__.split("erasure = ")[1].split(":")[0].lower().replace("_", "-")
            database = catalogue.Database.KEYS if label == "vault_keys" else catalogue.Database.AVOW
            assert catalogue.TABLES[database, model._meta.db_table].erasure == said, model


def test_what_is_declared_exists(db):
    """The other way round: the vault declares no table or column that is not there."""
    there = {(d, *column) for d in catalogue.Database for column in checks._columns(checks.ALIASES[d])}
    ours = {
        (t.database, t.name, c.name)
        for t in catalogue.tables()
        if t.name.startswith(("vault_", "evidence_"))
        for c in t.columns
    }
    assert ours <= there
