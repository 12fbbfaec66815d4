"""The Django app of this room."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
