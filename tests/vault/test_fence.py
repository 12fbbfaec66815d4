"""
A backup that is put back undoes no erasure: the fence sees it before anything is served, and `restore` mends it.

It bites: each was tried. Without the look at covers (`reopened`) today's data with old keys is served; without `unlogged`
old data with today's keys is; without `seen.json` two old copies are; a `restore` that leaves out `puncture_again`,
`_heal`, `_forget_again` or the index each fails the scenario that needs it; a `_write_down_epochs` that is left out makes
the next roll take up a key that sealed covers of the lost database.
"""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import override_settings

from avow.errors import BadInput, Erased, KeyringLost, NotFound, OutOfStep
from avow.evidence import finding, notes, sequencing
from avow.evidence.acts import Act
from avow.evidence.checks import the_log_adds_up
from avow.evidence.entries import decode
from avow.evidence.models import Checkpoint, Leaf
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import addresses, erasure, fence, fitting, persons, restoring, sealing
from avow.vault.actor import SERVICE
from avow.vault.enrolment import enrol
from avow.vault.keys import backups, epochs, rolling, seen
from avow.vault.keys.models import Bucket, Epoch, EpochState, PersonSlot, Puncture
from avow.vault.models import Destroyed, Person
from tests.vault import holding
from tests.vault.ages import Copy

pytestmark = pytest.mark.proves(Promise.DE_IDENTIFY)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)


def silent(_):
    pass


def take_up(now=LATER):
    from django.conf import settings

    while sequencing.sequence(key=notes.log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN), now=now):
        pass


def join(name, now=NOW):
    person = enrol(now=now)
    sealed = sealing.seal_blob(person, "a test", name.encode(), now=now)
    token = addresses.token_for("email", f"{name}@example.com", person, now)
    return SimpleNamespace(person=person, name=name, sealed=sealed, token=token)


def opens(one):
    try:
        return (
            sealing.open_blob(one.person, "a test", one.sealed, purpose=Purpose.RIGHTS, now=LATER) == one.name.encode()
        )
    except (Erased, NotFound):
        return False


def erase(one, now=LATER):
    request = uuid4()
    return erasure.erase(one.person, request=request, asked_by=SERVICE, now=now)


@pytest.fixture
def story(apart):
    """Five people, a copy of both databases; then two join, two are erased, and the log takes it up."""
    old = [join(f"old{n}") for n in range(5)]
    rolling.roll(now=NOW)
    take_up(NOW)
    seen.renew(now=NOW)
    copies = SimpleNamespace(data=Copy("avow"), keys=Copy("avow_keys"))
    new = [join(f"new{n}", LATER) for n in range(2)]
    gone = [erase(one) for one in old[:2]]
    take_up()
    seen.renew(now=LATER)
    fence.require(now=LATER)  # today's parts fit
    return SimpleNamespace(old=old, new=new, gone=gone, copies=copies)


def mended(cases, **say):
    """The fence stops; restore mends it; then nothing is found, and the next roll goes well."""
    found = fitting.compare(now=LATER)
    assert {finding.case for finding in found} == cases
    with pytest.raises(OutOfStep, match="avow restore"):
        fence.require(now=LATER)
    assert restoring.plan(found)
    restoring.restore(now=LATER, say=silent, **say)
    fence.require(now=LATER)
    assert the_log_adds_up(LATER) is None
    rolled = rolling.roll(now=LATER + timedelta(days=1))
    assert rolled.epoch
    assert rolled.waiting == ()
    fence.require(now=LATER + timedelta(days=1))


def named_as_before(story):
    """Each destroyed slot has the nonce and the entry that its certificate names."""
    rows = {row.entry_id: (row.slot, bytes(row.nonce)) for row in Puncture.objects.all()}
    return all(
        rows[gone.entry_id] == (int(gone.opening["slot"]), bytes.fromhex(gone.opening["nonce"])) for gone in story.gone
    )


def acts():
    return [decode(bytes(entry)) for entry in Leaf.objects.order_by("index").values_list("entry", flat=True)]


def test_todays_data_with_old_keys(story):
    story.copies.keys.put_back()
    assert all(persons.slots.leaf_of(one.person) for one in story.old[:2])  # the hole: the erased could be opened again
    mended({fitting.Case.OLDER_KEYS})
    assert [opens(one) for one in story.old] == [False, False, True, True, True]
    assert all(opens(one) for one in story.new)
    assert all(addresses.find("email", f"{one.name}@example.com") == one.token for one in story.new)
    assert {e.subject for e in acts() if e.act is Act.KEYS_RESTORED} >= {g.slot_commitment for g in story.gone}
    assert named_as_before(story)
    assert PersonSlot.objects.get(person=join("next", LATER).person).slot == max(
        Person.objects.exclude(slot=None).values_list("slot", flat=True)
    )


