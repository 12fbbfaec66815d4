"""What an erasure cannot reach at once, or at all, in sentences that a certificate repeats."""

COPIES_OPEN = (
    "A copy of the key database from before this erasure, such as a backup of it, could still open what was sealed for "
    "you, together with a key that this service destroys by the day that the certificate names; after that no copy "
    "opens anything."
)
OUT_IS_OUT = "What had left this service before the erasure, to you or to others, is not called back by it."
LIMITS = (COPIES_OPEN, OUT_IS_OUT)
