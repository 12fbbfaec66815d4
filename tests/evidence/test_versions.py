"""Published texts: one chain, frozen, all of them readable."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, connections

from avow.errors import BindingWrong, NotFound, PolicyUnreadable
from avow.evidence import versions
from avow.evidence.acts import Act
from avow.evidence.entries import decode
from avow.evidence.models import Outbox, PolicyBinding, PolicyVersion
from avow.evidence.versions import all_versions, freeze, in_force, read

from .conftest import NOON, TABLE, text


def publish(day="May 5, 2024", words="We keep it.", now=NOON, table=TABLE):
    return freeze(text(day, words), table, now=now, published_by="avow up")


def acts():
    return [decode(bytes(entry)).act for entry in Outbox.objects.order_by("id").values_list("entry", flat=True)]


def test_freezing_the_same_bytes_again_changes_and_records_nothing(db):
    first = publish()
    assert publish(now=NOON + timedelta(days=1)) == first
    assert first.published_at == NOON
    assert acts() == [Act.POLICY_FROZEN, Act.POLICY_BOUND]
    assert first.bound.document.effective_date == date(2024, 5, 5)


def test_a_new_text_follows_the_one_before(db):
    first = publish()
    second = publish(words="We keep it well.")
    assert (first.parent, second.parent) == ("", first.sha256)
    assert all_versions() == (first, second)
    assert read(first.sha256).raw == first.raw
    assert publish() == first  # an old text again: the version that it was, no new one
    with pytest.raises(NotFound):
        read("0" * 64)


def test_a_better_table_for_the_same_text_is_no_new_version(db):
    first = publish()
    better = TABLE.replace(b'kind = "statement"', b'kind = "fact"')
    again = publish(table=better)
    assert (again.number, again.sha256, again.clauses) == (first.number, first.sha256, better)
    assert PolicyBinding.objects.count() == 2
    assert acts() == [Act.POLICY_FROZEN, Act.POLICY_BOUND, Act.POLICY_BOUND]


def test_what_is_in_force(db):
    with pytest.raises(NotFound, match="published yet"):
        in_force(NOON)
    later = publish("December 1, 2026")
    assert in_force(NOON) == later  # nothing else was ever shown
    now = publish("May 5, 2024", "We kept it.")
    assert in_force(NOON) == now
    soon = publish("November 24, 2026", "We will keep it.")
    midnight = NOON.replace(hour=0) + timedelta(days=1)
    assert in_force(midnight - timedelta(seconds=1)) == now
    assert in_force(midnight) == soon


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"# Privacy\n\nNo date at all.\n"])
def test_a_text_that_cannot_be_published_leaves_nothing(db, raw):
    with pytest.raises(PolicyUnreadable):
        freeze(raw, TABLE, now=NOON, published_by="avow up")
    with pytest.raises(BindingWrong):
        publish(table=b"nonsense = [")
    assert not PolicyVersion.objects.exists() and not Outbox.objects.exists()


def test_two_processes_that_publish_at_once_make_one_version(db):
    broken = []

    def act():
        try:
            publish()
        except Exception as fault:
            broken.append(fault)  # without the lock, the tables refuse the second
        connections.close_all()

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not broken
    assert PolicyVersion.objects.count() == 1 and PolicyBinding.objects.count() == 1
    assert acts() == [Act.POLICY_FROZEN, Act.POLICY_BOUND]


@pytest.mark.parametrize("table", ["policyversion", "policybinding"])
def test_a_published_text_is_written_once(db, superuser, table):
    publish()
    for statement in (f"UPDATE evidence_{table} SET sha256 = ''", f"DELETE FROM evidence_{table}"):
        with superuser() as admin, pytest.raises(Exception, match="written once"):
            admin.execute(statement)
        with pytest.raises(Exception, match="permission denied"):
            connection.cursor().execute(statement)


def test_another_process_that_publishes_is_noticed(db):
    first = publish()
    assert all_versions() == (first,)
    known = dict(versions._known)
    second = publish(words="We keep it well.")
    versions._known.clear()
    versions._known.update(known)  # as a process remembers that did not publish the second
    assert all_versions() == (first, second)


def test_one_act_sees_the_texts_as_they_stand_when_it_begins(db):
    """It bites: an end that does not forget makes the process blind to every later text."""
    first = publish()
    with versions.read_once():
        with connection.execute_wrapper(lambda *_: pytest.fail("the texts were asked for again")):
            assert all_versions() == (first,)
            assert in_force(NOON) == read(first.sha256) == first
    second = publish(words="We keep it well.")
    assert all_versions() == (first, second)
