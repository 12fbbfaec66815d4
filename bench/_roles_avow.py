"""
Avow under the acts of `bench.roles`: a room of its own, built on the vault as the other rooms are.

The room keeps one table: whose a record is, of which kind, when it ends, whether automated decisions are allowed,
where it came from, and the sealed data. What a company decides for a purpose stands once: the kind is declared in the
catalogue, and who receives it is one grant of a recipient. What a person decides is one objection that the gate reads.

    create, correct         seal_blob and the row, with an entry in the log under the person's key, in one transaction
    read                    the gate, for a stated purpose; many people's at once by open_each_blob
    change by purpose       one grant ends and one begins, whatever the number of records
    delete by person        rows, then the person's key (erasure.erase); the entry's receipt is the proof
    log range               entries of the signed log by their numbers
    verify deletion         the receipt is checked as anyone could offline, and the table is asked

Does not: log openings by the service one by one (`vault.staff_openings` says why), which C does; go through a
request's saga (mails, other stores, certificate). No act gives a single record a recipient or an objection of its own.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.db import connection, connections, transaction

from avow.evidence import outbox, receipts, tiles, verifier, versions
from avow.evidence.acts import Act
from avow.evidence.entries import Entry, decode
from avow.evidence.models import Leaf
from avow.evidence.notes import SigningKey
from avow.evidence.sequencing import BATCH, sequence
from avow.policy.categories import Category
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.policy.shipped import roots
from avow.vault import (
    attesting,
    catalogue,
    choices,
    crypto,
    erasure,
    governing,
    persons,
    recipients,
    sealing,
    statements,
)  # fmt: skip
from avow.vault.actor import SERVICE, THE_PERSON
from avow.vault.keys import buckets
from avow.vault.keys.epochs import KEYS
from avow.vault.keys.slots import bucket_of
from avow.vault.models import Objection, Person, PersonKind, RecipientGrant
from bench._roles_records import PURPOSES, RECIPIENTS, USES, Record, World

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=365)
LOG = SigningKey("bench.example/log", bytes(range(32)))
VKEY = verifier.read_key(LOG.vkey)
TABLE = """
    CREATE TABLE bench_record (
        key uuid PRIMARY KEY, person uuid NOT NULL, kind smallint NOT NULL, automated boolean NOT NULL,
        expires date NOT NULL, origin smallint NOT NULL, sealed bytea NOT NULL
    );
    GRANT SELECT, INSERT, UPDATE, DELETE ON bench_record TO avow_app;
"""
INDEXES = "; ".join(f"CREATE INDEX ON bench_record ({column})" for column in ("person", "kind", "expires"))
SIZE = """
    SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'plain\\_%'