def test_old_data_with_todays_keys(story):
    story.copies.data.put_back()
    mended({fitting.Case.OLDER_DATA})
    assert [opens(one) for one in story.old] == [False, False, True, True, True]
    assert Person.objects.exclude(erased_at=None).count() == 2
    assert Destroyed.objects.count() == 2
    assert not Person.objects.filter(person__in=[one.person for one in story.new]).exists()  # lost with the data
    destroyed = {e.subject for e in acts() if e.act is Act.KEY_DESTROYED}
    assert destroyed == {g.slot_commitment for g in story.gone}
    assert set(Leaf.objects.values_list("entry_id", flat=True)) >= {g.entry_id for g in story.gone}


def test_both_old(story):
    story.copies.data.put_back()
    story.copies.keys.put_back()
    mended({fitting.Case.OLDER_KEYS, fitting.Case.OLDER_DATA})
    assert [opens(one) for one in story.old] == [False, False, True, True, True]
    assert Person.objects.exclude(erased_at=None).count() == 2
    assert {e.subject for e in acts() if e.act is Act.KEYS_RESTORED} >= {g.slot_commitment for g in story.gone}
    assert named_as_before(story)


@pytest.mark.proves(Promise.LEGAL_DISCLOSURE)
@pytest.mark.parametrize("keys_from", ["the same hour", "before the hold"])
def test_what_the_law_keeps_outlives_a_second_erasure_too(apart, publish, keys_from):
    """It bites: without `holds.keep` before the slot is punctured again, the hold keeps nothing of old data.

    Without the hold's own slot, which an older copy of the keys lacks, no restore would ever end.
    """
    publish(Purpose.ACCOUNT, Purpose.LEGAL, on=NOW - timedelta(days=50))
    held = holding.enrolled(NOW)
    older = Copy("avow_keys")
    hold = holding.hold_on(held, NOW)
    copies = Copy("avow"), Copy("avow_keys") if keys_from == "the same hour" else older
    holding.erase(held, LATER)
    take_up()
    seen.renew(now=LATER)
    for copy in copies:
        copy.put_back()
    restoring.restore(now=LATER, say=silent)
    fence.require(now=LATER)
    assert holding.opened(hold, LATER) == "the email"
    assert Person.objects.get(person=held).erased_at


@pytest.mark.proves(Promise.LEGAL_DISCLOSURE)
def test_a_hold_that_ended_since_older_data_stands_again_and_holds_up_no_erasure(apart, publish):
    """It bites: without `rekey` its key stays destroyed, and whoever it is about could not be erased before its day."""
    publish(Purpose.ACCOUNT, Purpose.LEGAL, on=NOW - timedelta(days=50))
    held = holding.enrolled(NOW)
    hold = holding.hold_on(held, NOW)
    older = Copy("avow")
    holding.release(hold, LATER)
    take_up()
    seen.renew(now=LATER)
    older.put_back()
    restoring.restore(now=LATER, say=silent)
    fence.require(now=LATER)
    holding.erase(held, LATER)
    assert holding.opened(hold, LATER) == "the email"
    holding.release(hold, LATER)


def test_both_old_and_nothing_outside_cannot_be_seen(story, apart):
    """Why seen.json, or a checkpoint elsewhere, must survive; with the checkpoint alone, the break is seen."""
    note = Checkpoint.objects.order_by("-size").first().note
    kept = apart.keys.parent / "checkpoint"
    kept.write_text(note)
    story.copies.data.put_back()
    story.copies.keys.put_back()
    for file in apart.backups.glob("seen*.json"):
        file.unlink()
    fence.require(now=LATER)
    with override_settings(LOG_SEEN=kept):
        assert [f.case for f in fitting.compare(now=LATER)] == [fitting.Case.OLDER_DATA]
        restoring.restore(now=LATER, say=silent)
        fence.require(now=LATER)  # what somebody accepted is in the log, and the same file says nothing new


