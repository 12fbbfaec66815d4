"""
When a person has another address, the links that wait in their old mailbox end.

Why: a link stands for whoever reads the mail at the address on file, and the old mailbox is that no more; people often
change their address because somebody else reads it.
"""

from datetime import datetime
from uuid import UUID

from avow.people.signals import field_corrected
from avow.requests.case_models import Confirmation


def end_links(person: UUID, field: str, now: datetime, **_: object) -> None:  # noqa: ARG001 - the news carries it
    """End the person's links; the sweep tells them, at the new address, that nothing was done."""
    if field == "email":
        Confirmation.objects.filter(case__person=person, used_at=None).delete()


def listen() -> None:
    """Receive the news; called once at start."""
    field_corrected.connect(end_links, dispatch_uid="requests.cases")
