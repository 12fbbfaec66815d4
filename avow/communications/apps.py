"""The Django app of this room."""

from allauth.account.signals import email_confirmed
from django.apps import AppConfig

from avow.people import ports, signals


class CommunicationsConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.communications"
    label = "communications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what is stored, and deliver for accounts."""
        from avow.communications import campaign_tasks, catalogue, stores, telling  # noqa: PLC0415 - models exist now
        from avow.communications.for_people import ForPeople, address_works, bring_in  # noqa: PLC0415
        from avow.communications.texts import ForPhones  # noqa: PLC0415

        catalogue.register()
        stores.register()
        ports.fill(ForPeople())
        ports.fill_texts(ForPhones())
        assert campaign_tasks  # importing them registers them
        assert telling
        email_confirmed.connect(address_works, dispatch_uid="communications.address_works")
        signals.signed_up.connect(bring_in, dispatch_uid="communications.bring_in")
