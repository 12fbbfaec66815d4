"""
Nouns of the register of incidents: what went wrong, whom it touched, who was told.

Holds:    the database refuses an incident that ended before it began or was noticed before that, one that is closed
          with anything undecided, and a decision of two that one officer took alone.
"""

# ruff: noqa: DJ008 - a row has no name to show: Django's default prints its number, which is all that may be printed

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from avow.sharing.incidents_states import TWO, Authority, Kind, People, Place, Risk, Stage


def _among(name: str, values: object) -> Q:
    return Q(**{f"{name}__in": [one.value for one in values]})  # type: ignore[attr-defined]


CLOSED = Q(stage=Stage.CLOSED.value)
SETTLED = Q(authority__in=["told", "not-owed"], people__in=["told", "not-owed"])


class Incident(models.Model):
    """
    One thing that went wrong with people's data.

    erasure = DERIVED: the company's own account of itself, in words under a key of its own; names nobody.
    """

    id = models.UUIDField(primary_key=True)
    key = models.UUIDField(unique=True, db_comment="Nobody's key, under which the officers' words lie")
    kind = models.CharField(max_length=12)
    happened_from = models.DateTimeField(db_comment="Known or estimated")
    happened_until = models.DateTimeField(null=True, db_comment="Empty: it goes on, or nobody knows yet")
    estimated = models.BooleanField(db_comment="Whether these two are an estimate")
    aware_at = models.DateTimeField(db_comment="When somebody of the company became aware: 72 hours begin")
    due_at = models.DateTimeField(db_comment="By when the authority must be told; anew when it is opened again")
    stage = models.CharField(max_length=8, default=Stage.OPEN.value)
    authority = models.CharField(max_length=9, default=Authority.UNDECIDED.value)
    people = models.CharField(max_length=9, default=People.UNDECIDED.value)
    risk = models.CharField(max_length=8, default="")
    fields = models.JSONField(default=list, db_comment="Names of the fields that it touched, as assessed")
    records = models.PositiveIntegerField(null=True, db_comment="About how many records, as assessed")
    registered_by = models.UUIDField(db_comment="An officer, by their own number")
    registered_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    gone_told = models.PositiveIntegerField(default=0, db_comment="Affected people erased since, who had been told")
    gone_untold = models.PositiveIntegerField(default=0, db_comment="and who had not been")

    class Meta:
        db_table_comment = "Incidents that touched people’s data; the words about them lie in notes"
        constraints: ClassVar = [
            models.CheckConstraint(name="incident_kind_known", condition=_among("kind", Kind)),
            models.CheckConstraint(name="incident_stage_known", condition=_among("stage", Stage)),
            models.CheckConstraint(name="incident_authority_known", condition=_among("authority", Authority)),
            models.CheckConstraint(name="incident_people_known", condition=_among("people", People)),
            models.CheckConstraint(name="incident_risk_known", condition=Q(risk="") | _among("risk", Risk)),
            models.CheckConstraint(
                name="incident_ends_after_it_begins",
                condition=Q(happened_until=None) | Q(happened_until__gte=F("happened_from")),
            ),
            models.CheckConstraint(
                name="incident_noticed_after_it_begins", condition=Q(aware_at__gte=F("happened_from"))
            ),
            models.CheckConstraint(name="incident_closed_when_settled", condition=~CLOSED | SETTLED),
            models.CheckConstraint(
                name="incident_closed_has_a_time",
                condition=CLOSED & Q(closed_at__isnull=False) | ~CLOSED & Q(closed_at=None),
            ),
        ]

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(Stage(self.stage), Authority(self.authority), People(self.people))


class IncidentNote(models.Model):
    """
    What an officer wrote about an incident; nothing is ever rewritten, later words come beneath.

    erasure = SEALED: under the incident's own key, which is nobody's; whoever writes names nobody.
    """

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="notes")
    topic = models.CharField(max_length=20)
    sealed = models.BinaryField(null=True, db_comment="The words; empty when their key was lost in a restore")
    by = models.UUIDField(db_comment="An officer, by their own number")
    at = models.DateTimeField()

    class Meta:
        db_table_comment = "What officers wrote about incidents, sealed"


