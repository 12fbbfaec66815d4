"""The Django app of this room."""

from django.apps import AppConfig


class RequestsConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.requests"
    label = "requests"
    default_auto_field = "django.db.models.BigAutoField"
