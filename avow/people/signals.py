"""
News of this room, for the rooms above: each is sent in the transaction of the act itself.

Why `send` and not `send_robust`: a receiver that fails undoes the act; nobody is
signed up, in or out without what has to follow from it.

Every signal but one carries `person` (UUID) and `now`, never an address.
"""

from django.dispatch import Signal

signed_up = Signal()
signed_in = Signal()
signed_out = Signal()
account_closed = Signal()
application_left = Signal()  # names no person: `client_id`, the `sub` and `sid` that the application knows, and `now`
field_corrected = Signal()  # also carries `field`, a name of the catalogue
