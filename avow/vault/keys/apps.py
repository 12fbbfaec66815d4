"""The vault's half that lies in the key database."""

from django.apps import AppConfig


class KeysConfig(AppConfig):
    """Tables of `avow_keys`: epochs, buckets, slots, blind index, sealed index of acts."""

    name = "avow.vault.keys"
    label = "vault_keys"
    default_auto_field = "django.db.models.BigAutoField"
