"""The Django app of this room."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.vault"
    label = "vault"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what the vault stores, and load its live checks."""
        from avow.vault import checks, declared, declared_below  # noqa: PLC0415 - models exist only now

        declared.register()
        declared_below.register()
        assert checks
