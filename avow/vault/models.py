"""
Nouns of the vault in avow: persons, their sealed fields and addresses, and what they chose.

Why the choices lie here: the gate must see grants, objections and the freeze, and the gate is
here. The pages that write them are rooms above.

Holds:    no clear value about a person: all of it is ciphertext under that person's key.
          SealedField shows no row until a transaction names the persons it is about
          (row-level security, forced even on the tables' owner).
Does not: name anybody. A person is a random number; after erasure it stays, so that an opening
          can answer "erased", and nothing leads from it to a key.
"""

# ruff: noqa: DJ008 - a row has no name to show: Django's default prints its number, which is all that may be printed

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from avow.vault.holds_states import KEYED, OVER, SIGNED, State

DIGEST = 64  # hex digits of a policy's sha256
LONGEST_HOLD = timedelta(days=90)
SIGNERS = ("proposed_by", "confirmed_by", "longer_by", "prolonged_by", "release_by", "released_by")  # of a hold


def _by_another(first: str, second: str) -> Q:
    """Return the rule that a second signature is another officer's than the first."""
    return Q(**{second: None}) | (Q(**{f"{first}__isnull": False}) & ~Q(**{second: models.F(first)}))


def _in(states: Collection[State]) -> Q:
    """Return that a hold is in one of these states, in the words of the column."""
    return Q(state__in=sorted(state.value for state in states))


class PersonKind(models.TextChoices):
    """Whose key it is."""

    ACCOUNT = "account", "a person with an account"
    BROWSER = "browser", "a browser without account: a person too"
    SUBJECT = "subject", "no person: a request's or a check's own key"


class Person(models.Model):
    """
    Somebody whose data is here, as a number without meaning.

    erasure = DERIVED: the slot goes at erasure; the random number and three times stay and lead nowhere.
    """

    person = models.UUIDField(primary_key=True)
    slot = models.BigIntegerField(
        unique=True, null=True, db_comment="Copy of avow_keys' slot, to heal an older key store; null once erased"
    )
    kind = models.CharField(max_length=8, choices=PersonKind)
    enrolled_at = models.DateTimeField()
    erasing_since = models.DateTimeField(null=True, db_comment="An erasure is under way: nothing new is sealed")
    erased_at = models.DateTimeField(null=True, db_comment="When the key was destroyed")
    signed_up_under = models.CharField(max_length=DIGEST, default="", db_comment="sha256 of the policy in force then")
    governed_by = models.CharField(
        max_length=DIGEST, default="", db_comment="sha256 of the newest policy this person accepted; empty: the first"
    )

    class Meta:
        db_table_comment = "Persons, each with one key in avow_keys"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=PersonKind.values), name="person_kind_known"),
            models.CheckConstraint(
                condition=Q(erased_at=None, slot__isnull=False) | Q(erased_at__isnull=False, slot=None),
                name="person_has_a_slot_or_is_erased",
            ),
        ]


class SealedField(models.Model):
    """
    One value that a person gave, sealed; older values stay with the time at which they were replaced.

    erasure = SEALED: under the person's key; the rows are removed too.
    """

    pk = models.CompositePrimaryKey("person", "field", "ordinal")
    person = models.UUIDField()
    field = models.CharField(max_length=80, db_comment="A name of the catalogue")
    ordinal = models.PositiveIntegerField(db_comment="1, 2, 3 for each value of this field; bound into the seal")
    policy = models.CharField(
        max_length=DIGEST, db_comment="sha256 of the policy it was collected under; bound into the seal"
    )
    source = models.CharField(max_length=40, db_comment="Where it came from: sign-up, settings, import")
    collected_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, db_comment="When a newer value, or none, took its place")
    ciphertext = models.BinaryField()

    class Meta:
        db_table_comment = "Personal fields; row-level security is forced, see current_setting('avow.person')"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "field"], condition=Q(superseded_at=None), name="field_one_current_value"
            ),
            models.CheckConstraint(condition=Q(ordinal__gte=1), name="field_ordinal_from_one"),
        ]


class AddressSealed(models.Model):
    """
    An address as one person gave it, beside the token that stands for it.

    erasure = SEALED: under the person's key; the row is removed too. No row-level security: erasing must see who else
    holds a token, and a row shows two random numbers.
    """

    pk = models.CompositePrimaryKey("token", "person")
    token = models.CharField(max_length=24)
    person = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=16)
    policy = models.CharField(
        max_length=DIGEST, db_comment="sha256 of the policy it was collected under; bound into the seal"
    )
    collected_at = models.DateTimeField()
    ciphertext = models.BinaryField()

    class Meta:
        db_table_comment = "Addresses; the index that finds them lies in avow_keys"


