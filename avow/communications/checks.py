"""
The live check of the one door for messages.

Holds:    what it sends is undone before it ends: nobody receives anything.
"""

from datetime import datetime, timedelta

from avow.communications import other_doors
from avow.communications.classes import Message, MessageClass, Topic
from avow.communications.models import Ledger, Outgoing
from avow.communications.sending import send
from avow.errors import Refused
from avow.people import canary
from avow.people.in_vain import in_vain
from avow.people.ports import Notice
from avow.policy.promises import Promise, watches

NOWHERE = "canary@example.invalid"


@watches(Promise.CONTACT_LIMIT, every=timedelta(minutes=5))
def every_message_went_through_the_door(now: datetime) -> str | None:
    """Try the other doors, which must be shut, and the one, which must leave its line; compare queue and ledger."""
    person = canary.account(now).person
    if not other_doors.are_shut():
        return "Django's own mail functions send past the one door"
    with in_vain():
        if not _refuses_a_topic(now):
            return "a message with a topic goes out although nobody can switch it off"
        number = send(person, Message(MessageClass.SECURITY, Notice.PASSWORD_CHANGED), now=now, address=NOWHERE)
        if not Ledger.objects.filter(message=number).exists():
            return "a message leaves no line in the ledger"
    if Outgoing.objects.exclude(id__in=Ledger.objects.values("message")).exists():
        return "a message waits that did not come through the door"
    unknown = Ledger.objects.exclude(kind__in=list(MessageClass)).exists()
    return "a message went whose kind is not one of the closed list" if unknown else None


def _refuses_a_topic(now: datetime) -> bool:
    try:
        send(canary.PERSON, Message(Topic.ANNOUNCEMENTS, Notice.PASSWORD_CHANGED), now=now, address=NOWHERE)
    except Refused:
        return True
    return False