"""
SAID = {
    Act.FIELD_CHANGED: "kept", Act.SETTING_CHANGED: "changed", Act.OBJECTED: "changed",
    Act.OBJECTION_WITHDRAWN: "changed", Act.GRANT_ENDED: "ended", Act.GRANT_GIVEN: "given",
    Act.STORE_FORGOT: "deleted", Act.KEY_DESTROYED: "deleted",
}  # fmt: skip

SLOTS = "INSERT INTO vault_keys_personslot (person) SELECT unnest(%s::uuid[]) RETURNING person, slot"
ACCOUNT = PersonKind.ACCOUNT
MANY = 10_000  # persons that are enrolled at once

Admin = Callable[[str], psycopg.Connection]


class Avow:
    """The room, with what its service would do behind it."""

    name = "D"
    guarantees = (
        "each commit is on disk; sealed under one key for each person; an entry of each change in a log that cannot be "
        "rewritten, none of the service's readings; a purpose is asked at each opening; who was erased cannot be "
        "brought back from backups of the data"
    )
    cannot: frozenset[str] = frozenset()

    def __init__(self, admin: Admin) -> None:
        """Take a way to the databases as their superuser, to make the room's table and to ask for sizes."""
        self._admin = admin
        self._erased: dict[UUID, erasure.ErasedKey] = {}
        self._proofs: dict[UUID, receipts.Receipt] = {}
        self.table = "bench_record"

    def load(self, world: World, records: Iterable[Record]) -> None:
        """Publish, declare, enrol everybody, then seal and copy in."""
        publish()
        with self._admin("avow") as admin:
            admin.execute(TABLE)
        self._empty = self._bytes()
        self._readers, self._category = world.readers, world.category
        for start in range(0, len(world.persons), MANY):
            enrol(world.persons[start : start + MANY])
        against = [Objection(person=who, purpose=USES[use], since=NOW) for who, use in world.objects_to.items() if use]
        Objection.objects.bulk_create(against, batch_size=1000)
        self._recipients = [
            recipients.add(recipients.RecipientKind.AGENT, f"Agent {n}", {}, now=NOW) for n in range(RECIPIENTS)
        ]
        self._grants = [_grant(self._recipients[r], purpose) for purpose, r in enumerate(world.shared_with)]
        self._copy(world, records)
        with self._admin("avow") as admin:
            admin.execute(INDEXES)
        for database in ("avow", "avow_keys"):
            with self._admin(database) as admin:
                admin.execute("VACUUM ANALYZE")
        self.settle()
        signed = tiles.newest()
        self._before = signed.size if signed else 0

    def _copy(self, world: World, records: Iterable[Record]) -> None:
        """Seal as seal_blob does, each person's keys derived once, and copy the rows in."""
        policy = bytes.fromhex(governing.in_force(NOW).sha256)
        own = {who: crypto.derive(key, "avow/blob/v1") for who, key in persons.keys_of(world.persons).items()}
        with connection.cursor() as cursor, cursor.copy("COPY bench_record FROM STDIN") as rows:
            for one in records:
                bound = crypto.bind("avow/blob/v1", one.person.bytes, label(one.purpose).encode(), policy)
                sealed = policy + crypto.seal(own[one.person], one.data.encode(), bound)
                rows.write_row((one.key, one.person, one.purpose, one.automated, one.expires, one.origin, sealed))

    @transaction.atomic
    def create(self, record: Record) -> None:
        sealed = sealing.seal_blob(record.person, label(record.purpose), record.data.encode(), now=NOW)
        row = [record.key, record.person, record.purpose, record.automated, record.expires, record.origin, sealed]
        execute("INSERT INTO bench_record VALUES (%s, %s, %s, %s, %s, %s, %s)", row)
        attesting.attest(record.person, Act.FIELD_CHANGED, promise=Promise.GIVEN_DATA, now=NOW)

    def read_by_key(self, key: UUID) -> str | None:
        rows = select("SELECT person, kind, sealed FROM bench_record WHERE key = %s", [key])
        for person, kind, sealed in rows:
            plain = sealing.open_blob(person, label(kind), bytes(sealed), purpose=Purpose.ACCOUNT, by=SERVICE, now=NOW)
            return plain.decode()
        return None

    def read_by_person(self, person: UUID) -> dict[UUID, str]:
        return self._open("person = %s", [person], Purpose.RIGHTS)

    def read_by_purpose(self, purpose: int) -> dict[UUID, str]:
        return self._open("kind = %s", [purpose], Purpose.ACCOUNT)

    def read_not_objecting(self, purpose: int, use: int) -> dict[UUID, str]:
        return self._open("kind = %s", [purpose], Purpose(USES[use]))

    def read_not_automated(self, purpose: int) -> dict[UUID, str]:
        return self._open("kind = %s AND NOT automated", [purpose], Purpose.ACCOUNT)

    @transaction.atomic
    def correct(self, key: UUID, data: str) -> bool:
        for person, kind in select("SELECT person, kind FROM bench_record WHERE key = %s", [key]):
            sealed = sealing.seal_blob(person, label(kind), data.encode(), now=NOW)
            execute("UPDATE bench_record SET sealed = %s WHERE key = %s", [sealed, key])
            attesting.attest(person, Act.FIELD_CHANGED, promise=Promise.VIEW_AND_CORRECT, now=NOW)
            return True
        return False

    @transaction.atomic
    def change_by_key(self, key: UUID, automated: bool) -> bool:  # noqa: FBT001 - a column's value
        update = "UPDATE bench_record SET automated = %s WHERE key = %s RETURNING person"
        for (person,) in written(update, [automated, key]):
            attesting.attest(person, Act.SETTING_CHANGED, promise=Promise.PURPOSE_LIMIT, now=NOW)
            return True
        return False

    @transaction.atomic
    def change_by_person(self, person: UUID, use: int) -> None:
        for before in choices.of(person, now=NOW).objected:
            choices.withdraw_objection(person, before, now=NOW)
        if use:
            choices.object_to(person, Purpose(USES[use]), now=NOW)
        act = Act.OBJECTED if use else Act.OBJECTION_WITHDRAWN
        attesting.attest(person, act, promise=Promise.PURPOSE_LIMIT, now=NOW)

    @transaction.atomic
    def change_by_purpose(self, purpose: int, recipient: int) -> None:
        recipients.end_grant(self._grants[purpose], now=NOW)
        self._grants[purpose] = _grant(self._recipients[recipient], purpose)

    @transaction.atomic
    def delete_by_key(self, key: UUID) -> int:
        for (person,) in written("DELETE FROM bench_record WHERE key = %s RETURNING person", [key]):
            attesting.attest(person, Act.STORE_FORGOT, promise=Promise.DE_IDENTIFY, now=NOW)
            return 1
        return 0

    def delete_by_person(self, person: UUID) -> int:
        erasure.begin(person, now=NOW)
        gone = execute("DELETE FROM bench_record WHERE person = %s", [person])
        self._erased[person] = erasure.erase(person, request=uuid4(), asked_by=THE_PERSON, now=NOW)
        return gone

    def delete_by_purpose(self, purpose: int) -> int:
        return self._forget("DELETE FROM bench_record WHERE kind = %s", [purpose])

    def delete_by_expiry(self, day: date) -> int:
        return self._forget("DELETE FROM bench_record WHERE expires <= %s", [day])

    def metadata_of_person(self, person: UUID) -> dict[UUID, tuple[object, ...]]:
        asked = "SELECT kind, expires, automated, origin, key FROM bench_record WHERE person = %s"
        objected = choices.of(person, now=NOW).objected
        objects_to = max((USES.index(use.value) for use in objected), default=0)
        shared = _shared_with()
        return {row[-1]: self._metadata(row, objects_to, shared) for row in select(asked, [person])}

    def log_range(self, first: int, count: int) -> list[str]:
        start = self._before + first
        rows = Leaf.objects.filter(index__gte=start, index__lt=start + count).order_by("index")
        return [SAID[decode(bytes(entry)).act] for entry in rows.values_list("entry", flat=True)]

    def verify_deletion(self, person: UUID) -> bool:
        if person in self._erased:
            check_proof(self._proofs[person], self._erased[person])
        return not select("SELECT 1 FROM bench_record WHERE person = %s LIMIT 1", [person])

    def settle(self) -> None:
        """Let the log take up what waits, and issue the receipts of erasures."""
        while sequence(key=LOG, now=NOW) >= BATCH:
            pass
        for person, erased in self._erased.items():
            if person not in self._proofs:
                self._proofs[person] = receipts.receipt_now(erased.entry_id)

    def everything(self) -> dict[UUID, tuple[object, ...]]:
        rows = select("SELECT kind, expires, automated, origin, person, sealed, key FROM bench_record", [])
        sealed = [(row[4], label(row[0]), bytes(row[5])) for row in rows]
        opened = sealing.open_each_blob(sealed, purpose=Purpose.RIGHTS, now=NOW, at_once=len(sealed) or 1)
        standing = Objection.objects.filter(withdrawn_at=None).values_list("person", "purpose")
        objected = {person: USES.index(purpose) for person, purpose in standing}
        shared = _shared_with()
        return {
            row[-1]: (*self._metadata(row, objected.get(row[4], 0), shared), plain.decode() if plain else None)
            for row, plain in zip(rows, opened, strict=True)
        }

    def size(self) -> int:
        return self._bytes() - self._empty

    def _bytes(self) -> int:
        found = 0
        for database in ("avow", "avow_keys"):
            with self._admin(database) as admin:
                found += admin.execute(SIZE).fetchone()[0]  # type: ignore[index]
        return found

    def _open(self, where: str, parameters: list[Any], purpose: Purpose) -> dict[UUID, str]:
        """Open what the gate lets out; who objects is left out by it."""
        rows = select(f"SELECT key, person, kind, sealed FROM bench_record WHERE {where}", parameters)  # noqa: S608
        sealed = [(person, label(kind), bytes(data)) for _, person, kind, data in rows]
        opened = sealing.open_each_blob(sealed, purpose=purpose, now=NOW)
        return {row[0]: plain.decode() for row, plain in zip(rows, opened, strict=True) if plain is not None}

    @transaction.atomic
    def _forget(self, delete: str, parameters: list[Any]) -> int:
        """Delete rows of many people's at once, with one entry that names nobody."""
        version = governing.in_force(NOW)
        outbox.record(Entry(act=Act.STORE_FORGOT, at=NOW, promise=Promise.DE_IDENTIFY, policy=version.sha256))
        return execute(delete, parameters)

    def _metadata(self, row: tuple[Any, ...], objects_to: int, shared: dict[str, int]) -> tuple[object, ...]:
        kind, expires, automated, origin = row[:4]
        where = shared[label(kind)]
        return kind, expires, objects_to, automated, where, self._readers[kind], origin, self._category[kind]


