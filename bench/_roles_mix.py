"""
The four roles: which acts each does, how often, and on whom.

The mixes are the ones of GDPRbench's paper, where its acts are ours: the controller creates a quarter, deletes a
quarter and changes metadata in half; the customer reads, corrects, changes and deletes their own; the processor reads
by key in four of five; the regulator asks for a person's metadata (46), the log (31) and deletions (23). Customers and
regulators come as records do: about whom more is kept, asks more. A purpose is given up once a round: a
twenty-fifth of all records goes with it, and a mix that did that often would measure an empty table.

Holds:    what is drawn hangs on the seed and on the oracle's state alone, which is the same for every system.
"""

from datetime import timedelta
from uuid import UUID

from bench._roles_oracle import Oracle, Step
from bench._roles_records import DAYS, FIRST_DAY, PURPOSES, RECIPIENTS, USES, World, text

ROLES = ("controller", "customer", "processor", "regulator")
COUNTS = {"controller": 100, "customer": 300, "processor": 150, "regulator": 300}  # acts of a round
MIX: dict[str, dict[str, int]] = {
    "controller": {
        "create": 25, "delete_by_expiry": 12, "delete_by_person": 12, "delete_by_purpose": 1,
        "change_by_purpose": 25, "change_by_person": 25,
    },
    "customer": {
        "read_by_key": 10, "read_by_person": 30, "correct": 20, "change_by_key": 10, "change_by_person": 10,
        "delete_by_key": 20,
    },
    "processor": {"read_by_key": 80, "read_by_purpose": 7, "read_not_objecting": 7, "read_not_automated": 6},
    "regulator": {"metadata_of_person": 46, "log_range": 31, "verify_deletion": 23},
}  # fmt: skip
RANGE = 100  # entries of the log that a regulator asks for
GONE = 0.05  # of all readings by key ask for a record that was deleted


class Drawing:
    """Draws acts and walks the oracle through them."""

    def __init__(self, world: World, oracle: Oracle) -> None:
        self.world, self.oracle, self.chance = world, oracle, world.chance
        self.day, self.days = FIRST_DAY, max(1, 5 * DAYS // len(oracle.records))  # some records end each time
        self._keys = list(oracle.records)

    def role(self, role: str, count: int) -> list[Step]:
        """Return a role's acts for one round, shuffled; each of its kinds at least once."""
        acts = [act for act, share in MIX[role].items() for _ in range(max(1, share * count // 100))]
        self.chance.shuffle(acts)
        return [self.step(act) for act in acts]

    def step(self, act: str) -> Step:
        """Draw one act's arguments and let the oracle do it."""
        return self.oracle.walk(act, *getattr(self, "_" + act)())

    def _key(self) -> UUID:
        """Return the key of a record that is there."""
        while (key := self._keys[place := self.chance.randrange(len(self._keys))]) not in self.oracle.records:
            self._keys[place] = self._keys[-1]
            self._keys.pop()
        return key

    def _person(self) -> UUID:
        return self.oracle.records[self._key()].person

    def _purpose(self) -> int:
        return self.chance.randrange(PURPOSES)

    def _create(self) -> tuple[object]:
        person = self._person()
        record = self.world.record(person, self.oracle.objects_to[person], self.oracle.shared_with)
        self._keys.append(record.key)
        return (record,)

    def _read_by_key(self) -> tuple[UUID]:
        gone = self.oracle.keys_gone
        return (self.chance.choice(gone),) if gone and self.chance.random() < GONE else (self._key(),)

    def _read_by_person(self) -> tuple[UUID]:
        return (self._person(),)

    def _read_by_purpose(self) -> tuple[int]:
        return (self._purpose(),)

    def _read_not_objecting(self) -> tuple[int, int]:
        return self._purpose(), self.chance.randrange(1, len(USES))

    def _read_not_automated(self) -> tuple[int]:
        return (self._purpose(),)

    def _correct(self) -> tuple[UUID, str]:
        return self._key(), text(self.chance)

    def _change_by_key(self) -> tuple[UUID, bool]:
        return self._key(), self.chance.random() < 0.5

    def _change_by_person(self) -> tuple[UUID, int]:
        return self._person(), self.chance.randrange(len(USES))

    def _change_by_purpose(self) -> tuple[int, int]:
        return self._purpose(), self.chance.randrange(RECIPIENTS)

    def _delete_by_key(self) -> tuple[UUID]:
        return (self._key(),)

    def _delete_by_person(self) -> tuple[UUID]:
        return (self._person(),)

    def _delete_by_purpose(self) -> tuple[int]:
        return (self._purpose(),)

    def _delete_by_expiry(self) -> tuple[object]:
        self.day += timedelta(days=self.days)
        due = (record.expires for record in self.oracle.records.values() if record.expires <= self.day)
        return (max(due, default=self.day),)  # a day on which one ends: it must go, the next day's must stay

    def _metadata_of_person(self) -> tuple[UUID]:
        return (self._person(),)

    def _log_range(self) -> tuple[int, int]:
        return self.chance.randrange(max(1, len(self.oracle.log) - RANGE)), RANGE

    def _verify_deletion(self) -> tuple[UUID]:
        gone = self.oracle.gone
        return (self.chance.choice(gone),) if gone and self.chance.random() < 0.5 else (self._person(),)