class Grant(models.Model):
    """
    A purpose that a person allowed beyond the policy.

    erasure = DERIVED: a choice beside a random number; removed with the person.
    """

    person = models.UUIDField(db_index=True)
    purpose = models.CharField(max_length=40)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, db_comment="A grant can end by itself")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "What persons allowed; the newest of a purpose counts"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "purpose"], condition=Q(withdrawn_at=None), name="grant_one_standing"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=models.F("since")), name="grant_ends_after_it_begins"
            ),
        ]


class Objection(models.Model):
    """
    A purpose that a person does not want.

    erasure = DERIVED: a choice beside a random number; removed with the person.
    """

    person = models.UUIDField(db_index=True)
    purpose = models.CharField(max_length=40)
    since = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "What persons objected to"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "purpose"], condition=Q(withdrawn_at=None), name="objection_one_standing"
            ),
        ]


class Freeze(models.Model):
    """
    A person's wish that nothing optional be done with their data for now.

    erasure = DERIVED: a choice beside a random number; removed with the person.
    """

    person = models.UUIDField(db_index=True)
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Data that rests: as if its person had objected to every purpose that can be objected to"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person"], condition=Q(lifted_at=None), name="freeze_one_standing"),
        ]


class Destroyed(models.Model):
    """
    A slot whose key the log calls destroyed.

    erasure = NOT_PERSONAL: a slot belongs to nobody once it is here. The restore fence of issue 4 reads it.
    """

    slot = models.BigIntegerField(primary_key=True)
    entry_id = models.UUIDField(db_comment="The log entry key.destroyed; its receipt gives the leaf's number")
    nonce = models.BinaryField(db_comment="With the slot it opens the commitment in that entry")
    destroyed_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Slots destroyed; held against a restored key store"


