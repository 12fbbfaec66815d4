"""The Django app of this room."""

from django.apps import AppConfig


class CommunicationsConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.communications"
    label = "communications"
    default_auto_field = "django.db.models.BigAutoField"
