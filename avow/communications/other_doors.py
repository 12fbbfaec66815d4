"""
Django's own mail functions, closed.

Why: a library that calls send_mail would write to people past the one door, its ledger
and its rules. With this as EMAIL_BACKEND, whoever tries is refused and learns where the door is.
"""

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from avow.errors import Refused


class Closed(BaseEmailBackend):
    """A mail backend that sends nothing."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> Any:
        """Refuse."""
        if email_messages:
            raise Refused("Messages leave through avow.communications.sending.send alone; call that instead.")
        return 0


def are_shut() -> bool:
    """Say whether Django's mail functions end here, trying one; nothing is tried at a door that could send."""
    door = get_connection()
    if not isinstance(door, Closed):
        return False
    try:
        door.send_messages([EmailMessage()])
    except Refused:
        return True
    return False
