"""The register of stores and the vault's own: exports all, forgets all, counts what it says."""

from datetime import timedelta
from uuid import uuid4

import pytest

from avow.policy.purposes import Purpose
from avow.vault import addresses, catalogue, choices, sealing, stores
from avow.vault.enrolment import enrol
from avow.vault.vault_store import VaultStore

STORE = VaultStore()


def fill(person, now):
    for value in ("Ada", "Countess"):
        sealing.put(person, "nickname", value, source="a test", now=now)
    addresses.token_for("email", "Ada@x.example", person, now)
    choices.object_to(person, Purpose.ANALYSIS, now=now)
    choices.grant(person, Purpose.IMPROVEMENT, now=now, until=now + timedelta(days=3))


def test_the_vault_is_registered_first_so_that_it_forgets_last():
    assert stores.stores()[0].name == "vault"
    assert len({store.name for store in stores.stores()}) == len(stores.stores())


def test_it_exports_everything_with_history(person, house, now):
    fill(person, now)
    parts = {part.name: part.rows for part in STORE.export(person, now=now)}
    assert [(row["value"], row["until"]) for row in parts["vault-fields"]] == [("Countess", None), ("Ada", now)]
    assert {row["version"] for row in parts["vault-fields"]} == {house.version.sha256}
    assert [row["value"] for row in parts["vault-addresses"]] == ["Ada@x.example"]
    assert {(row["choice"], row["purpose"]) for row in parts["vault-choices"]} == {
        ("objected", "analysis"), ("allowed", "improvement"),
    }  # fmt: skip
    assert STORE.count(person) == sum(len(rows) for rows in parts.values()) == 5


def test_an_export_works_while_the_person_is_being_erased(person, now):
    from avow.vault import erasure

    fill(person, now)
    erasure.begin(person, now=now)
    assert sum(len(part.rows) for part in STORE.export(person, now=now)) == 5


def test_it_forgets_everything_and_nobody_elses(person, now):
    other = enrol(now=now)
    fill(person, now), fill(other, now)
    assert STORE.forget(person, request=uuid4(), now=now) == 5
    assert STORE.forget(person, request=uuid4(), now=now) == 0
    assert (STORE.count(person), STORE.count(other)) == (0, 5)
    assert all(not part.rows for part in STORE.export(person, now=now))


def test_two_stores_or_two_declarations_under_one_name_are_refused(monkeypatch):
    class Other:
        name = "vault"
        title = "Another"

    stores.register_store(VaultStore())  # the same again changes nothing
    with pytest.raises(ValueError, match="vault"):
        stores.register_store(Other())
    table = catalogue.TABLES[catalogue.Database.AVOW, "vault_person"]
    catalogue.register_tables(table)
    with pytest.raises(ValueError, match="vault_person"):
        catalogue.register_tables(type(table)(**{**vars(table), "why": "another reason"}))


def test_every_table_with_a_store_names_a_registered_one():
    """A table that claims a store which nobody registered would be left out of every erasure."""
    claimed = {table.store for table in catalogue.tables() if table.store and table.name.startswith("vault")}
    assert claimed <= {store.name for store in stores.stores()}
