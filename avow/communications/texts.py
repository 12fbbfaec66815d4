"""
How this room fills the port of people for phones: codes and words to a number go through the one door, as texts.

    a gateway (AVOW_TEXT_GATEWAY)     handed over by the worker (`text_delivering`)
    none, in a demo without relay     kept, sealed, for the demo's box
    else                              nobody is promised any (`can_send`)

Holds:    a text answers one's own act, and goes to the number that it answers. What stands in the place of a code is of
          a code's class and lasts as long, so that nobody can tell them apart by how they fare. Codes and what stands
          for one are limited for the whole house (`text_limit`).
"""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from avow.communications import demo_box, text_limit
from avow.communications.classes import Channel, Message, MessageClass
from avow.communications.models import Ledger, Outgoing
from avow.communications.sending import send
from avow.errors import Unavailable
from avow.people.ports import Became

LETTER, REGISTERED, EXCHANGED = "phone-code", "number-registered", "number-exchanged"
BECAME = {"sent": Became.HANDED_OVER, "kept": Became.HANDED_OVER, "in-doubt": Became.UNCLEAR}


class ForPhones:
    """The deliverer of text messages."""

    def can_send(self) -> bool:
        """Say whether a text message would arrive anywhere."""
        return settings.TEXT_GATEWAY is not None or demo_box.shows_texts()

    def send_code(self, code: str, *, number: str, person: UUID | None, now: datetime) -> UUID:
        """Send a code."""
        return self._send(person or number, Message(MessageClass.CODE, LETTER, {"code": code}), number, now)

    def say_registered(self, *, number: str, now: datetime) -> UUID:
        """Tell a number that signs in here already that somebody wanted to sign up with it."""
        return self._send(number, Message(MessageClass.CODE, REGISTERED), number, now)

    def say_exchanged(self, *, number: str, person: UUID, now: datetime) -> UUID:
        """Tell a number that another one signs in to its account now."""
        return self._send(person, Message(MessageClass.SECURITY, EXCHANGED), number, now)

    def became(self, message: UUID) -> Became:
        """Say what became of a text so far."""
        line = Ledger.objects.filter(message=message, channel=Channel.TEXT).first()
        if line is None or line.state != "waiting":
            return BECAME.get(line.state, Became.NOT_SENT) if line else Became.NOT_SENT
        again = Outgoing.objects.filter(pk=message, tries__gt=0).exists()
        return Became.TRIED_AGAIN if again else Became.WAITS

    @transaction.atomic
    def _send(self, to: UUID | str, message: Message, number: str, now: datetime) -> UUID:
        if not self.can_send():
            raise Unavailable("No text messages can be sent here; the number stays as it is, unconfirmed.")
        if message.kind is MessageClass.CODE:
            text_limit.demand_room(now)
        return send(to, message, address=number, now=now, channel=Channel.TEXT)
