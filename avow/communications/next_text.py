"""
The policy's next text, put forward by one officer and published by another.

    wording alone            published at once, by one
    anything beyond wording  waits, frozen as it was looked at; another officer publishes or anybody withdraws it

Why two: a widening reaches everybody's data, and an unclear word may be one; nobody at the desk does that alone.

Holds:    one text waits at a time. What is published is byte for byte what was put forward, judged anew on that day: a
          date that has come too near by then is refused. Who put it forward cannot publish it; the database refuses
          that too, and `publishing.publish` takes nothing beyond wording without two different signers.
Assumes:  who has a shell can name any two officers (`avow policy publish --as`), as with holds.
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from avow.communications import publishing
from avow.communications.models import NextText
from avow.errors import NotFound, Refused
from avow.evidence.versions import Version
from avow.people import desk
from avow.policy.judging import Class

GONE = (
    "No text waits by this number; it was published or withdrawn meanwhile. The desk shows what there is under Policy."
)
OWN = "You put this text forward; another officer publishes it."
ONE = "Another text waits for its second officer; publish or withdraw that one first."


def submit(raw: bytes, clauses: bytes, *, text: str = "", by: UUID, now: datetime) -> Version | NextText:
    """Publish a change of wording, or put anything beyond it forward for another officer; Refused for who is none."""
    _officer(by)
    if publishing.propose(raw, clauses, now=now).class_ is Class.WORDING:
        return publishing.publish(raw, clauses, text=text, by="the desk", now=now)
    try:
        with transaction.atomic():
            return NextText.objects.create(text=raw, clauses=clauses, announcement=text, put_by=by, put_at=now)
    except IntegrityError:
        raise Refused(ONE) from None


@transaction.atomic
def approve(number: UUID, *, by: UUID, now: datetime) -> Version:
    """Publish the text that waits, as another officer than the one who put it forward."""
    _officer(by)
    row = _locked(number)
    if row.put_by == by:
        raise Refused(OWN)
    version = publishing.publish(
        bytes(row.text), bytes(row.clauses), text=row.announcement, by="the desk", now=now, signed=(row.put_by, by)
    )
    _settle(row, "published", by, now)
    return version


@transaction.atomic
def withdraw(number: UUID, *, by: UUID, now: datetime) -> None:
    """Let a text that waits be published by nobody."""
    _officer(by)
    _settle(_locked(number), "withdrawn", by, now)


def waiting() -> NextText | None:
    """Return the text that waits, if one does."""
    return NextText.objects.filter(state="waiting").first()


def _officer(person: UUID) -> None:
    if not desk.is_officer(person):
        raise Refused("The policy's text is for officers; see `avow desk invite`.")


def _locked(number: UUID) -> NextText:
    row = NextText.objects.select_for_update().filter(pk=number, state="waiting").first()
    if row is None:
        raise NotFound(GONE)
    return row


def _settle(row: NextText, state: str, by: UUID, now: datetime) -> None:
    NextText.objects.filter(pk=row.pk).update(state=state, settled_by=by, settled_at=now)
