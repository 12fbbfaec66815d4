"""
The numbers that a clause can set and the service obeys.

Why a closed list: a misspelt `key_backup_day` would look like a promise and bind nobody.

Holds:    each is a most: a setting may stay below it, never above (limits.py).
"""

NUMBERS: dict[str, str] = {
    "key_backup_days": "days after which a destroyed key must be gone from every backup",
    "answer_days": "days within which a request or a question is answered",
    "opt_out_seconds": "seconds after which an opt-out stops even a message that is already queued",
    "erasure_grace_days": "days for which a person may still call an erasure off",
    "usage_days": "days for which recorded use is kept in rows about one person",
}

OBEYED = frozenset(
    {"answer_days", "usage_days"}
)  # by the service as it is; the others wait for the mechanism they bound
