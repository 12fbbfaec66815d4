"""
Optimibi, the demo's application, as Avow knows it: where it signs people in, and why it asks for a number.

Holds:    registered anew at each start, since its port may be another one; what has not changed stays. Where no demo
          is open nothing is registered.
"""

import os
from datetime import datetime

from django.conf import settings

from avow.communications import demo_box
from avow.host.example import CLIENT
from avow.keyring.secret import named_secret
from avow.people import relying
from avow.people.relying import Feature

REASON = "Optimibi sends the report to this number as a text message, when you press the button and at no other time."


def register(now: datetime) -> str:
    """Register it; return its name, or nothing where it does not run."""
    address = os.environ.get("AVOW_EXAMPLE_URL", "")
    if not address or not demo_box.is_open():
        return ""
    relying.register(
        "optimibi",
        name="Optimibi",
        redirect_uris=[f"{address}/signed-in"],
        secret=named_secret(settings.KEYRING_FOLDER, CLIENT).hex(),
        told_at=f"{address}/signed-out-there",
        scopes=("profile", "phone", "usage"),  # no address: nothing there needs one
        features={"report-by-text": Feature("phone", REASON, back=f"{address}/came-back")},
        now=now,
    )
    return "Optimibi"