class Hold(models.Model):
    """
    That some fields of one person are kept because of a legal duty, by whom, on what it rests, and until when.

    Why the two signatures stand in one row: so that the database itself refuses a second one by the same hand, and any
    by the officer whom the hold is about.

    erasure = NOT_PERSONAL: outlives the person until it ends, with a random number that leads to no key but its own;
    the number is emptied at its end.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.UUIDField(null=True, db_index=True, db_comment="Whose; emptied when the hold ends")
    fields = models.JSONField(db_comment="Names of the fields in scope")
    collected_from = models.DateTimeField(null=True, db_comment="Only values given from here on; empty: from the first")
    collected_to = models.DateTimeField(null=True, db_comment="Only values given up to here; empty: to the last")
    basis = models.TextField(db_comment="Where the basis lies: a file number, never a name of the person")
    gagged = models.BooleanField(default=False, db_comment="Whether it is forbidden to tell the person")
    state = models.CharField(max_length=8, default=State.PROPOSED.value, db_comment="A name of holds_states.MOVES")
    proposed_by = models.UUIDField(db_comment="The officer, by their own number")
    confirmed_by = models.UUIDField(null=True, db_comment="A second officer")
    proposed_at = models.DateTimeField()
    until = models.DateTimeField(db_comment="It ends by itself; at most ninety days after until_set_at")
    until_set_at = models.DateTimeField(db_comment="When it was proposed, or last prolonged")
    longer_until = models.DateTimeField(null=True, db_comment="A longer end, proposed and not confirmed yet")
    longer_by = models.UUIDField(null=True, db_comment="Who proposed the newest longer end")
    prolonged_by = models.UUIDField(null=True, db_comment="Who confirmed it, a second officer")
    release_by = models.UUIDField(null=True, db_comment="Who proposed to release it before its day")
    released_by = models.UUIDField(null=True, db_comment="Who confirmed that, a second officer")
    subject = models.UUIDField(null=True, db_comment="The hold's own key, from its second signature to its end")
    kept_at = models.DateTimeField(null=True, db_comment="When the person was erased and the fields were kept")
    ending_since = models.DateTimeField(null=True, db_comment="When it ceased to stand; its key is being destroyed")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Legal holds: which fields of whom are kept, and until when"
        constraints: ClassVar = [
            models.CheckConstraint(name="hold_state_known", condition=Q(state__in=[state.value for state in State])),
            models.CheckConstraint(
                name="hold_confirmed_by_another", condition=_by_another("proposed_by", "confirmed_by")
            ),
            models.CheckConstraint(
                name="hold_prolonged_by_another", condition=_by_another("longer_by", "prolonged_by")
            ),
            models.CheckConstraint(name="hold_released_by_another", condition=_by_another("release_by", "released_by")),
            models.CheckConstraint(
                name="hold_stands_when_two_signed",
                condition=~_in(SIGNED) | Q(confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="hold_ends_within_ninety_days",
                condition=Q(until__gt=models.F("until_set_at"), until__lte=models.F("until_set_at") + LONGEST_HOLD),
            ),
            models.CheckConstraint(
                name="hold_ends_on_its_day_or_by_two",
                condition=~_in({State.ENDING, State.ENDED})
                | Q(Q(ending_since__gte=models.F("until")) | Q(released_by__isnull=False), ending_since__isnull=False),
            ),
            models.CheckConstraint(
                name="hold_has_a_key_while_it_stands",
                condition=_in(KEYED) & Q(subject__isnull=False) | ~_in(KEYED) & Q(subject=None),
            ),
            models.CheckConstraint(
                name="hold_that_is_over_names_nobody",
                condition=_in(OVER) & Q(person=None, ended_at__isnull=False)
                | ~_in(OVER) & Q(person__isnull=False, ended_at=None),
            ),
            models.CheckConstraint(
                name="hold_not_signed_by_whom_it_is_about",
                condition=Q(person=None)
                | Q(*[~Q(**{signer: models.F("person")}) | Q(**{signer: None}) for signer in SIGNERS]),
            ),
            models.CheckConstraint(
                name="hold_dates_in_order",
                condition=Q(collected_from=None)
                | Q(collected_to=None)
                | Q(collected_from__lte=models.F("collected_to")),
            ),
        ]


class Origin(models.TextChoices):
    """Where a held value lay."""

    FIELD = "field", "among the fields that its person gave"
    ADDRESS = "address", "among the addresses under which they could be reached"


class HeldField(models.Model):
    """
    A value that a hold keeps: of somebody who was erased, or who replaced it while the hold stood.

    erasure = SEALED: under the hold's own key, which is destroyed when the hold ends; the row is removed too.
    """

    hold = models.ForeignKey(Hold, models.PROTECT, related_name="held")
    field = models.CharField(max_length=80)
    origin = models.CharField(max_length=7, choices=Origin)
    place = models.CharField(
        max_length=32, db_comment="Which value it is, under the hold's key: keeping it twice keeps it once"
    )
    policy = models.CharField(max_length=DIGEST, db_comment="sha256 of the policy it was collected under")
    collected_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, db_comment="When its person replaced or removed it")
    kept_at = models.DateTimeField()
    ciphertext = models.BinaryField()

    class Meta:
        db_table_comment = "What holds keep, each value under its hold's own key"
        constraints: ClassVar = [
            models.UniqueConstraint(name="held_once", fields=["hold", "place"]),
            models.CheckConstraint(name="held_origin_known", condition=Q(origin__in=Origin.values)),
        ]


class RecipientKind(models.TextChoices):
    """Who may ever receive anything: the closed list, in which no buyer stands."""

    AGENT = "agent", "works for the company, under its contract"
    PARTNER = "partner", "receives what is anonymous or summed up"
    AUTHORITY = "authority", "asks by law"


class Recipient(models.Model):
    """
    Somebody outside to whom something may go, once a grant says what.

    erasure = NOT_PERSONAL: companies and offices, not people.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=9, choices=RecipientKind)
    name = models.TextField(unique=True, db_comment="As the public register shows it")
    facts = models.JSONField(default=dict, db_comment="What the register says: service, place, site, contact, address")
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, db_comment="Nothing goes there any more")

    class Meta:
        db_table_comment = "Agents, partners and authorities; nothing leaves to anybody else"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=RecipientKind.values), name="recipient_kind_known"),
        ]


