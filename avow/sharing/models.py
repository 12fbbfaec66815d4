"""The nouns of this room, where Django looks for them."""

from avow.sharing.disclosures_models import Disclosure
from avow.sharing.errands_models import Errand
from avow.sharing.incidents_models import (
    Affected,
    Incident,
    IncidentDecision,
    IncidentFiling,
    IncidentLetter,
    IncidentNote,
    IncidentScope,
)
from avow.sharing.logouts_models import LogoutNotice
from avow.sharing.release_models import Approval, Budget, Handover, Release, Spend

__all__ = [
    "Affected", "Approval", "Budget", "Disclosure", "Errand", "Handover", "Incident", "IncidentDecision",
    "IncidentFiling", "IncidentLetter", "IncidentNote", "IncidentScope", "LogoutNotice", "Release", "Spend",
]  # fmt: skip
