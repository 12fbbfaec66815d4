"""
Who may do what at the desk: four roles, the desk's areas, and the tables that each area touches.

Why as data: the same table opens the pages, decides what PostgreSQL lets a role do, and is printed in the documents; a
right that stands in one place alone is a right that another place forgets.

Holds:    a role's rights in the database are the sum of its areas and nothing else. No area writes to a table by
          which people sign in, so nobody at the desk can sign in as somebody else, add a way in, or take one away.
Assumes:  loaded by the supervisor too: nothing here imports a framework.
Does not: say who has which role (`desk`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What somebody of the company is at the desk."""

    OFFICER = "officer"
    SUPPORT = "support"
    ENGINEER = "engineer"
    AUDITOR = "auditor"


class May(IntEnum):
    """How far a role may go in an area."""

    NOTHING = 0
    SEE = 1
    ACT = 2


class Area(StrEnum):
    """A part of the desk."""

    WALL = "wall"
    REQUESTS = "requests"
    CASES = "cases"
    OPENINGS = "openings"
    MESSAGES = "messages"
    CAMPAIGNS = "campaigns"
    USAGE = "usage"
    RELEASES = "releases"
    AGENTS = "agents"
    LAW = "law"
    HOLDS = "holds"
    INCIDENTS = "incidents"
    POLICY = "policy"
    FLAGS = "flags"
    STAFF = "staff"


