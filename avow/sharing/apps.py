"""The Django app of this room."""

from django.apps import AppConfig


class SharingConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.sharing"
    label = "sharing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what is stored, and give the worker its jobs and checks."""
        from avow.sharing import (  # noqa: PLC0415 - models exist now
            agents_catalogue,
            disclosures_store,
            disclosures_tasks,
            errands_news,
            errands_store,
            errands_tasks,
            incidents_catalogue,
            incidents_checks,
            incidents_news,
            incidents_store,
            incidents_tasks,
            logouts,
            release_catalogue,
            release_checks,
            release_store,
        )

        release_catalogue.register()
        release_store.register()
        assert release_checks  # importing them registers them
        agents_catalogue.register()
        errands_store.register()
        disclosures_store.register()
        incidents_catalogue.register()
        incidents_store.register()
        incidents_news.listen()
        errands_news.listen()
        logouts.listen()
        assert errands_tasks
        assert disclosures_tasks
        assert incidents_tasks
        assert incidents_checks
