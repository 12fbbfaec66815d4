"""The Django app of this room."""

from django.apps import AppConfig
from django.core import checks

from avow.people import ports


class PeopleConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what is stored, give allauth's columns their fields, and ask for who delivers."""
        from avow.people import (  # noqa: PLC0415 - models exist from here on
            authenticator_field,
            catalogue,
            phone_use,  # noqa: F401
            receiving,  # noqa: F401
            security_events,  # noqa: F401
            stores,
            token_field,
        )

        catalogue.register()
        stores.register()
        token_field.install()
        authenticator_field.install()
        checks.register(ports.demand)
