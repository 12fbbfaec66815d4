"""Nouns: what waits, the ledger, what accounts keep, switches, sendings to all, announcements, notices, what came."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

STATES = ("waiting", "kept", "sent", "expired", "failed", "in-doubt", "withdrawn", "suppressed", "in-account")
MOVES: dict[str, frozenset[str]] = {
    "waiting": frozenset({"kept", "sent", "expired", "failed", "in-doubt", "withdrawn", "suppressed"}),
    "kept": frozenset({"expired", "withdrawn"}),  # without a relay: shown in the demo's box, or not at all
    "sent": frozenset(),
    "expired": frozenset(),
    "failed": frozenset(),  # the relay refused it at every try, or the text gateway did
    "in-doubt": frozenset(),  # news that a lost connection may have taken, or a text: not sent again
    "withdrawn": frozenset(),  # its person was erased
    "suppressed": frozenset(),  # a choice of its person stopped it, at the door or while it waited
    "in-account": frozenset(),  # shown in the account alone: no address, or its mail is switched off
}
BEGINS = frozenset({"waiting", "suppressed", "in-account"})


class Outgoing(models.Model):
    """
    One message that waits for its relay or gateway, or is kept because there is none.

    erasure = SEALED: address and text lie under the person's key, or under an installation key while
    the address is nobody's; the row is removed when the message went, ended, or its person is erased.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.UUIDField(null=True, db_index=True, db_comment="Whose key seals it; null: nobody's address yet")
    sealed = models.BinaryField(db_comment="Address, subject and text")
    kind = models.TextField(db_comment="A class or topic; decides the purpose that opens it")
    queued_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True, db_comment="Not sent, and not kept, after this")
    channel = models.TextField(
        default="mail", db_default="mail", db_comment="By which way it goes; its envelope agrees"
    )
    campaign = models.UUIDField(null=True, db_index=True, db_comment="The sending to all that it belongs to")
    not_before = models.DateTimeField(null=True, db_comment="Waits for the morning, or for a server that said later")
    tries = models.PositiveSmallIntegerField(default=0, db_comment="How often a server said later")
    doubtful = models.BooleanField(
        default=False,
        db_default=False,
        db_comment="The text gateway was begun to be given it, and gave no clear answer",
    )
    run = models.UUIDField(null=True, db_comment="The run that took it, whose journal says what became of it")
    taken_at = models.DateTimeField(null=True, db_comment="When the run took it")

    class Meta:
        db_table_comment = "Messages that wait; empty rows do not exist, sent ones are removed"
        indexes: ClassVar = [
            models.Index(fields=["queued_at"], condition=Q(run=None), name="outgoing_waits"),
            models.Index(fields=["run"], condition=Q(run__isnull=False), name="outgoing_taken"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="outgoing_taken_by_a_run",
                condition=Q(run=None, taken_at=None) | Q(run__isnull=False, taken_at__isnull=False),
            ),
            models.CheckConstraint(  # a text answers one's own act: no topic, no notice, no sending to all
                name="outgoing_text_or_mail",
                condition=Q(channel="mail", doubtful=False)
                | Q(channel="text", kind__in=["code", "security", "answer"], campaign=None, run=None),
            ),
        ]

    def __str__(self) -> str:
        """Name the message by its number."""
        return str(self.id)

    @property
    def whose(self) -> uuid.UUID:
        """Whose message it is, where it has a person."""
        assert self.person is not None, "a message of a topic, or a notice, has a person"
        return self.person


