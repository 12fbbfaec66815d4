"""
The installation's named secrets, as this room and the rooms above use them.

Holds:    a secret is read from its file once per process.
Does not: hold a person's key; those lie in the vault.
"""

from functools import cache

from django.conf import settings

from avow.keyring.secret import named_secret


@cache
def secret(name: str) -> bytes:
    """Return the installation's secret of this name, made at first use."""
    return named_secret(settings.KEYRING_FOLDER, name)
