"""What an erasure cannot reach yet, in sentences that a certificate repeats; issue 4 shortens this list."""

EPOCH_LIVES = (
    "The key of the present epoch is still in use: whoever holds it and a copy of the key database from before this "
    "erasure could still open what was sealed for you."
)
BACKUPS_OPEN = (
    "Backups of the key database from before this erasure are such copies; until keys can be rolled, nothing but "
    "destroying those backups makes them useless."
)
OUT_IS_OUT = "What had left this service before the erasure, to you or to others, is not called back by it."
LIMITS = (EPOCH_LIVES, BACKUPS_OPEN, OUT_IS_OUT)