class Ledger(models.Model):
    """
    That a message of this kind went, or why it did not; it names nobody.

    erasure = NOT_PERSONAL: kind, letter, times and outcome; the number leads to a person only while the message waits.
    """

    message = models.UUIDField(primary_key=True, editable=False)
    kind = models.TextField()
    letter = models.TextField()
    state = models.TextField()
    reason = models.TextField(default="", db_comment="Why no mail went: a word of deciding.Reason; else empty")
    channel = models.TextField(default="mail", db_default="mail", db_comment="By which way: mail, or text to a phone")
    campaign = models.UUIDField(null=True, db_comment="The sending to all that it belongs to")
    queued_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["campaign", "state"], condition=Q(campaign__isnull=False), name="ledger_of_a_campaign"
            ),
            models.Index(fields=["queued_at"], condition=Q(channel="text"), name="ledger_of_texts"),
        ]
        db_table_comment = "Every message that was asked for, and what became of it"
        constraints: ClassVar = [
            models.CheckConstraint(name="ledger_state_is_known", condition=Q(state__in=STATES)),
            models.CheckConstraint(name="ledger_channel_is_known", condition=Q(channel__in=["mail", "text"])),
            models.CheckConstraint(
                name="ledger_settled_or_waiting", condition=Q(state="waiting") ^ Q(settled_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        """Say what became of it."""
        return f"{self.letter}: {self.state}"


class Kept(models.Model):
    """
    One message in a person's account, or that one was stopped.

    erasure = SEALED: subject and text lie under the person's key; the row ends by itself, or with the person.
    """

    message = models.UUIDField(primary_key=True, editable=False, db_comment="The ledger's row")
    person = models.UUIDField(db_index=True)
    kind = models.TextField()
    sealed = models.BinaryField(null=True, db_comment="Subject and text; null: it was stopped, and nothing is kept")
    campaign = models.UUIDField(null=True, db_comment="The sending to all that it belongs to")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table_comment = "What people read in their accounts"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_message_a_person_and_campaign",
                fields=["campaign", "person"],
                condition=Q(campaign__isnull=False),
            )
        ]

    def __str__(self) -> str:
        """Name the message by its number."""
        return str(self.message)


class Switch(models.Model):
    """
    That a person switched a kind of message off, since when, how, and until when.

    erasure = DERIVED: a random number, a kind and times; the row goes with the person.
    """

    person = models.UUIDField()
    kind = models.TextField(db_comment="A topic, or notice: mail of legal notices")
    way = models.TextField(db_comment="How: account, link, one-click, mail")
    off_since = models.DateTimeField()
    on_again_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Messages that people switched off; a row whose end is empty stands"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_standing_switch", fields=["person", "kind"], condition=Q(on_again_at__isnull=True)
            ),
            models.CheckConstraint(
                name="on_again_after_off",
                condition=Q(on_again_at__isnull=True) | Q(on_again_at__gte=models.F("off_since")),
            ),
        ]

    def __str__(self) -> str:
        """Say which kind."""
        return f"{self.kind} off"


class Suppression(models.Model):
    """
    That some address, whose person was erased, had asked not to be written to about a topic.

    erasure = NOT_PERSONAL: an HMAC of address and topic under a secret of its own in the keyring. Without that
    secret it says nothing; with it, only whoever has the address can ask. It outlives the person: that is its use.
    """

    mac = models.BinaryField(primary_key=True, max_length=32)
    since = models.DateField(db_comment="A day, no moment: the row shall not be matched with an erasure")

    class Meta:
        db_table_comment = "Addresses of the erased that asked not to be written to, as keyed hashes"

    def __str__(self) -> str:
        """Name the row, which names nobody."""
        return bytes(self.mac).hex()[:8]