class RecipientGrant(models.Model):
    """
    What one recipient may receive, for which purpose, under which contract and until when.

    erasure = NOT_PERSONAL: names of fields, never values.
    """

    id = models.UUIDField(primary_key=True)
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="grants")
    what = models.JSONField(db_comment="Names of fields or of releases; anything else is refused")
    purpose = models.CharField(max_length=40)
    promise = models.CharField(max_length=40, db_comment="The sentence that allows it, by what it promises")
    contract = models.TextField(db_comment="Where the contract or the basis lies, as the register says it")
    since = models.DateTimeField()
    until = models.DateTimeField(db_comment="When it is reviewed; past it, nothing goes")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Grants of recipients; without a standing one, nothing leaves"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gt=models.F("since")), name="grant_of_recipient_ends_later"),
        ]


class Egress(models.Model):
    """
    That something left, to whom and under which sentence; names nobody.

    erasure = NOT_PERSONAL: names of fields and a salted digest of what left.
    """

    id = models.UUIDField(primary_key=True)
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="+")
    grant = models.ForeignKey(RecipientGrant, models.PROTECT, related_name="+")
    what = models.JSONField(db_comment="Names of what went")
    purpose = models.CharField(max_length=40)
    clause = models.CharField(max_length=80, db_comment="The sentence in force that allows it, by its clause's name")
    policy = models.CharField(max_length=DIGEST)
    salt = models.BinaryField(db_comment="Digests of few possible contents could be guessed without it")
    digest = models.BinaryField(db_comment="SHA-256 over salt and content")
    people = models.PositiveIntegerField(db_comment="How many people's data: 1 for an agent's errand, 0 for aggregates")
    at = models.DateTimeField()

    class Meta:
        db_table_comment = "Everything that left to somebody outside, one row each"


class OpeningReason(models.TextChoices):
    """Why an officer may look: the closed list."""

    REQUEST = "request", "a request or letter from the person"
    QUESTION = "question", "a question that came another way"
    SECURITY = "security", "the safety of the account"
    LAW = "law", "a disclosure that the law asks for"
    CORRECTION = "correction", "a correction that was asked for"


class OpeningCase(models.Model):
    """
    That one officer may open one person's data for a reason, until when, and how often they did.

    erasure = DERIVED: numbers beside a random one; the row goes with its person, and only counts by day stay.
    """

    id = models.UUIDField(primary_key=True)
    person = models.UUIDField(
        db_index=True, db_comment="Whose data; also a request's own key, while nobody knows whose"
    )
    officer = models.UUIDField(db_comment="Who looks, by their own number; never the person themselves")
    reason = models.CharField(max_length=12, choices=OpeningReason)
    reference = models.CharField(max_length=40, blank=True, db_comment="The officer's own file number, never a name")
    since = models.DateTimeField()
    until = models.DateTimeField(db_comment="It ends by itself, a day later at most")
    ended_at = models.DateTimeField(null=True, db_comment="When somebody ended it before")
    whole = models.PositiveIntegerField(default=0, db_comment="Openings that gave whole values")
    masked = models.PositiveIntegerField(default=0, db_comment="Openings that gave masks")
    compared = models.PositiveIntegerField(default=0, db_comment="Openings that gave a yes or a no")
    tries = models.JSONField(default=dict, db_comment="Comparisons by name of field, to limit them")

    class Meta:
        db_table_comment = "Cases of officers for persons; staff open nothing without a standing one"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(reason__in=OpeningReason.values), name="opening_reason_known"),
            models.CheckConstraint(condition=~Q(officer=models.F("person")), name="opening_never_on_oneself"),
            models.CheckConstraint(
                condition=Q(until__gt=models.F("since")) & Q(until__lte=models.F("since") + timedelta(hours=24)),
                name="opening_ends_within_a_day",
            ),
        ]

    @property
    def opened(self) -> int:
        """How many openings it counts, in whatever form."""
        return self.whole + self.masked + self.compared

    @property
    def ends(self) -> datetime:
        """When it ended, or will."""
        return min(self.ended_at, self.until) if self.ended_at else self.until


class OpeningCount(models.Model):
    """
    How often staff opened something on a day, by form, of persons who were erased since.

    erasure = AGGREGATE: counts; neither whose data nor which officer.
    """

    day = models.DateField()
    form = models.CharField(max_length=8)
    opened = models.PositiveIntegerField()

    class Meta:
        db_table_comment = "Openings by staff of a day, kept when their cases went with the person"
        constraints: ClassVar = [models.UniqueConstraint(fields=["day", "form"], name="opening_count_one_row")]
