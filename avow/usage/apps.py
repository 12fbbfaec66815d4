"""The Django app of this room."""

from django.apps import AppConfig


class UsageConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.usage"
    label = "usage"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what is stored, and answer for it."""
        from avow.usage import catalogue, stores  # noqa: PLC0415 - models exist from here on

        catalogue.register()
        stores.register()
