"""
Nouns of this room: a request, and what each store answered to it.

Why two halves: a person's requests are personal data, but that a request was
answered, when and how, is what we account for. So the row names the person
only while it is open; at its end the name drops and the accountable half stays
(type, dates, outcome, certificate).

Holds:    the database itself refuses a closed request that still names somebody,
          an open one that names nobody, and two open requests of one kind for one person.
"""

import secrets
import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q

from avow.requests.states import CLOSED, MOVES, OPEN, State


def new_number() -> str:
    """Draw a request's public number: 128 random bits, so that knowing it is the right to see its page."""
    return secrets.token_hex(16)


class Request(models.Model):
    """
    One person's wish to receive or to erase what is held.

    erasure = DERIVED: `person` is emptied at the end, `sealed` can no longer be opened once the request's own key
    is gone; the other columns are kind, dates and outcome, which name nobody.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(
        max_length=32, unique=True, default=new_number, db_comment="Public number of the certificate's page; random"
    )
    kind = models.CharField(max_length=16)
    state = models.CharField(max_length=16, default=State.ASKED)
    person = models.UUIDField(null=True, db_index=True, db_comment="Whose; emptied when the request closes")
    subject = models.UUIDField(null=True, db_comment="The request's own key in the vault; punctured last, then emptied")
    sealed = models.BinaryField(
        null=True, db_comment="What must be known after the destruction, under the request's own key"
    )
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(db_comment="asked_at plus the days that the policy in force promises")
    moved_at = models.DateTimeField(db_comment="When it came into its present state")
    asked_by = models.CharField(max_length=8, db_comment="person, staff or service; never who")
    channel = models.CharField(max_length=8, db_comment="web, mail, desk, shell, api, unused, or check for a rehearsal")
    policy = models.CharField(max_length=64, db_comment="SHA-256 of the policy in force when it was asked")
    statement = models.UUIDField(null=True, db_comment="The log entry of its certificate or manifest")

    class Meta:
        db_table_comment = "Requests of people; who asked is kept only while a request is open"
        constraints = [
            models.CheckConstraint(
                name="request_stands_where_its_kind_may",
                condition=Q(
                    *[Q(kind=kind.value, state__in=[state.value for state in moves]) for kind, moves in MOVES.items()],
                    _connector=Q.OR,
                ),
            ),
            models.CheckConstraint(
                name="request_names_somebody_only_while_open",
                condition=Q(state__in=sorted(OPEN), person__isnull=False)
                | Q(state__in=sorted(CLOSED), person__isnull=True, subject__isnull=True),
            ),
            models.CheckConstraint(
                name="request_complete_with_its_statement",
                condition=~Q(state=State.COMPLETE.value) | Q(statement__isnull=False),
            ),
            models.CheckConstraint(
                name="request_asked_by_a_known_kind_of_actor", condition=Q(asked_by__in=["person", "staff", "service"])
            ),
            models.CheckConstraint(
                name="request_channel_known",
                condition=Q(channel__in=["web", "mail", "desk", "shell", "api", "check", "unused"]),
            ),
            models.CheckConstraint(name="request_due_after_asked", condition=Q(due_at__gte=F("asked_at"))),
            models.UniqueConstraint(
                name="request_one_open_of_a_kind", fields=["person", "kind"], condition=Q(state__in=sorted(OPEN))
            ),
        ]

    def __str__(self) -> str:
        """Name the request by its public number."""
        return f"{self.kind} {self.number}"

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return State(self.state) in OPEN

    def late(self, now: datetime) -> bool:
        """Whether the promised day has passed without an answer."""
        return self.is_open and now > self.due_at


class StoreAck(models.Model):
    """
    What one store held and that it has forgotten, for one erasure.

    erasure = NOT_PERSONAL: counts and times; the request it belongs to names nobody once it is closed.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="acks")
    store = models.CharField(max_length=32)
    title = models.CharField(max_length=80)
    state = models.CharField(max_length=10, default="holding")
    place = models.PositiveSmallIntegerField(db_comment="Its turn: upper rooms first, the vault last")
    rows = models.PositiveIntegerField(db_comment="How many rows it held, counted before anything was destroyed")
    acknowledged_at = models.DateTimeField(null=True, db_comment="When it had forgotten and counted none left")

    class Meta:
        db_table_comment = "One row a store and erasure: what it held, and when it had forgotten"
        ordering = ["place", "id"]
        constraints = [
            models.UniqueConstraint(name="storeack_one_a_store", fields=["request", "store"]),
            models.CheckConstraint(
                name="storeack_forgotten_at_a_time",
                condition=Q(state="holding", acknowledged_at__isnull=True)
                | Q(state="forgotten", acknowledged_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        """Name the store and what it answered."""
        return f"{self.store}: {self.state}"


class UnusedAccount(models.Model):
    """
    That somebody was told that their unused account will be erased.

    erasure = DERIVED: the row goes when they come back, or with the account.
    """

    person = models.UUIDField(primary_key=True)
    told_at = models.DateTimeField()
    erase_at = models.DateTimeField(db_index=True)
    erased = models.BooleanField(default=False, db_comment="Its erasure was asked for; the row goes with the account")

    class Meta:
        db_table_comment = "Unused accounts whose people were told"

    def __str__(self) -> str:
        """Name the person's number."""
        return str(self.person)


from avow.requests.case_models import Case, CaseMessage, Confirmation  # noqa: E402 - Django looks for tables here
from avow.requests.digest_models import Digest  # noqa: E402
from avow.requests.flag_models import Flag  # noqa: E402

__all__ = [
    "Case",
    "CaseMessage",
    "Confirmation",
    "Digest",
    "Flag",
    "Request",
    "StoreAck",
    "UnusedAccount",
    "new_number",
]
