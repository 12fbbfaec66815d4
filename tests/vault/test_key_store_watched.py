"""The live check that holds the key store against the log: it fails while a destroyed key can be had, and holds again."""

import shutil
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import override_settings

from avow.evidence.models import Outbox
from avow.keyring.file import write_durably
from avow.policy.promises import Promise
from avow.vault import erasure, restoring
from avow.vault.actor import SERVICE
from avow.vault.enrolment import enrol
from avow.vault.keys import rolling
from tests.vault.ages import Copy

pytestmark = pytest.mark.proves(Promise.DE_IDENTIFY)


def test_a_destroyed_key_that_can_be_had_is_seen(person, shown_to_fail, tmp_path, now):
    """An old key database comes back under the service; a destroyed epoch's file does; an erasure leaves the log."""
    enrol(now=now)
    folders = {"KEYRING_FOLDER": tmp_path / "keys", "KEY_BACKUPS_FOLDER": tmp_path / "key-backups"}
    shutil.copytree(settings.KEYRING_FOLDER, tmp_path / "keys")
    how = "an old key database is put back; a destroyed key file is there; an erasure is missing in the log"
    with (
        override_settings(**folders),
        shown_to_fail("key-store-matches-the-log", how=how, now=lambda: now) as trial,
    ):
        trial.holds()
        before = Copy("avow_keys")
        erasure.erase(person, request=uuid4(), asked_by=SERVICE, now=now)
        trial.holds()
        before.put_back()
        assert "1 destroyed keys can be derived again" in trial.fails()
        restoring.restore(now=now, say=lambda _: None)
        trial.holds()
        kept = (tmp_path / "keys" / "epoch-000001.key").read_bytes()
        rolling.roll(now=now + timedelta(hours=1), at_once=True)
        write_durably(tmp_path / "keys" / "epoch-000001.key", kept)
        assert "lies in the keyring again" in trial.fails()
        rolling.roll(now=now + timedelta(hours=1))
        trial.holds()
        another = enrol(now=now)
        erasure.erase(another, request=uuid4(), asked_by=SERVICE, now=now)
        waits = list(Outbox.objects.using("avow_keys").all())
        Outbox.objects.using("avow_keys").all().delete()
        assert "of which the log says nothing" in trial.fails()
        Outbox.objects.using("avow_keys").bulk_create(waits)
        trial.holds()
