"""The Django app of this room."""

from django.apps import AppConfig


class HostConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.host"
    label = "host"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what is written below the home."""
        from avow.host import catalogue  # noqa: PLC0415 - as in the other rooms

        catalogue.register()
