"""
Django's own mail functions, closed.

Why: a library that calls send_mail would write to people past the one door, its ledger
and its rules. With this as EMAIL_BACKEND, whoever tries is refused and learns where the door is.
"""

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from avow.errors import Refused


class Closed(BaseEmailBackend):
    """A mail backend that sends nothing."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> Any:
        """Refuse."""
        if email_messages:
            raise Refused("Messages leave through avow.communications.sending.send alone; call that instead.")
        return 0
