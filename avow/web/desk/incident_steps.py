"""
What each form of an incident's page does: its fields, the act behind it, and what the officer reads when it is done.

Why as a table: a page with fifteen buttons is fifteen branches otherwise, and one of them forgets who pressed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django import forms

from avow.sharing import incidents, incidents_filing, incidents_finding, incidents_signing, incidents_telling
from avow.sharing.incidents_states import Step
from avow.sharing.incidents_words import Topic
from avow.web.desk.incident_forms import Add, Assess, Everybody, File, Having, Named, Openings, Reason, Received, Tell


@dataclass(frozen=True)
class At:
    """Where a button was pressed, by whom and when; `about` is the look or the proposal that it stood beside."""

    number: UUID
    about: UUID
    by: UUID
    now: datetime


@dataclass(frozen=True)
class Way:
    """One thing that can be done."""

    form: type[forms.Form]
    act: Callable[[At, Any], object]  # with the form, once it was read
    said: str


def _look(at: At, form: Any) -> object:
    return incidents_finding.look(at.number, form.where(), by=at.by, now=at.now)


def _name(at: At, form: Any) -> object:
    return incidents_finding.name(at.number, form.cleaned_data["addresses"].splitlines(), by=at.by, now=at.now)


def _again(at: At, _: Any) -> None:
    incidents_finding.again(at.number, at.about, by=at.by, now=at.now)


def _drop(at: At, _: Any) -> None:
    incidents_finding.drop(at.number, at.about, by=at.by, now=at.now)


def _assess(at: At, form: Any) -> None:
    incidents.assess(at.number, form.assessment(), by=at.by, now=at.now)


def _add(at: At, form: Any) -> None:
    said = form.cleaned_data
    incidents.add_words(at.number, Topic(said["topic"]), said["words"], by=at.by, now=at.now)


def _reopen(at: At, form: Any) -> None:
    incidents.reopen(at.number, form.cleaned_data["reason"], by=at.by, now=at.now)


def _file(at: At, form: Any) -> object:
    said = form.cleaned_data
    return incidents_filing.file(at.number, told_at=said["told_at"], delay=said["delay"], by=at.by, now=at.now)


def _tell(at: At, form: Any) -> object:
    return incidents_telling.begin(at.number, form.said(), by=at.by, now=at.now)


def _propose(step: Step) -> Way:
    def act(at: At, form: Any) -> object:
        return incidents_signing.propose(at.number, step, form.cleaned_data["reason"], by=at.by, now=at.now)

    return Way(Reason, act, "It is proposed. Another officer must agree.")


def _agree(at: At, _: Any) -> None:
    incidents_signing.agree(at.about, by=at.by, now=at.now)


def _no(at: At, _: Any) -> None:
    incidents_signing.take_back(at.about, by=at.by, now=at.now)


LOOKED = "It is being looked for the people. This page shows how far it is."
LOOKS: Mapping[str, str] = MappingProxyType(
    {
        "openings": "What staff opened",
        "received": "What somebody outside had been given",
        "having": "Who had certain fields",
        "everybody": "Everybody who was here",
    }
)
WAYS: Mapping[str, Way] = MappingProxyType(
    {
        "openings": Way(Openings, _look, LOOKED),
        "received": Way(Received, _look, LOOKED),
        "having": Way(Having, _look, LOOKED),
        "everybody": Way(Everybody, _look, LOOKED),
        "named": Way(Named, _name, "The accounts of the list are in the register."),
        "again": Way(forms.Form, _again, "It is looked for again."),
        "drop": Way(forms.Form, _drop, "The look is taken back."),
        "assess": Way(Assess, _assess, "The assessment is written down."),
        "add": Way(Add, _add, "It is written down."),
        "reopen": Way(Reason, _reopen, "It is open again, and its 72 hours run anew."),
        "file": Way(File, _file, "It is written down that the authority was told."),
        "tell": Way(Tell, _tell, "The people are being told. This page shows how far it is."),
        "authority-not-owed": _propose(Step.AUTHORITY_NOT_OWED),
        "people-not-owed": _propose(Step.PEOPLE_NOT_OWED),
        "close": _propose(Step.CLOSE),
        "agree": Way(forms.Form, _agree, "It is decided by two."),
        "no": Way(forms.Form, _no, "The proposal is ended."),
    }
)