WORDS: Mapping[Role, str] = MappingProxyType(
    {
        Role.OFFICER: "decides what leaves, answers for people’s data, and says who else works here",
        Role.SUPPORT: "answers people, and looks at somebody’s data for a reason that they can read",
        Role.ENGINEER: "sees what is kept by what, the use of the product, and what is to leave; opens nobody’s data",
        Role.AUDITOR: "sees what the desk does and did, and changes nothing; opens nobody’s data",
    }
)
_OFFICERS = dict.fromkeys(Area, May.ACT)
MAY: Mapping[Role, Mapping[Area, May]] = MappingProxyType(
    {
        Role.OFFICER: _OFFICERS,
        Role.SUPPORT: {
            Area.WALL: May.SEE, Area.REQUESTS: May.SEE, Area.CASES: May.ACT, Area.OPENINGS: May.ACT,
            Area.MESSAGES: May.SEE,
        },
        Role.ENGINEER: {
            Area.WALL: May.SEE, Area.MESSAGES: May.SEE, Area.USAGE: May.SEE, Area.RELEASES: May.SEE,
            Area.AGENTS: May.SEE, Area.POLICY: May.SEE,
        },
        Role.AUDITOR: dict.fromkeys(Area, May.SEE),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Touched:
    """What an area's pages touch: tables that looking reads, and those that acting reads or writes besides.

    A written table with columns in brackets is one of which these columns alone may be changed.
    """

    seen: str = ""
    opened: str = ""
    written: str = ""


EVERYWHERE = (  # what the frame of each page reads
    "evidence_policyversion evidence_policybinding communications_announcement communications_policynotice "
    "evidence_checkresult evidence_attestation vault_person"
)
LOCKING = "vault_person(enrolled_at)"  # PostgreSQL asks for the right to change a column before it locks a row
LETTERS = "communications_ledger communications_outgoing communications_kept"
JOBS = "procrastinate_jobs procrastinate_events"
WHO = "account_emailaddress people_account"  # an address that was typed is found by its keyed hash
REGISTER = (
    "sharing_incident sharing_incidentnote sharing_incidentdecision sharing_incidentfiling sharing_incidentscope "
    "sharing_incidentletter sharing_affected"
)
ASKED = "vault_grant vault_objection vault_freeze"  # by the gate, before it lets anybody open a field
PEOPLE = f"{WHO} {ASKED}"
TABLES: Mapping[Area, Touched] = MappingProxyType(
    {
        Area.WALL: Touched(),
        Area.REQUESTS: Touched("requests_request requests_storeack"),
        Area.CASES: Touched(
            "requests_case",
            f"{PEOPLE} vault_sealedfield communications_switch communications_suppression communications_bounce",
            f"evidence_outbox requests_case requests_casemessage requests_confirmation requests_flag vault_openingcase "
            f"vault_freeze {LETTERS} {JOBS} {LOCKING}",
        ),
        Area.OPENINGS: Touched(
            "vault_openingcase vault_openingcount",
            f"{PEOPLE} vault_sealedfield vault_addresssealed",
            f"evidence_outbox vault_openingcase {LOCKING}",
        ),
        Area.MESSAGES: Touched(
            "communications_ledger communications_outgoing communications_campaign communications_bounce"
        ),
        Area.CAMPAIGNS: Touched(
            f"communications_campaign communications_switch communications_ledger {PEOPLE}",
            "",
            f"communications_campaign communications_outgoing communications_ledger evidence_outbox {JOBS}",
        ),
        Area.USAGE: Touched(ASKED),
        Area.RELEASES: Touched(
            "sharing_release sharing_approval sharing_handover sharing_spend sharing_budget vault_recipient",
            f"{PEOPLE} vault_recipientgrant vault_hold",
            "evidence_outbox sharing_release sharing_approval sharing_budget sharing_handover sharing_spend "
            "vault_egress",
        ),
        Area.AGENTS: Touched(
            "sharing_errand vault_recipient vault_recipientgrant",
            "",
            f"evidence_outbox sharing_errand vault_recipient vault_recipientgrant {JOBS}",
        ),
        Area.LAW: Touched(
            "sharing_disclosure vault_hold vault_recipient",
            f"{PEOPLE} vault_heldfield vault_sealedfield",
            "evidence_outbox sharing_disclosure vault_recipient vault_recipientgrant vault_egress vault_openingcase "
            f"{LETTERS} {LOCKING}",
        ),
        Area.HOLDS: Touched(
            "vault_hold",
            WHO,
            "evidence_outbox vault_hold vault_heldfield vault_sealedfield vault_addresssealed vault_freeze vault_grant "
            "vault_objection vault_openingcase vault_openingcount vault_destroyed vault_person",
        ),
        Area.INCIDENTS: Touched(
            f"{REGISTER} {ASKED} vault_recipient",
            WHO,
            f"evidence_outbox {REGISTER} vault_person {JOBS}",
        ),
        Area.POLICY: Touched(
            "communications_nexttext communications_switch communications_ledger communications_outgoing "
            "communications_campaign vault_recipientgrant sharing_release",  # what a text would do is counted
            "people_account",
            "evidence_outbox evidence_policyversion evidence_policybinding communications_announcement "
            f"communications_policynotice communications_nexttext {JOBS}",
        ),
        Area.FLAGS: Touched("requests_flag", WHO, f"evidence_outbox requests_flag vault_freeze {JOBS} {LOCKING}"),
        Area.STAFF: Touched(
            "people_account mfa_authenticator",
            "",
            "evidence_outbox people_deskinvitation people_account(desk_role,desk_since)",
        ),
    }
)
SIGN_IN = "^(account|mfa|socialaccount|allauth_idp_oidc|people)_(?!deskinvitation$)"  # tables by which people sign in
CHANGED_BY_STAFF = frozenset({(Role.OFFICER, "people_account", one) for one in ("desk_role", "desk_since")})
NEVER_CHANGED = ("evidence_outbox", "evidence_policyversion", "evidence_policybinding")  # added to, and no more


def may(role: Role | None, area: Area) -> May:
    """Return how far a role may go; somebody without a role goes nowhere."""
    return MAY[role].get(area, May.NOTHING) if role else May.NOTHING


def in_database(role: Role) -> str:
    """Return the role's name in PostgreSQL."""
    return f"avow_desk_{role}"


def rights(role: Role) -> list[tuple[str, str]]:
    """Return what a role may do in the database: privilege and table, as GRANT takes them."""
    found = {("SELECT", table) for table in EVERYWHERE.split()}
    for area, touched in TABLES.items():
        far = may(role, area)
        if far >= May.SEE:
            found |= {("SELECT", table) for table in touched.seen.split()}
        if far >= May.ACT:
            found |= {("SELECT", table) for table in touched.opened.split()}
            found |= set(_writes(touched.written.split()))
    return sorted(found)


def _writes(tables: Iterable[str]) -> Iterable[tuple[str, str]]:
    for each in tables:
        table, _, columns = each.partition("(")
        yield "SELECT", table
        if columns:
            yield f"UPDATE ({columns}", table
        else:
            yield "INSERT" if table in NEVER_CHANGED else "INSERT, UPDATE, DELETE", table
