"""
Which installation this is: a commitment under its pepper, in key backups and beside every epoch.

Why beside the epochs: a keyring that is lost whole takes its own list of secrets along. What lies in the database
still says that there was a pepper, and whether the one that is there now is the same.
"""

from django.conf import settings

from avow.keyring.secret import named_secret
from avow.vault import crypto

PEPPER = "pepper"
SHOWN = 32  # hex digits


def ours() -> str:
    """Return what tells this installation from others; it makes the pepper where there never was one."""
    return crypto.commitment(named_secret(settings.KEYRING_FOLDER, PEPPER), "avow/installation/v1").hex()[:SHOWN]


def there() -> bool:
    """Say whether the pepper lies in the keyring, and make none."""
    return bool((settings.KEYRING_FOLDER / f"{PEPPER}.secret").exists())