def test_a_key_database_that_is_lost_comes_back_from_the_newest_backup(story, superuser):
    from avow.vault.keys import loading

    with superuser("avow_keys") as dba:
        for table in ("bucket", "personslot", "puncture", "addresstoken", "attestedact", "epoch"):
            dba.execute(f"DELETE FROM vault_keys_{table}")
        dba.execute("SELECT setval('vault_slot', 0, false)")
    with pytest.raises(OutOfStep, match="older than the data"):
        fence.require(now=LATER)
    path, header = loading.chosen(None)
    assert header.epoch == 1
    carried = loading.load(path)
    mended({fitting.Case.OLDER_KEYS}, carried=carried)
    assert [opens(one) for one in story.old] == [False, False, True, True, True]
    assert all(opens(one) for one in story.new)


def test_people_whose_cover_is_lost_are_told_which_backup_has_it(story, superuser):
    """It bites: a backup that is taken of the broken store first would be the newest, and lack them as well."""
    from avow.vault.keys import loading

    newest = backups.every()[0]
    with superuser("avow_keys") as dba:
        dba.execute("DELETE FROM vault_keys_personslot")
        dba.execute("DELETE FROM vault_keys_bucket WHERE bucket_id = 0")
    with pytest.raises(OutOfStep, match=f"5 people stay without a key.*avow restore keys {newest}"):
        restoring.restore(now=LATER, say=silent)
    assert loading.chosen(None)[0] == newest
    restoring.restore(now=LATER, say=silent, carried=loading.load(newest))
    fence.require(now=LATER)
    assert [opens(one) for one in [*story.old, *story.new]] == [False, False, *[True] * 5]


def test_people_whose_key_is_nowhere_can_be_let_go_of(story, superuser):
    """It bites: without the punctures of `_let_go` the keys that turn up later would open them again."""
    before = Copy("avow_keys")
    for path in backups.every():
        path.unlink()
    with superuser("avow_keys") as dba:
        dba.execute("DELETE FROM vault_keys_personslot")
        dba.execute("DELETE FROM vault_keys_bucket WHERE bucket_id = 0")
    with pytest.raises(OutOfStep, match=r"5 people stay without a key.*avow restore --without-keys"):
        restoring.restore(now=LATER, say=silent)
    said = []
    restoring.restore(now=LATER, say=said.append, without_keys=True)
    assert "5 people whose key is nowhere are let go of; nobody can open what they gave." in said
    fence.require(now=LATER)
    everybody = [*story.old, *story.new]
    assert not any(opens(one) for one in everybody)
    assert not Person.objects.filter(person__in=[one.person for one in everybody], erased_at=None).exists()
    again = join("old3", LATER)
    assert opens(again)
    assert [entry.act for entry in acts()].count(Act.KEY_DESTROYED) == 2 + 5

    took_up, seen_before = Copy("avow_keys"), Destroyed.objects.count()
    before.put_back()
    with pytest.raises(OutOfStep, match="5 destroyed keys can be derived again"):
        fence.require(now=LATER)
    took_up.put_back()
    assert Destroyed.objects.count() == seen_before
    fence.require(now=LATER)


def test_no_bucket_is_made_again_under_the_number_of_one_that_is_lost(story, superuser):
    """It bites: one that is made again has the leaf of a slot that was destroyed in the lost one."""
    from avow.vault.keys import loading

    older = backups.every()[0]
    with superuser("avow_keys") as dba:
        dba.execute("SELECT setval('vault_slot', 2600)")
    far, gone = join("far", LATER), join("gone", LATER)
    erase(gone)
    take_up()
    carried = loading.load(older)
    with pytest.raises(OutOfStep, match="1 people stay without a key"):
        restoring.restore(now=LATER, say=silent, carried=carried)
    restoring.restore(now=LATER, say=silent, without_keys=True)
    fence.require(now=LATER)
    assert [opens(one) for one in [*story.old, *story.new]] == [False, False, *[True] * 5]
    assert not opens(far)
    assert opens(join("later", LATER))
    assert not Bucket.objects.filter(bucket_id__in=range(5, 11)).exists()


def test_loading_an_older_backup_undoes_no_erasure_that_the_key_database_knows(story, apart):
    """It bites: without what `load` carries over, data that is old as well brings the erased back."""
    from avow.vault.keys import loading

    for file in apart.backups.glob("seen*.json"):
        file.unlink()
    Destroyed.objects.all().delete()
    carried = loading.load(loading.chosen(None)[0])
    assert {one.slot for one in carried} == {int(g.opening["slot"]) for g in story.gone}
    restoring.restore(now=LATER, say=silent, carried=carried)
    assert [opens(one) for one in story.old] == [False, False, True, True, True]


