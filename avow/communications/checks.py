"""
The live checks of the one door for messages, of its topics and of their switches.

Holds:    what they send is undone before they end, and the canary's choices are as before. If a mechanism is broken,
          a trial mail can reach the relay; it goes to an address of a domain that cannot exist (RFC 2606).
"""

from datetime import datetime, timedelta
from uuid import UUID

from avow.communications import delivering, links, opting_out, other_doors, unsubscribing
from avow.communications.classes import Message, MessageClass, Topic
from avow.communications.models import Ledger, Outgoing
from avow.communications.sending import send
from avow.errors import BadInput
from avow.evidence import versions
from avow.people import canary
from avow.people.in_vain import in_vain
from avow.people.ports import Notice
from avow.policy.promises import Promise, watches

NOWHERE = "canary@example.invalid"
TRIAL = {"subject": "A trial", "body": "This goes nowhere."}


@watches(Promise.CONTACT_LIMIT, every=timedelta(minutes=5))
def every_message_went_through_the_door(now: datetime) -> str | None:
    """Try the other doors, which must be shut, and the one, which must leave its line; compare queue and ledger."""
    person = canary.account(now).person
    if not other_doors.are_shut():
        return "Django's own mail functions send past the one door"
    with in_vain():
        number = send(person, Message(MessageClass.SECURITY, Notice.PASSWORD_CHANGED), now=now, address=NOWHERE)
        if not Ledger.objects.filter(message=number).exists():
            return "a message leaves no line in the ledger"
    if Outgoing.objects.exclude(id__in=Ledger.objects.values("message")).exists():
        return "a message waits that did not come through the door"
    return None


@watches(Promise.CLOSED_TOPICS, every=timedelta(minutes=5))
def every_message_has_a_topic_of_the_policy(now: datetime) -> str | None:
    """Try to send what has no topic, which must be refused; ask that the policy names topics and what went has one."""
    person = canary.account(now).person
    if not versions.in_force(now).bound.by_promise(Promise.CLOSED_TOPICS):
        return "the policy in force has no sentence that names topics"
    if not _refuses_another_topic(now):
        return "a message goes out whose topic the policy does not name"
    with in_vain():
        for topic in Topic:
            number = send(person, _trial(topic), now=now, address=NOWHERE)
            if not Ledger.objects.filter(message=number, kind=topic).exists():
                return "a message leaves no line with its topic in the ledger"
    unknown = Ledger.objects.exclude(kind__in=[*MessageClass, *Topic]).exists()
    return "a message went whose kind is in neither list" if unknown else None


@watches(Promise.OPT_OUT, every=timedelta(minutes=5))
def opt_out_works(now: datetime) -> str | None:
    """Let the canary click its own letter's link: what waits must stop, and what comes; then opt in again."""
    person = canary.account(now).person
    with in_vain():
        queued, held = (_queued(now) for _ in range(2))
        row = Outgoing.objects.get(pk=held)
        link = unsubscribing.token_in(row)
        if link is None or links.read(link) != links.Capability(person, Topic.ANNOUNCEMENTS):
            return "a letter of a topic has no link that ends letters of its kind"
        unsubscribing.one_click(link, now=now)
        if _state(queued) != "suppressed":
            return "a mail that waits goes out although its person opted out"
        return _after_the_click(row, now)


def _after_the_click(row: Outgoing, now: datetime) -> str | None:
    """Send anew, and deliver what a worker held at the click; both must be stopped, until the canary opts in."""
    if _state(send(canary.PERSON, _trial(Topic.ANNOUNCEMENTS), now=now, address=NOWHERE)) != "suppressed":
        return "a letter goes out to somebody who opted out"
    if delivering.deliver(_as_if_held(row), now=now) != "suppressed":
        return "a mail is handed to the relay without asking again"
    opting_out.opt_in(canary.PERSON, None, way="live-check", now=now)
    if _state(send(canary.PERSON, _trial(Topic.ANNOUNCEMENTS), now=now, address=NOWHERE)) == "suppressed":
        return "who opts in again gets nothing"
    return None


def _queued(now: datetime) -> UUID:
    """Send the canary a letter that waits, also where there is no relay."""
    number = send(canary.PERSON, _trial(Topic.ANNOUNCEMENTS), now=now, address=NOWHERE)
    Ledger.objects.filter(message=number).update(state="waiting", settled_at=None)
    return number


def _as_if_held(row: Outgoing) -> UUID:
    """Put a stopped letter back, as a worker holds it that took it before the click."""
    Ledger.objects.filter(message=row.pk).update(state="waiting", settled_at=None)
    row.save(force_insert=True)
    return row.pk


def _state(number: UUID) -> str:
    return Ledger.objects.get(message=number).state


def _trial(topic: Topic) -> Message:
    return Message(topic, "announcement", TRIAL)


def _refuses_another_topic(now: datetime) -> bool:
    with in_vain():
        try:
            send(canary.PERSON, Message("promotion", "announcement", TRIAL), now=now, address=NOWHERE)  # type: ignore[arg-type]
        except BadInput:
            return True
    return False
