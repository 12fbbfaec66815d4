"""The forms with which the desk keeps the register of incidents."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms

from avow.sharing import incidents_queries
from avow.sharing.incidents import MOST_RECORDS, Assessment, Report
from avow.sharing.incidents_finding import Scope, Where
from avow.sharing.incidents_states import KINDS, RISKS, Kind, Risk
from avow.sharing.incidents_telling import Said
from avow.sharing.incidents_words import MOST, TOPICS, Topic
from avow.vault import catalogue
from avow.web.desk.whose import whose

NO_NAMES = "No names, no addresses."
MINUTES = "%Y-%m-%dT%H:%M"


def when(label: str, *, required: bool = True, help_text: str = "UTC.") -> forms.DateTimeField:
    """Return a field for a day and a time of UTC."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTES)
    return forms.DateTimeField(
        label=label, required=required, help_text=help_text, widget=widget, input_formats=[MINUTES]
    )


def text(label: str, *, required: bool = True, help_text: str = NO_NAMES, rows: int = 3) -> forms.CharField:
    """Return a field for an officer's words."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=MOST, help_text=help_text, widget=widget)


class NewIncident(forms.Form):
    """An incident as an officer reports it."""

    number = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)  # the same form twice is one incident
    kind = forms.ChoiceField(
        label="What went wrong", widget=forms.RadioSelect, choices=[(one.value, KINDS[one]) for one in Kind]
    )
    happened = text("What happened", help_text=f"In your own words. {NO_NAMES}")
    found = text("How it was found", rows=2)
    since = when("It began", help_text="UTC; estimate it where nobody knows.")
    until = when("It ended", required=False, help_text="UTC; empty while it goes on, or nobody knows.")
    estimated = forms.BooleanField(label="These two times are an estimate", required=False)
    aware_at = when("Somebody became aware", help_text="UTC. The 72 hours begin here, not when you write this.")

    def clean(self) -> None:
        """Say at the top what is wrong with a field that nobody sees."""
        super().clean()
        if "number" in self.errors:
            self.add_error(None, "This form was altered on its way; open the page anew and write it again.")

    def report(self) -> Report:
        """Return what it says."""
        said = self.cleaned_data
        return Report(
            Kind(said["kind"]), said["happened"], said["found"], said["since"], said["until"], said["aware_at"],
            said["estimated"],
        )  # fmt: skip


class Assess(forms.Form):
    """What it means for people."""

    risk = forms.ChoiceField(
        label="It is", widget=forms.RadioSelect, choices=[(one.value, RISKS[one]) for one in Risk],
        help_text="Likely to do serious harm: people must be told. Unlikely to do any: the authority need not be.",
    )  # fmt: skip
    fields_touched = forms.MultipleChoiceField(
        label="Which data", required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )
    records = forms.IntegerField(
        label="About how many records",
        required=False,
        min_value=0,
        max_value=MOST_RECORDS,
        help_text="As far as known.",
    )
    consequences = text(TOPICS[Topic.CONSEQUENCES])
    measures = text(TOPICS[Topic.MEASURES])

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        _offer(self, "fields_touched", _fields())

    def assessment(self) -> Assessment:
        """Return what it says."""
        said = self.cleaned_data
        return Assessment(
            Risk(said["risk"]), said["consequences"], said["measures"], said["fields_touched"], said["records"]
        )


class Openings(forms.Form):
    """Look at what staff opened."""

    officer = forms.CharField(
        label="Whose openings", required=False, max_length=320,
        help_text="The officer’s address or number. Empty: anybody of the company.",
    )  # fmt: skip

    def where(self) -> Where:
        """Return where it looks."""
        said = self.cleaned_data["officer"].strip()
        return Where(Scope.OPENINGS, officer=whose(said) if said else None)


class Received(forms.Form):
    """Look at what somebody outside had been given."""

    recipient = forms.ChoiceField(label="Who had it", help_text="Partners have what names nobody: none is found.")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        _offer(self, "recipient", incidents_queries.recipients())

    def where(self) -> Where:
        """Return where it looks."""
        return Where(Scope.RECIPIENT, recipient=UUID(self.cleaned_data["recipient"]))


class Having(forms.Form):
    """Look at who had fields."""

    names = forms.MultipleChoiceField(label="Which fields", widget=forms.CheckboxSelectMultiple, choices=())

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        _offer(self, "names", [one for one in _fields() if one[0] != "password"])

    def where(self) -> Where:
        """Return where it looks."""
        return Where(Scope.FIELDS, fields=self.cleaned_data["names"])


class Everybody(forms.Form):
    """Look at everybody."""

    def where(self) -> Where:
        """Return where it looks."""
        return Where(Scope.EVERYBODY)


class Named(forms.Form):
    """A list of addresses."""

    addresses = forms.CharField(
        label="Addresses of accounts", max_length=400_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line, 1,000 at most. They are looked up at once and kept nowhere.",
    )  # fmt: skip


class File(forms.Form):
    """The authority was told."""

    told_at = when(
        "The authority was told", help_text="UTC. Download the notice first: what is kept is what it says now."
    )
    delay = text("Why later than 72 hours", required=False, help_text="Needed once the 72 hours have passed.")


class Tell(forms.Form):
    """What people are told."""

    happened = text(
        "What happened, for the people", help_text="In plain words, without names: everybody gets the same."
    )
    consequences = text(TOPICS[Topic.CONSEQUENCES])
    measures = text(TOPICS[Topic.MEASURES])

    def said(self) -> Said:
        """Return it."""
        one = self.cleaned_data
        return Said(one["happened"], one["consequences"], one["measures"])


class Reason(forms.Form):
    """Why, for a step that two take, or for opening an incident again."""

    reason = text("Why")


class Add(forms.Form):
    """What became known later."""

    topic = forms.ChoiceField(
        label="It is about", choices=[(one.value, TOPICS[one]) for one in (Topic.ADDITION, Topic.DELAY)]
    )
    words = text("What to add")


def floor(at: datetime) -> datetime:
    """Return the minute: what a field for a time can hold."""
    return at.replace(second=0, microsecond=0)


def _fields() -> list[tuple[str, str]]:
    return [(field.name, field.label) for field in catalogue.fields()]


def _offer(form: forms.Form, name: str, choices: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