def publish() -> None:
    """Publish the policy that ships, and declare a kind for each purpose of the bench."""
    folder = roots()[0] / "optimibi"
    text = next(folder.glob("[0-9]*.md"))
    versions.freeze(text.read_bytes(), (folder / "clauses.toml").read_bytes(), now=NOW, published_by="bench")
    every = frozenset(Purpose)
    for purpose in range(PURPOSES):
        name = label(purpose)
        catalogue.register_fields(
            catalogue.PersonalField(
                name, name, Category.CONTENT, every, False, "bench", "nobody", "bench", Promise.GIVEN_DATA
            )
        )


def enrol(people: list[UUID]) -> None:
    """Enrol many as `enrolment.enrol` does each: slots with their buckets, then a row beside the data."""
    with connections[KEYS].cursor() as cursor:
        cursor.execute(SLOTS, [people])
        given = cursor.fetchall()
        cursor.execute("SELECT coalesce(max(bucket_id), -1) FROM vault_keys_bucket")
        (made,) = cursor.fetchone()
    buckets.make_up_to(max(bucket_of(slot) for _, slot in given) + buckets.AHEAD, made=made, now=NOW)
    policy = governing.in_force(NOW).sha256
    rows = [Person(person=who, slot=slot, kind=ACCOUNT, enrolled_at=NOW, signed_up_under=policy) for who, slot in given]
    Person.objects.bulk_create(rows, batch_size=1000)