class NextText(models.Model):
    """
    A text of the policy that one officer put forward, and what became of it.

    erasure = NOT_PERSONAL: the company's own text; two random numbers of officers lead nowhere once those are erased.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    text = models.BinaryField(db_comment="The Markdown file, byte for byte")
    clauses = models.BinaryField(db_comment="Its table, byte for byte")
    announcement = models.TextField()
    put_by = models.UUIDField(db_comment="An officer, by their own number")
    put_at = models.DateTimeField()
    state = models.TextField(default="waiting")
    settled_by = models.UUIDField(null=True, db_comment="Who published or withdrew it")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Texts of the policy that wait for a second officer, or did"
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_next_text", fields=["state"], condition=Q(state="waiting")),
            models.CheckConstraint(
                name="next_text_settled_by_somebody",
                condition=Q(state="waiting", settled_by=None, settled_at=None)
                | Q(state__in=["published", "withdrawn"], settled_by__isnull=False, settled_at__isnull=False),
            ),
            models.CheckConstraint(
                name="next_text_published_by_another", condition=~Q(state="published", settled_by=F("put_by"))
            ),
        ]

    def __str__(self) -> str:
        """Say where it stands."""
        return self.state


class Campaign(models.Model):
    """
    One sending to everyone with an account: a topic, a subject and a text that the company wrote.

    erasure = NOT_PERSONAL: the company's own words to all; `reached` is the random number up to which it went,
    and is emptied when it is done.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    topic = models.TextField()
    subject = models.TextField()
    text = models.TextField()
    composed_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, db_comment="Whoever had an account then is written to; null: a draft")
    ended_at = models.DateTimeField(null=True)
    reached = models.UUIDField(null=True, db_comment="The last person that it came to, in the order of numbers")
    handled = models.PositiveIntegerField(default=0)
    moved_at = models.DateTimeField(null=True, db_comment="When it last went on: by a batch, or at somebody's word")
    came_back = models.PositiveIntegerField(
        default=0, db_comment="To how many its mail came back for good, as last seen"
    )
    called_spam = models.PositiveIntegerField(default=0, db_comment="By how many it was called spam, as last seen")
    judged_from = models.DateTimeField(null=True, db_comment="What came back before is accepted: somebody let it go on")
    stopped_at = models.DateTimeField(null=True, db_comment="It waits for somebody at the desk since")
    stopped_for = models.TextField(default="", db_comment="Why: a word of campaign_states.Stop")

    class Meta:
        db_table_comment = "Messages of a topic to everyone, composed at the desk"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="campaign_stops_for_a_reason",
                condition=Q(stopped_at=None, stopped_for="") | (Q(stopped_at__isnull=False) & ~Q(stopped_for="")),
            ),
            models.CheckConstraint(
                name="campaign_ends_after_it_starts",
                condition=Q(ended_at__isnull=True) | Q(started_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        """Say its topic."""
        return self.topic


class Announcement(models.Model):
    """
    Something that was told to everybody on the site.

    erasure = NOT_PERSONAL: the company's own words, to everybody.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=16)
    title = models.TextField()
    text = models.TextField()
    version = models.CharField(  # noqa: DJ001 - null, since many announce no version and the others are unique
        max_length=64, null=True, unique=True, db_comment="sha256 of the text it announces: one announcement a version"
    )
    published_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table_comment = "What was announced on the site, newest first"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="policy") ^ Q(version=None), name="announcement_of_a_policy_names_its_version"
            ),
        ]

    def __str__(self) -> str:
        """Say what it announces."""
        return self.title


class PolicyNotice(models.Model):
    """
    That one person is owed the notice of one version, and how far it has come.

    erasure = DERIVED: times beside a random number; removed with the person.
    """

    person = models.UUIDField()
    version = models.CharField(max_length=64, db_comment="sha256 of the text that changed the policy")
    effective_at = models.DateTimeField(db_comment="When it takes effect: midnight UTC of its date")
    due_at = models.DateTimeField(db_comment="When the person came into the audience")
    mailed_at = models.DateTimeField(null=True, db_comment="Handed to the one door for messages, which did not stop it")
    account_at = models.DateTimeField(null=True, db_comment="Laid into the account, for whoever signs in next")
    bounced_at = models.DateTimeField(null=True, db_comment="Its mail came back, and the address counts as dead")
    shown_at = models.DateTimeField(null=True, db_comment="A page that carried the notice was answered to the person")
    shown_as = models.CharField(max_length=64, default="", db_comment="sha256 of the notice as that page carried it")
    shown_by = models.CharField(max_length=8, default="", db_comment="By which channel: page or api")
    accepted_at = models.DateTimeField(
        null=True, db_comment="First use of the service after both: in effect, and shown"
    )
    accepted_by = models.CharField(max_length=40, default="", db_comment="What the person did: the name of an address")
    receipt = models.UUIDField(null=True, db_comment="The log's entry of the receipt")

    class Meta:
        db_table_comment = "Notices of changed policies, one a person and version"
        indexes: ClassVar = [models.Index(fields=["due_at"], condition=Q(account_at=None), name="notice_waits")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "version"], name="notice_once_a_person_and_version"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(accepted_at__gt=F("shown_at"), accepted_at__gte=F("effective_at")),
                name="notice_accepted_after_shown_and_in_effect",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(shown_at__isnull=False), name="notice_accepted_only_when_shown"
            ),
        ]

    def __str__(self) -> str:
        """Name the row by its numbers."""
        return f"{self.person} {self.version[:8]}"


class Incoming(models.Model):
    """
    One mail that came; its content waits here until it is taken up, and then lies in a case or nowhere.

    erasure = SEALED: the letter lies under its person's key, or under a key of its own while the sender is unknown;
    sender is a blind index and means nothing without the pepper; rows go after a month.
    """

    STATES: ClassVar = ("waiting", "case", "filed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.BinaryField(unique=True, db_comment="HMAC of Message-ID and content: the same mail twice is one")
    sender = models.BinaryField(null=True, db_index=True, db_comment="Blind index of the address, for limits")
    person = models.UUIDField(null=True, db_index=True, db_comment="Whose key seals it while it waits")
    subject = models.UUIDField(null=True, db_comment="The key of its own of a mail from somebody unknown")
    sealed = models.BinaryField(null=True, db_comment="The letter; emptied when it is taken up")
    state = models.TextField()
    reason = models.TextField(default="", db_comment="Why it was filed without a case: a word of a closed list")
    answered = models.BooleanField(default=False, db_comment="Whether an automatic answer went")
    came_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table_comment = "Mails that came; emptied once taken up, removed after a month"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="incoming_sealed_while_waiting",
                condition=Q(state="waiting", sealed__isnull=False)
                | Q(state__in=["case", "filed"], sealed__isnull=True, person__isnull=True),
            ),
            models.CheckConstraint(
                name="incoming_under_one_key", condition=Q(person__isnull=True) | Q(subject__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        """Say what became of it."""
        return f"{self.state} {self.reason}".strip()


from avow.communications.bounce_models import Bounce  # noqa: E402 - Django looks for tables here
from avow.communications.rendering_models import RenderedNotice  # noqa: E402

__all__ = [
    "BEGINS",
    "MOVES",
    "STATES",
    "Announcement",
    "Bounce",
    "Campaign",
    "Incoming",
    "Kept",
    "Ledger",
    "NextText",
    "Outgoing",
    "PolicyNotice",
    "RenderedNotice",
    "Suppression",
    "Switch",
]
