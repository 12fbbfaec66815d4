"""What the rooms below tell the register: that the mail of a notice came back, that somebody read one."""

from avow.communications.signals import came_back, was_read
from avow.sharing import incidents_telling


def listen() -> None:
    """Receive the news; called once at start."""
    came_back.connect(incidents_telling.came_back, dispatch_uid="sharing.incidents_came_back")
    was_read.connect(incidents_telling.was_read, dispatch_uid="sharing.incidents_was_read")
