"""The Django app of this room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
