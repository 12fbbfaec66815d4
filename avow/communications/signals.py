"""
News of this room, for the rooms above: sent in the transaction of the act itself, and never with an address.

Why `send` and not `send_robust`: as in `people.signals`.
"""

from django.dispatch import Signal

came_back = Signal()  # a mail to `person` of this `kind` failed; also carries `now`
was_read = Signal()  # a message of the sending `campaign` was read by `person` in their account; also carries `now`
