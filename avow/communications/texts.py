"""
How text messages leave: through the same one door as mail, and for now into the demo's box alone.

Holds:    without a way to send one, nobody is promised any (`can_send`). A code is the answer to one's own act.
Does not: send to a real phone yet: the adapter comes with the gate for every channel.
"""

from datetime import datetime
from uuid import UUID

from avow.communications import demo_box
from avow.communications.classes import Message, MessageClass
from avow.communications.sending import send
from avow.errors import Unavailable

LETTER, REGISTERED, EXCHANGED = "phone-code", "number-registered", "number-exchanged"


class DemoTexts:
    """The deliverer of text messages: a sink that the demo shows."""

    def can_send(self) -> bool:
        """Say whether a text message would arrive anywhere."""
        return demo_box.is_open()

    def send_code(self, code: str, *, number: str, person: UUID | None, now: datetime) -> None:
        """Send a code."""
        self._send(person or number, Message(MessageClass.CODE, LETTER, {"code": code}), number, now)

    def say_registered(self, *, number: str, now: datetime) -> None:
        """Tell a number that signs in here already that somebody wanted to sign up with it."""
        self._send(number, Message(MessageClass.SECURITY, REGISTERED), number, now)

    def say_exchanged(self, *, number: str, now: datetime) -> None:
        """Tell a number that another one signs in to its account now."""
        self._send(number, Message(MessageClass.SECURITY, EXCHANGED), number, now)

    def _send(self, to: UUID | str, message: Message, number: str, now: datetime) -> None:
        if not self.can_send():
            raise Unavailable("No text messages can be sent here; the number stays as it is, unconfirmed.")
        send(to, message, address=number, now=now)
