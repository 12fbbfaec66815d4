"""
kill -9 at any moment: each acknowledged event is in the lake once, and none is lost or comes twice.

It bites: destroying the keys before the manifest is committed loses events (tried). Leaving `done` out of the manifest
does not fail here, since the batches' numbers, which commit with the events, drop the repeat (tried): two guards.
"""

import os
import secrets
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime

import pytest

from avow.people import tickets
from avow.policy.promises import Promise
from avow.usage import compacting, forgetting, manifest, recorded, segments
from avow.usage.models import Context
from avow.usage.spool import Spool
from avow.vault import enrolment
from tests.usage.conftest import batch
from tests.usage.killing import dies, moments

pytestmark = [pytest.mark.proves(Promise.COLLECTED_DATA)]
MOST = 300


def now():
    return datetime.now(UTC)


def letter(number):
    """A page of its own for a number, without digits: those would be templated away."""
    return "/p" + "".join(chr(97 + int(digit)) for digit in str(number))


def test_a_compaction_that_is_killed_at_any_moment_loses_nothing_and_repeats_nothing(collect, place, lake):
    sent, killed = Counter(), 0
    ticket = tickets.issue(enrolment.enrol(now=now()), now=now())
    for at in moments(MOST):
        for whose in (None, ticket):
            assert collect(batch(letter(at), ticket=whose)).status == 202
            sent[letter(at)] += 1
        died = dies(lambda: compacting.compact(place, now=now()), at)
        compacting.compact(place, now=now())
        assert Counter(row.page for row in lake()) == sent, f"killed at moment {at}"
        killed += died
        if not died:
            break
    assert killed > 4 and not died
    assert {path.name for path in place.spool.iterdir()} <= {".lock"} and not list(place.keys.iterdir())
    assert set(place.lake.glob("day=*/*")) == set(manifest.newest(place.lake).paths(place.lake))
    assert {row.ctx for row in lake()} - {0} == set(Context.objects.values_list("id", flat=True))


def test_a_forgetting_that_is_killed_at_any_moment_ends_the_same(collect, place, lake):
    pages = 0
    for at in moments(MOST):
        person = enrolment.enrol(now=now())
        collect(batch("/a", ticket=tickets.issue(person, now=now())))
        compacting.compact(place, now=now())
        pages += 1
        pid = recorded.names_of(person, [now().date()])[now().date()]
        died = dies(lambda person=person: forgetting.forget(person, now=now()), at)
        forgetting.forget(person, now=now())
        assert not Context.objects.filter(person=person).exists()
        assert pid not in {row.pid for row in lake()} and len(lake()) == pages
        assert set(place.lake.glob("day=*/*")) == set(manifest.newest(place.lake).paths(place.lake))
        if not died:
            break
    assert pages > 2 and not died


WRITER = """
import os
from avow.usage import places; from avow.usage.spool import Spool
spool = Spool(places.here())
while True:
    name = os.urandom(16).hex()
    spool.put(bytes.fromhex(name)).result()
    print(name, flush=True)
"""


def test_a_collector_that_is_killed_keeps_what_it_acknowledged(place):
    acknowledged, found = set(), []
    for _ in range(1):
        program = [sys.executable, "-c", WRITER]
        writer = subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=os.environ)
        for _ in range(30):
            acknowledged.add(writer.stdout.readline().strip())
        writer.send_signal(signal.SIGKILL)
        acknowledged |= {line.strip() for line in writer.stdout if len(line) == 33}
        writer.wait()
    for path in place.spool.glob("*.open"):
        found += [plain.hex() for _, plain in segments.frames(place, path)]
    assert acknowledged <= set(found) and len(found) == len(set(found)) <= len(acknowledged) + 2


def test_a_torn_tail_is_cut_and_what_came_before_stays(place):
    segment = segments.begin(place)
    for number in range(4):
        segment.append(secrets.token_bytes(40 + number))
    segment.sync()
    whole = segment.path.read_bytes()
    for cut in range(1, 60):
        segment.path.write_bytes(whole[:-cut])
        assert len(list(segments.frames(place, segment.path))) == 3
    for spoilt in (whole[:40] + bytes([whole[40] ^ 1]) + whole[41:], whole + b"\0" * 50, b"", b"avow"):
        segment.path.write_bytes(spoilt)
        assert len(list(segments.frames(place, segment.path))) in {0, 4}


def test_no_segments_name_comes_again(collect, place, compact):
    names = set()
    for _ in range(5):
        collect(batch())
        [path] = place.spool.glob("*.open")
        assert path.stem not in names
        names.add(path.stem)
        compact()


def test_a_segment_that_was_closed_under_its_writer_gets_no_further_frame(place, policy):
    spool = Spool(place)
    spool.put(b"one").result()
    [path] = place.spool.glob("*.open")
    closed = segments.close(path)
    spool.put(b"two").result()
    spool.stop()
    assert [plain for _, plain in segments.frames(place, closed)] == [b"one"]
    [other] = place.spool.glob("*.open")
    assert [plain for _, plain in segments.frames(place, other)] == [b"two"]


def test_a_second_writer_of_the_manifest_is_told(place):
    first = manifest.commit(place.lake, manifest.Manifest())
    with pytest.raises(manifest.Overtaken):
        manifest.commit(place.lake, manifest.Manifest())
    assert manifest.newest(place.lake) == first
