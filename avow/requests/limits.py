"""
What an erasure of this version does not reach, in the sentences that a certificate carries.

Why in the certificate itself: whoever holds it years later must not have to guess what it
claimed. A limit that a later version lifts stays in the certificates of its time.
"""

from avow.vault.limits import LIMITS as OF_KEYS

NO_SCAN = (
    "Only the stores that are named here were asked, and each counted again after it forgot. No search for survivors "
    "in other places was made."
)
WISH_KEPT = (
    "If you had switched messages off, that wish stays for your address: as a keyed hash, which only your address "
    "and a secret of this service together can find, so that nobody writes to it again."
)
LIMITS = (*OF_KEYS, NO_SCAN, WISH_KEPT)