class IncidentDecision(models.Model):
    """
    That one officer proposed a step that two must take, and who the second was.

    erasure = DERIVED: random numbers of officers.
    """

    id = models.UUIDField(primary_key=True)
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="decisions")
    step = models.CharField(max_length=20)
    reason = models.ForeignKey(IncidentNote, models.PROTECT, related_name="+")
    first = models.UUIDField(db_comment="The officer who proposed it")
    proposed_at = models.DateTimeField()
    second = models.UUIDField(null=True, db_comment="Another officer, who agreed")
    agreed_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True, db_comment="It was taken back, or what it was about changed")

    class Meta:
        db_table_comment = "Decisions about incidents that two officers take"
        constraints: ClassVar = [
            models.CheckConstraint(name="incident_decision_known", condition=_among("step", sorted(TWO))),
            models.CheckConstraint(
                name="incident_decision_of_two", condition=Q(second=None) | ~Q(second=F("first"))
            ),
            models.CheckConstraint(
                name="incident_decision_agreed_by_somebody",
                condition=Q(second=None, agreed_at=None)
                | Q(second__isnull=False, agreed_at__isnull=False, dropped_at=None),
            ),
            models.UniqueConstraint(
                name="incident_decision_one_open", fields=["incident", "step"],
                condition=Q(second=None, dropped_at=None),
            ),
        ]  # fmt: skip


class IncidentFiling(models.Model):
    """
    That the authority was told, with what exactly; later ones are additions.

    erasure = SEALED: the document lies under the incident's key; it names nobody.
    """

    id = models.UUIDField(primary_key=True)
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="filings")
    phase = models.PositiveSmallIntegerField(db_comment="1 for the first notice, then one more for each addition")
    sealed = models.BinaryField(null=True, db_comment="The document, as it was told")
    digest = models.BinaryField(db_comment="SHA-256 over the incident’s number and the document")
    told_at = models.DateTimeField(db_comment="When the authority was told, by the officer’s word")
    late = models.BooleanField(db_comment="After 72 hours from the moment of awareness")
    by = models.UUIDField(db_comment="An officer, by their own number")
    at = models.DateTimeField()

    class Meta:
        db_table_comment = "What the authority was told of incidents, and when"
        constraints: ClassVar = [
            models.UniqueConstraint(name="incident_filing_one_a_phase", fields=["incident", "phase"]),
        ]


class IncidentScope(models.Model):
    """
    Where to look for the people whom an incident touched, and how far the look has come.

    erasure = DERIVED: an officer's number, a recipient's, names of fields; no affected person.
    """

    id = models.UUIDField(primary_key=True)
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="scopes")
    kind = models.CharField(max_length=10)
    officer = models.UUIDField(null=True, db_comment="Whose openings; empty: anybody’s of the company")
    recipient = models.UUIDField(null=True, db_comment="Who had received data")
    fields = models.JSONField(default=list, db_comment="Names of fields")
    added_by = models.UUIDField(db_comment="An officer, by their own number")
    added_at = models.DateTimeField()
    reached = models.UUIDField(null=True, db_comment="Up to which number it has looked, in their order")
    looked_at = models.PositiveIntegerField(default=0, db_comment="How many it has found so far")
    beyond = models.PositiveIntegerField(default=0, db_comment="How many more there were whom nobody can name any more")
    begun_at = models.DateTimeField(db_comment="When this look began")
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Where to look for the people whom an incident touched"
        indexes: ClassVar = [models.Index(fields=["begun_at"], condition=Q(done_at=None), name="incident_scope_runs")]


class IncidentLetter(models.Model):
    """
    One sending of the notice to people: its words as they went, and whether it is done.

    erasure = SEALED: under the incident's key; the same words to everybody.
    """

    id = models.UUIDField(primary_key=True)
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="letters")
    sealed = models.BinaryField(null=True, db_comment="What the letter says, gap by gap")
    by = models.UUIDField(db_comment="An officer, by their own number")
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Notices of incidents to the people whom they touched"


class Affected(models.Model):
    """
    That an incident touched one person, and whether they know.

    erasure = DERIVED: two random numbers and times; the row goes with the person, and only counts stay.
    """

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="affected")
    person = models.UUIDField(db_index=True)
    scope = models.UUIDField(db_comment="The look that found them first; one that named them goes before")
    found_at = models.DateTimeField()
    letter = models.UUIDField(null=True, db_comment="The notice that told them")
    told_at = models.DateTimeField(
        null=True, db_comment="When it was laid into the account, and mailed where that goes"
    )
    mailed_at = models.DateTimeField(null=True, db_comment="When it was given to the mail as well")
    shown_at = models.DateTimeField(null=True, db_comment="When their own page showed it, or they read the message")
    bounced_at = models.DateTimeField(null=True, db_comment="When its mail came back")

    class Meta:
        db_table_comment = "Which persons an incident touched, one row each"
        constraints: ClassVar = [
            models.UniqueConstraint(name="incident_affected_once", fields=["incident", "person"]),
            models.CheckConstraint(
                name="incident_told_by_a_letter",
                condition=Q(told_at=None, letter=None) | Q(told_at__isnull=False, letter__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["incident", "person"], condition=Q(told_at=None), name="incident_untold"),
        ]