def test_a_backup_past_its_day_names_the_one_to_use(story):
    from avow.vault.keys import loading

    first = backups.every()[0]
    kept = first.read_bytes()
    rolling.roll(now=LATER, at_once=True)
    assert not first.exists()
    first.write_bytes(kept)
    with pytest.raises(KeyringLost, match=r"past its day.* use keys-000002"):
        loading.chosen(first)
    assert loading.chosen(None)[1].epoch == 2


def test_old_keys_whose_epoch_is_destroyed_open_nothing_and_say_so(story):
    rolling.roll(now=LATER, at_once=True)
    take_up()
    story.copies.keys.put_back()
    with pytest.raises(KeyringLost, match=r"past its day.*avow restore keys.*keys-000002"):
        fence.require(now=LATER)
    from avow.vault.keys import loading

    restoring.restore(now=LATER, say=silent, carried=loading.load(loading.chosen(None)[0]))
    fence.require(now=LATER)
    assert [opens(one) for one in [*story.old, *story.new]] == [False, False, *[True] * 5]


def test_a_destroyed_key_file_that_comes_back_is_destroyed_again_and_logged(story, apart):
    path = apart.keys / "epoch-000001.key"
    kept = path.read_bytes()
    rolling.roll(now=LATER, at_once=True)
    path.write_bytes(kept)
    path.chmod(0o600)
    fence.require(now=LATER)  # no cover needs it
    assert rolling.roll(now=LATER).destroyed == (1,)
    assert not path.exists()
    take_up()
    assert [e.evidence for e in acts() if e.act is Act.EPOCH_DESTROYED] == [epochs.named(1)] * 2


def test_old_keys_with_their_old_key_file_are_seen_by_the_log(story, apart):
    """It bites: without the look into the log, a copy of keys and keyring that were taken together is served."""
    path = apart.keys / "epoch-000001.key"
    kept = path.read_bytes()
    rolling.roll(now=LATER, at_once=True)
    take_up()
    story.copies.keys.put_back()
    path.write_bytes(kept)
    path.chmod(0o600)
    with pytest.raises(OutOfStep, match="calls epoch 1 destroyed"):
        fence.require(now=LATER)
    with pytest.raises(OutOfStep, match="avow restore keys"):
        restoring.restore(now=LATER, say=silent)


def test_a_keyring_that_is_lost_or_foreign_stops_with_its_remedy(story, apart):
    """It bites: without the installation beside the epochs the pepper is made anew in an empty folder."""
    lost = apart.keys.with_name("lost")
    apart.keys.rename(lost)
    known = apart.keys.with_name("keys.known")
    known.rename(known.with_suffix(".away"))
    with pytest.raises(KeyringLost, match=r"lost.*Put .* back"):
        fence.require(now=LATER)
    assert not apart.keys.exists()  # nothing was made in its place
    apart.keys.mkdir()
    (apart.keys / "pepper.secret").write_bytes(bytes(32))
    (apart.keys / "pepper.secret").chmod(0o600)
    with pytest.raises(KeyringLost, match="another installation"):
        fence.require(now=LATER)
    import shutil

    shutil.rmtree(apart.keys)
    known.unlink(missing_ok=True)
    lost.rename(apart.keys)
    fence.require(now=LATER)
    (apart.keys / "epoch-000001.key").unlink()
    with pytest.raises(KeyringLost, match="no key for epoch 1"):
        fence.require(now=LATER)


def test_a_damaged_open_or_foreign_epoch_key_stops(story, apart):
    path = apart.keys / "epoch-000001.key"
    kept = path.read_bytes()
    for content, mode in ((kept[:20], 0o600), (bytes(40), 0o600), (kept, 0o640)):
        path.write_bytes(content), path.chmod(mode)
        with pytest.raises(KeyringLost, match=r"epoch-000001\.key"):
            fence.require(now=LATER)
        assert path.read_bytes() == content


