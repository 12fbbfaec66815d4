"""What the vault itself stores, in both databases: its entries in the catalogue."""

from avow.policy.categories import Category
from avow.vault.catalogue import (
    Column,
    Database,
    Erasure,
    FileKind,
    Table,
    columns,
    register_files,
    register_tables,
    secret,
)
from avow.vault.stores import register_store
from avow.vault.vault_store import VaultStore

PERSON = Column("person", Category.PSEUDONYM, "a random number that means nothing outside")
IN_AVOW = (
    Table(
        Database.AVOW, "vault_person",
        (PERSON, Column("slot", Category.PSEUDONYM, "to heal an older key store; gone after erasure"),
         *columns("kind enrolled_at erasing_since erased_at signed_up_under governed_by agreed_to")),
        "vault", "that there is a person, or was", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "vault_sealedfield",
        (PERSON, *columns("field ordinal policy source collected_at superseded_at"),
         Column("ciphertext", Category.USER, "a value under the person's key")),
        "vault", "what people gave, with its history", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "vault_addresssealed",
        (PERSON, *columns("token kind policy collected_at"),
         Column("ciphertext", Category.CONTACT, "an address under the person's key")),
        "vault", "addresses beside the tokens that stand for them", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "vault_grant",
        (PERSON, *columns("id field since until withdrawn_at"), Column("purpose", Category.PREFERENCES)),
        "vault", "what people allowed: beyond the policy, or for a field that asks for it", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "vault_objection",
        (PERSON, *columns("id since withdrawn_at"), Column("purpose", Category.PREFERENCES)),
        "vault", "what people objected to", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "vault_freeze", (PERSON, *columns("id by since lifted_at")),
        "vault", "whose data rests", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "vault_destroyed", columns("slot entry_id nonce destroyed_at"),
        "", "slots that belong to nobody any more; held against a restored key store", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "vault_hold",
        (Column("person", Category.PSEUDONYM, "whose; emptied when the hold ends"),
         *columns("id fields collected_from collected_to basis gagged state proposed_at until until_set_at"),
         *columns("longer_until kept_at ending_since ended_at"),
         Column("proposed_by", Category.PSEUDONYM, "an officer, by their own number"),
         Column("confirmed_by", Category.PSEUDONYM, "a second officer"),
         Column("longer_by", Category.PSEUDONYM, "who proposed a longer end"),
         Column("prolonged_by", Category.PSEUDONYM, "a second officer"),
         Column("release_by", Category.PSEUDONYM, "who proposed to release it"),
         Column("released_by", Category.PSEUDONYM, "a second officer"),
         Column("subject", Category.PSEUDONYM, "the hold's own key")),
        "vault", "which fields the law keeps of whom, and until when", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "vault_heldfield",
        (*columns("id hold_id field origin place policy collected_at superseded_at kept_at"),
         Column("ciphertext", Category.USER, "a value under the hold's own key")),
        "vault", "what holds keep; opens for the law under its hold alone", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "vault_recipient", columns("id kind name facts since ended_at"),
        "", "companies and offices that may receive something", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "vault_recipientgrant",
        columns("id recipient_id what purpose promise contract since until ended_at"),
        "", "what each may receive, by names of fields", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "vault_egress",
        columns("id recipient_id grant_id what purpose clause policy salt digest people at"),
        "", "that something left, under which sentence; names nobody and holds no value", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "vault_openingcase",
        (PERSON, Column("officer", Category.PSEUDONYM, "who looks, by their own number"),
         *columns("id reason reference since until ended_at whole masked compared tries")),
        "vault", "which officer may open whose data, why and until when", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "vault_openingcount", columns("id day form opened"),
        "", "how often staff opened something on a day, of persons who were erased since", Erasure.AGGREGATE,
    ),
)  # fmt: skip
IN_KEYS = (
    Table(
        Database.KEYS, "vault_keys_epoch",
        columns("number state wraps began_at dies_at retired_at condemned_at condemned_lsn destroyed_at installation"),
        "", "epochs of the keyring; the keys are not here", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.KEYS, "vault_keys_bucket", columns("bucket_id epoch_id epoch_wraps generation cover"),
        "", "sealed covers of the trees from which persons' keys come", Erasure.DERIVED,
    ),
    Table(
        Database.KEYS, "vault_keys_personslot",
        (PERSON, Column("slot", Category.PSEUDONYM, "which leaf is this person's"), Column("allotted_at")),
        "vault", "who has which leaf; gone after erasure", Erasure.DERIVED,
    ),
    Table(
        Database.KEYS, "vault_keys_puncture", columns("request slot nonce entry_id at epoch dies_at"),
        "", "slots that were erased, by request", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.KEYS, "vault_keys_addresstoken",
        (*columns("token kind minted_at"), Column("idx", Category.CONTACT, "a keyed hash; its pepper is elsewhere")),
        "vault", "the blind index of addresses", Erasure.TOKEN,
    ),
    Table(
        Database.KEYS, "vault_keys_attestedact",
        (PERSON, Column("id"), Column("sealed", Category.ACCOUNT, "which log entries are about the person")),
        "vault", "people's own index into the log, under their keys", Erasure.SEALED,
    ),
    Table(
        Database.KEYS, "vault_keys_refusal", columns("id hour field purpose clause refused"),
        "", "how often an opening was refused", Erasure.AGGREGATE,
    ),
)  # fmt: skip


IN_FILES = (
    FileKind(
        "keys/epoch-*.key", "", "one key for each epoch; it opens the covers in avow_keys, and goes with its epoch",
        Erasure.NOT_PERSONAL,
    ),
    FileKind(
        "keys/copies.known", "", "which folders hold copies of the keys, so that one that is not mounted is noticed",
        Erasure.NOT_PERSONAL,
    ),
    FileKind("keys/.*.tmp", "", "a key on its way to its place, for a moment", Erasure.NOT_PERSONAL),
    FileKind(
        "key-backups/*.avowkeys", "", "copies of avow_keys, sealed under an epoch's key, and useless once that is gone",
        Erasure.DERIVED,
    ),
    FileKind("key-backups/.*.tmp", "", "such a copy while it is written", Erasure.DERIVED),
    FileKind(
        "key-backups/seen.json", "", "how long the log was, and which files of its kind lie beside it",
        Erasure.NOT_PERSONAL,
    ),
    FileKind(
        "key-backups/seen-*.json", "", "which slots were destroyed in an epoch whose key lives: numbers of nobody's",
        Erasure.NOT_PERSONAL,
    ),
    FileKind("keys.known", "", "which named secrets were ever made here, as commitments", Erasure.NOT_PERSONAL),
    secret("pepper", "the blind index of addresses is keyed with it"),
)  # fmt: skip


def register() -> None:
    """Declare the tables, the files and the store; called once at start."""
    register_tables(*IN_AVOW, *IN_KEYS)
    register_files(*IN_FILES)
    register_store(VaultStore())
