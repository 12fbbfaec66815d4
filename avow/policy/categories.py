"""
What kinds of personal data there are: the names used in clause tables, catalogues and exports.

Why fideslang's names: they are the ones that data maps already use. Where it has
none, or only a wider one, the name is ours, shaped like theirs, and CROSSWALK
says which of theirs stands above it and which DPV term means the same.

Holds:    a value is a key of fideslang 3.1.4 or stands in CROSSWALK, never both
          (tests/policy/test_categories.py asks fideslang itself).
"""

from dataclasses import dataclass
from enum import StrEnum

DPV_PD = "https://w3id.org/dpv/pd#"
DPV_TECH = "https://w3id.org/dpv/tech#"


class Category(StrEnum):
    """One kind of personal data."""

    USER = "user"  # anything that is held about a person
    NAME = "user.name"
    EMAIL = "user.contact.email"
    PHONE = "user.contact.phone_number"
    CONTACT = "user.contact"
    ACCOUNT = "user.account"
    SETTINGS = "user.account.settings"
    CREDENTIALS = "user.authorization.credentials"
    PASSWORD = "user.authorization.password"  # noqa: S105 - the name of a category
    CONTENT = "user.content.private"  # what a person writes to us
    LANGUAGE = "user.demographic.language"
    IP_ADDRESS = "user.device.ip_address"
    DEVICE_ID = "user.device.device_id"
    COOKIE_ID = "user.device.cookie_id"
    COOKIE = "user.device.cookie"
    BEHAVIOUR = "user.behavior"
    BROWSING = "user.behavior.browsing_history"
    LOCATION = "user.location.imprecise"
    PREFERENCES = "user.privacy_preferences"
    PSEUDONYM = "user.unique_id.pseudonymous"
    UNIQUE_ID = "user.unique_id"
    TELEMETRY = "user.telemetry"
    # Ours, where fideslang has a gap
    USER_AGENT = "user.device.user_agent"
    PAGE_VIEW = "user.behavior.page_view"
    FEATURE_USE = "user.behavior.feature_use"
    SIGN_IN_RECORD = "user.account.sign_in"
    REQUEST = "user.account.rights_request"


@dataclass(frozen=True)
class Crosswalk:
    """Where a name of ours belongs among others' names."""

    fideslang: str  # the nearest wider key
    dpv: str | None  # the DPV term, or None where it has none either
    why: str


CROSSWALK: dict[Category, Crosswalk] = {
    Category.USER_AGENT: Crosswalk(
        "user.device", DPV_PD + "UserAgent", "fideslang knows the device, not the browser's own description"
    ),
    Category.PAGE_VIEW: Crosswalk(
        "user.behavior.browsing_history", DPV_PD + "BrowsingBehaviour", "one page asked for on our own service"
    ),
    Category.FEATURE_USE: Crosswalk("user.behavior", DPV_PD + "ServiceConsumptionBehavior", "a feature used"),
    Category.SIGN_IN_RECORD: Crosswalk("user.account", None, "when and how someone signed in"),
    Category.REQUEST: Crosswalk("user.account", None, "that a person asked for access, correction or erasure"),
}

# fideslang's cookie categories with the DPV term that data maps in JSON-LD use for them
DPV_TERMS: dict[Category, str] = {
    Category.COOKIE: DPV_TECH + "Cookie",
    Category.IP_ADDRESS: DPV_PD + "IPAddress",
    Category.EMAIL: DPV_PD + "EmailAddress",
    Category.PHONE: DPV_PD + "TelephoneNumber",
    Category.NAME: DPV_PD + "Name",
}


def fideslang_key(category: Category) -> str:
    """Return the key under which fideslang knows this category, the nearest wider one where it has a gap."""
    return CROSSWALK[category].fideslang if category in CROSSWALK else category.value