def label(purpose: int) -> str:
    """Return the name under which the catalogue knows what is collected for a purpose."""
    return f"bench-record-{purpose:02}"


def check_proof(receipt: receipts.Receipt, erased: erasure.ErasedKey) -> None:
    """Check offline that the log says a key was destroyed, and that it was this person's."""
    verifier.check_proof(receipt.text, receipt.entry, VKEY)
    entry = verifier.read_json(receipt.entry.decode())
    opened = verifier.commitment_of(dict(erased.opening))
    if entry["act"] != Act.KEY_DESTROYED.value or entry["subject"] != opened:
        raise verifier.Refused("The log's entry is about another erasure.")


def _grant(recipient: UUID, purpose: int) -> UUID:
    return recipients.grant(
        recipient, [label(purpose)], Purpose.AGENT_DELIVERY, Promise.AGENT_REGISTER,
        contract="bench", until=LATER, now=NOW,
    )  # fmt: skip


def _shared_with() -> dict[str, int]:
    """Return each kind's recipient, by what stands in the register."""
    rows = RecipientGrant.objects.filter(ended_at=None, until__gt=NOW).values_list("what", "recipient__name")
    return {what[0]: int(name.split()[-1]) for what, name in rows}


def execute(statement: str, parameters: list[Any]) -> int:
    """Run one statement and return how many rows it met."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def written(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    """Run one statement that writes and return the rows that it met."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def select(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    """Return what a statement finds, as pages of the service ask."""
    return statements.rows(statements.AVOW, statement, parameters)
