"""
The live check of mail that comes back.

Holds:    what it writes is undone before it ends; the address is one of a domain that cannot exist (RFC 2606).
"""

from datetime import datetime, timedelta

from avow.communications import bounces, hearing_back, return_path
from avow.communications.bounces import Severity
from avow.communications.checks import NOWHERE, TRIAL
from avow.communications.classes import Message, MessageClass, Topic
from avow.communications.models import Ledger
from avow.communications.returned import Returned
from avow.communications.sending import send
from avow.people import canary
from avow.people.in_vain import in_vain
from avow.policy.promises import Promise, watches


@watches(Promise.CONTACT_LIMIT, every=timedelta(minutes=5))
def an_address_that_is_dead_is_written_to_no_more(now: datetime) -> str | None:
    """Keep that mail to the canary came back; letters must stay in the account until it is lifted."""
    person = canary.account(now).person
    forged = Returned(return_path.Whose(person, Topic.ANNOUNCEMENTS), complaint=False, status="5.1.1")
    with in_vain():
        if hearing_back.note(forged, now=now):
            return "a report that names another address is believed"
        bounces.keep(person, NOWHERE, Severity.HARD, "5.1.1", now=now)
        for message in (Message(Topic.ANNOUNCEMENTS, "announcement", TRIAL), _notice()):
            if _fate(message, now) != ("in-account", "came-back"):
                return "a letter goes to an address that is dead"
        bounces.lift(person, now=now)
        if _fate(_notice(), now)[0] == "in-account":
            return "an address that works again is not written to"
    return None


def _notice() -> Message:
    return Message(MessageClass.NOTICE, "legal-notice", TRIAL)


def _fate(message: Message, now: datetime) -> tuple[str, str]:
    row = Ledger.objects.get(message=send(canary.PERSON, message, now=now, address=NOWHERE))
    return row.state, row.reason
