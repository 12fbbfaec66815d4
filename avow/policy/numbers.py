"""
The numbers that a clause can set and the service obeys.

Why a closed list: a misspelt `key_backup_day` would look like a promise and bind nobody.

Holds:    each is a most: a setting may stay below it, never above (limits.py); but those of AT_LEAST are a least.
"""

NUMBERS: dict[str, str] = {
    "key_backup_days": "days after which a destroyed key must be gone from every backup",
    "answer_days": "days within which a request or a question is answered",
    "opt_out_seconds": "seconds after which an opt-out stops even a message that is already queued",
    "erasure_grace_days": "days for which a person may still call an erasure off",
    "notice_days": "days for which a change beyond wording and narrowing is announced before it takes effect",
    "usage_days": "days for which recorded use is kept in rows about one person",
    "inactive_days": "days without a sign-in after which an account is erased, its person told a month before",
    "rho_release_thousandths": "thousandths of privacy budget (zCDP rho) that one release of figures may spend",
    "rho_partner_year_thousandths": "thousandths of it that one partner's releases may spend on one year's use",
    "rho_year_thousandths": "thousandths of it that all partners' releases together may spend on one year's use",
}

LEAST = {"key_backup_days": 1, "inactive_days": 90}  # a roll a day: no backup could be sooner useless and still serve
AT_LEAST = frozenset({"notice_days"})
OBEYED = frozenset(
    {
        "answer_days",
        "inactive_days",
        "key_backup_days",
        "notice_days",
        "usage_days",
        *(name for name in NUMBERS if name.startswith("rho_")),
    }
)  # by the service as it is; the others wait for the mechanism they bound
