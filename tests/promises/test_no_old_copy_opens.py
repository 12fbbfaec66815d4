"""§7.3 over random histories: who has every copy ever taken, and everything that lives, opens exactly those whom no destroyed
key protects.

The adversary has every version of every row of the key database ever written (the trigger of `test_de_identify`), every key
backup ever taken, copied away when it was made, all ciphertext, and the keyring as it is now. Whoever was not erased opens:
that is the control inside each look. Whoever was erased opens as long as the epoch lives under whose key their cover lay, and
never after the time that they were told.

It bites (each was seen to fail at the first history, A_WEEK): an `erase` that seals the cover as it was; a next key that is the
one before; an epoch called destroyed whose key is left; a roll at once that leaves its covers for the next one to seal.
"""

import json
import shutil
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from avow.errors import BadInput
from avow.policy.promises import Promise
from avow.vault import erasure, persons, sealing, tree
from avow.vault.actor import THE_PERSON
from avow.vault.enrolment import enrol
from avow.vault.keys import backups, rolling
from avow.vault.keys.models import Epoch, EpochState, Puncture
from tests.promises.test_de_identify import Adversary, adversary  # noqa: F401 - the fixture

pytestmark = [pytest.mark.proves(Promise.DE_IDENTIFY)]

SEEN_AGAIN = """
    TRUNCATE stolen;
    INSERT INTO stolen SELECT 'vault_keys_bucket', to_jsonb(b) FROM vault_keys_bucket b;
"""
WHO = st.integers(0, 9)
STEPS = st.lists(
    st.one_of(
        st.just(("enrol",)),
        st.tuples(st.just("erase"), WHO),
        st.tuples(st.just("erase"), WHO),
        st.tuples(st.just("put"), WHO),
        st.just(("back up",)),
        st.just(("roll at once",)),
        st.tuples(
            st.just("wait"), st.sampled_from([1, 11, 24, 25, 70, 167, 168])
        ),  # hours, after which the job comes by
    ),
    min_size=3,
    max_size=12,
)
# Three erasures under two epochs, backups before and after, and each of the days on which something must have ended.
A_WEEK = [
    ("enrol",), ("enrol",), ("back up",), ("erase", 0), ("wait", 25), ("erase", 0), ("back up",), ("put", 0), ("wait", 70),
    ("wait", 70), ("erase", 1), ("wait", 1), ("wait", 25), ("roll at once",),
]  # fmt: skip


def rows_of(backup, table):
    """The rows of one table in an opened backup, as the trigger keeps them."""
    lines, found, columns = backup.decode().split("\n"), [], None
    for line in lines:
        if line.startswith('{"table"'):
            said = json.loads(line)
            columns = said["columns"] if said["table"] == table else None
        elif columns and line != "\\.":
            values = [int(value) if value.isdecimal() else value for value in line.replace("\\\\", "\\").split("\t")]
            found.append(dict(zip(columns, values, strict=True)))
    return found


class Thief(Adversary):
    """The same, with every key backup that was ever taken."""

    def __init__(self, connect, keyring, loot):
        super().__init__(connect, keyring)
        self.loot = loot

    def copy_away(self):
        self.loot.mkdir(exist_ok=True)
        for path in backups.every():
            shutil.copy(path, self.loot)

    def rows(self, table):
        found = super().rows(table)
        for path in self.loot.iterdir():
            for key in self.living():
                with suppress(BadInput):  # not with this key
                    found += rows_of(b"".join(backups.opened(path, key=key)), table)
        return found

    def whom(self, letters):
        """Whose letters open, of those given by person."""
        by_bucket = {}
        for bucket_id, cover in self.covers():
            by_bucket.setdefault(int(bucket_id), []).append(cover)
        slots = {row["person"]: int(row["slot"]) for row in self.rows("vault_keys_personslot")}
        return {
            person
            for person, sealed in letters.items()
            if any(
                self._opens_with(cover, person, slots[str(person)], sealed)
                for cover in by_bucket[slots[str(person)] >> 8]
            )
        }

    def _opens_with(self, cover, person, slot, sealed):
        leaf = tree.leaf(cover, slot & 255)
        return leaf is not None and all(self.unseals(persons.key_from(person, leaf), person, one) for one in sealed)


class History:
    """One random course of things, from a moment on."""

    def __init__(self, thief, now):
        self.thief, self.now = thief, now
        self.letters, self.alive, self.until = {}, [], {}  # by person
        with thief.connect("avow_keys") as admin:
            admin.execute(SEEN_AGAIN)
        self.enrol()

    def enrol(self):
        person = enrol(now=self.now)
        self.letters[person] = []
        self.alive.append(person)
        self.put(-1)

    def put(self, who):
        if self.alive:
            person = self.alive[who % len(self.alive)]
            self.letters[person].append(sealing.seal_blob(person, "letter", b"Dear Ada", now=self.now))

    def erase(self, who):
        if self.alive:
            person = self.alive.pop(who % len(self.alive))
            request = uuid4()
            done = erasure.erase(person, request=request, asked_by=THE_PERSON, now=self.now)
            self.until[person] = (done.copies_open_until, Puncture.objects.get(request=request).epoch)

    def back_up(self):
        rolling.back_up(now=self.now)

    def roll_at_once(self):
        assert rolling.roll(now=self.now, at_once=True).waiting == ()
        assert self.expected() == set(self.alive)

    def wait(self, hours):
        self.now += timedelta(hours=hours)
        assert rolling.roll(now=self.now).waiting == ()

    def step(self, act, *given):
        getattr(self, act.replace(" ", "_"))(*given)
        self.thief.copy_away()

    def expected(self):
        """Who is not erased, and whose old cover lies under a key that still lives."""
        dead = set(Epoch.objects.filter(state=EpochState.DESTROYED).values_list("number", flat=True))
        open_still = {person for person, (_, epoch) in self.until.items() if epoch not in dead}
        assert all(self.until[person][0] > self.now for person in open_still)  # never after what they were told
        return set(self.alive) | open_still


def test_whatever_happens_old_copies_open_whom_they_must_and_nobody_else(adversary, house, now, tmp_path):  # noqa: F811
    thief = Thief(adversary.connect, adversary.keyring, tmp_path / "loot")
    began, seen = [now], Counter()

    @example(A_WEEK)
    @given(STEPS)
    @settings(max_examples=9, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def histories(steps):
        history = History(thief, began[0])
        for step in steps:
            history.step(*step)
            if step[0] in ("erase", "wait", "roll at once"):
                expected = history.expected()
                assert thief.whom(history.letters) == expected
                seen["erased and open"] += len(expected - set(history.alive))
                seen["erased and closed"] += len(history.until.keys() - expected)
        began[0] = history.now

    histories()
    assert seen["erased and open"] > 10 and seen["erased and closed"] > 10, seen
