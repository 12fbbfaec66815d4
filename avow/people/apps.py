"""The Django app of this room."""

from django.apps import AppConfig
# from django.core import checks

# from avow.people import ports


class PeopleConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Ask at start for who delivers our messages."""
        # checks.register(ports.demand)  # soon
