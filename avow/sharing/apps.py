"""The Django app of this room."""

from django.apps import AppConfig


class SharingConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.sharing"
    label = "sharing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what is stored, and give the worker its jobs and checks."""