def test_a_clock_set_back_is_said_and_mended_only_by_a_person(story):
    """It bites: a fence that does not look at the clock lets an epoch begin in the future of all others."""
    back = NOW - timedelta(days=30)
    with pytest.raises(OutOfStep, match="Set the clock"):
        fence.require(now=back)
    fence.require(now=LATER - timedelta(minutes=10))  # a small step back is none
    assert [step.how_many for step in restoring.plan(fitting.compare(now=back))] == [1]
    restoring.restore(now=back, say=silent)
    fence.require(now=back)
    assert not Epoch.objects.filter(began_at__gt=back).exists()
    assert rolling.roll(now=back + timedelta(days=1)).epoch == 2  # and the epoch that was in the future has its day
    assert all(row.dies_at > row.began_at for row in Epoch.objects.all())


def test_nothing_is_found_in_an_empty_house_and_in_one_whose_erasure_was_killed(apart, monkeypatch):
    """A crash between the two databases is no restore: the erasure's own request finishes it."""
    fence.require(now=NOW)
    one = join("ada")
    with monkeypatch.context() as m:
        m.setattr(erasure, "_delete", lambda *_: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            erase(one)
    fence.require(now=LATER)
    take_up()
    fence.require(now=LATER)
    assert restoring.returned() == []


def test_restoring_again_changes_nothing_and_a_killed_one_goes_on(story, monkeypatch):
    """It bites: with the log told before the stores forgot, a run that is killed in between leaves them for ever."""
    story.copies.data.put_back()
    story.copies.keys.put_back()
    steps = [(restoring, name) for name in ("_write_down_epochs", "_heal", "_forget_again")]
    for room, name in [*steps, (erasure, "finish"), (restoring, "_log_again"), (restoring, "_tell_the_log")]:
        with monkeypatch.context() as m:
            m.setattr(room, name, lambda *_, **__: (_ for _ in ()).throw(RuntimeError("killed")))
            with pytest.raises(RuntimeError):
                restoring.restore(now=LATER, say=silent)
    restoring.restore(now=LATER, say=silent)
    fence.require(now=LATER)
    assert [opens(one) for one in story.old] == [False, False, True, True, True]
    assert Person.objects.exclude(erased_at=None).count() == 2
    restoring.restore(now=LATER, say=silent)
    assert Bucket.objects.count() == len(set(Bucket.objects.values_list("bucket_id", flat=True)))


def test_the_index_is_rebuilt_from_ciphertext(story, superuser):
    from avow.vault import indexing

    with superuser("avow_keys") as dba:
        dba.execute("DELETE FROM vault_keys_addresstoken WHERE token <> %s", [story.old[2].token])
    stale = addresses.find("email", "old2@example.com")
    assert addresses.find("email", "new1@example.com") is None
    assert indexing.missing() == 4
    assert indexing.rebuild(now=LATER, say=silent) == 4
    assert indexing.rebuild(now=LATER, say=silent, everything=True) == 0
    for one in [*story.old[2:], *story.new]:
        assert addresses.find("email", f"{one.name}@example.com") == one.token
    assert stale == story.old[2].token


def test_a_damaged_or_foreign_seen_file_is_said_and_not_believed(story):
    text = seen.path().read_text()
    for damaged in (text[:40], text.replace('"sealed": "01', '"sealed": "01ff'), "{}"):
        seen.path().write_text(damaged)
        with pytest.raises((BadInput, KeyringLost), match="damaged, missing or another installation"):
            fence.require(now=LATER)


def test_the_seen_file_never_goes_back(story):
    kept = seen.path().read_bytes()
    story.copies.data.put_back()
    assert seen.renew(now=LATER) == 0
    assert seen.path().read_bytes() == kept
    assert seen.path().stat().st_mode & 0o777 == 0o600


def test_epochs_of_a_lost_key_database_are_written_down_and_die(story):
    rolling.roll(now=LATER, at_once=False)
    story.copies.keys.put_back()
    epochs.keyring().create(2), epochs.keyring().create(3)
    assert fitting.epochs_ahead() == [2, 3]
    restoring.restore(now=LATER, say=silent)
    assert set(Epoch.objects.filter(state=EpochState.CONDEMNED).values_list("number", flat=True)) == {2, 3}
    assert rolling.roll(now=LATER, at_once=True).destroyed == (1, 2, 3)
    assert epochs.keyring().list() == [4]


def test_what_the_log_says_of_keys_is_found_without_reading_the_rest(story):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off"
        )  # there are few entries here
        cursor.execute(f"EXPLAIN {finding.NAMING}", [0, b"00"])
        plan = str(cursor.fetchall())
    assert "leaf_about_keys" in plan
    assert [entry.act for entry in finding.naming(epochs.named(1))] == [Act.EPOCH_OPENED]
