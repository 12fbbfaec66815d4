"""The Django app of this room."""

from django.apps import AppConfig

from avow.people import ports, signals


class CommunicationsConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.communications"
    label = "communications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what is stored, and deliver for accounts."""
        from avow.communications import catalogue, stores, telling  # noqa: F401, PLC0415 - models exist from here on
        from avow.communications.for_people import ForPeople, bring_in  # noqa: PLC0415

        catalogue.register()
        stores.register()
        ports.fill(ForPeople())
        signals.signed_up.connect(bring_in, dispatch_uid="communications.bring_in")
