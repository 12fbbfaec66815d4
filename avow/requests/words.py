"""
The words in which a person reads what the rooms below name by code.

Why here and not in web: the exported copy is read offline, years later, beside the
page it came from; both must say the same, and web may import this.

Holds:    every purpose, act and kind of actor has its words; a test asks for each.
"""

from datetime import UTC, datetime

from avow.evidence.acts import Act
from avow.policy.purposes import Purpose

PURPOSES: dict[Purpose, str] = {
    Purpose.ACCOUNT: "run your account and sign you in",
    Purpose.COMMUNICATION: "write to you",
    Purpose.PERSONALISATION: "personalise what you see",
    Purpose.IMPROVEMENT: "improve the service",
    Purpose.ANALYSIS: "analyse how the service is used",
    Purpose.ANONYMISED_RELEASE: "prepare anonymised figures for partners",
    Purpose.AGENT_DELIVERY: "let a service provider do its part",
    Purpose.LEGAL: "answer to the law",
    Purpose.RIGHTS: "show, export, correct or erase it when you ask",
    Purpose.SECURITY: "keep accounts and the service safe",
}

ACTS: dict[Act, str] = {
    Act.PERSON_ENROLLED: "A key was made for you",
    Act.SIGNED_UP: "You signed up",
    Act.ADDRESS_VERIFIED: "You showed that an address is yours",
    Act.DESK_GRANTED: "Your account was given a role at the desk",
    Act.FLAGGED: "Your data was put to rest until an officer has looked at your account",
    Act.FLAG_DECIDED: "An officer looked at your account and decided",
    Act.RESTS: "You let your data rest",
    Act.RESTS_NO_MORE: "You let your data be used again",
    Act.DESK_TAKEN: "Your account may not use the desk any more",
    Act.PHONE_VERIFIED: "You showed that a phone number is yours",
    Act.FIELD_CHANGED: "A value was changed",
    Act.PASSWORD_CHANGED: "Your password was changed",
    Act.SIGN_IN_CHANGED: "The ways by which you sign in were changed",
    Act.SIGNED_IN: "You signed in",
    Act.SIGNED_OUT: "You signed out",
    Act.OPENED_BY_STAFF: "Somebody at the company opened your data",
    Act.PURPOSE_REFUSED: "A use of your data was refused",
    Act.PURPOSE_GRANTED: "You allowed a use",
    Act.GRANT_WITHDRAWN: "You took back a permission",
    Act.OBJECTED: "You objected to a use",
    Act.OBJECTION_WITHDRAWN: "You took back an objection",
    Act.USAGE_FORGOTTEN: "You had recorded use forgotten",
    Act.NOTICE_SHOWN: "A change of the policy was shown to you",
    Act.VERSION_ACCEPTED: "You went on using the service after a change",
    Act.VERSION_AGREED: "You agreed that a newer text goes for what you gave before it",
    Act.AGREEMENT_WITHDRAWN: "You took back that a newer text goes for what you gave before it",
    Act.MESSAGE_SENT: "A message was sent to you",
    Act.MESSAGE_SUPPRESSED: "A message to you was stopped",
    Act.MAIL_RETURNED: "Mail to you came back, or you called it spam",
    Act.RECEIPT_ISSUED: "A receipt of your acceptance was issued",
    Act.OPTED_OUT: "You ended messages of a kind",
    Act.OPTED_IN: "You asked for messages of a kind",
    Act.CAMPAIGN_STARTED: "You had a message sent to everyone, from the desk",
    Act.REQUEST_RECEIVED: "A copy of what is held about you was asked for",
    Act.EXPORT_MADE: "This copy, or an earlier one, was made for you",
    Act.CASE_OPENED: "You wrote to us, and a case was opened",
    Act.CASE_MOVED: "A case of yours went on",
    Act.CASE_CLOSED: "A case of yours was closed",
    Act.SENT_TO_AGENT: "Part of your data went to a company that works for us",
    Act.DISCLOSED_BY_LAW: "Part of your data was handed over because the law asked for it",
    Act.INCIDENT_TOLD: "You were told of an incident that touched your data",
    Act.HOLD_PLACED: "Part of your data is kept because of a legal duty",
    Act.HOLD_RELEASED: "A legal duty to keep part of your data has ended",
    Act.ERASURE_ASKED: "Your erasure was asked for",
}


def of_act(act: str) -> str:
    """Say an act in words; one that has none yet is given by its stable name."""
    try:
        return ACTS.get(Act(act), act)
    except ValueError:
        return act


def moment(at: datetime) -> str:
    """Say a time so that it reads the same everywhere: 5 May 2024, 14:03 UTC."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"
