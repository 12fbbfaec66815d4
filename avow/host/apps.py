"""The Django app of this room."""

from django.apps import AppConfig


class HostConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.host"
    label = "host"
    default_auto_field = "django.db.models.BigAutoField"
