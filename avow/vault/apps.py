"""The Django app of this room."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.vault"
    label = "vault"
    default_auto_field = "django.db.models.BigAutoField"
