"""The Django app of this room."""

from django.apps import AppConfig


class RequestsConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.requests"
    label = "requests"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what is stored, and give the worker its jobs and checks."""
        from avow.people import signals  # noqa: PLC0415
        from avow.requests import case_checks, case_news, case_store, catalogue, checks, stores, tasks, unused  # noqa: PLC0415 - models exist from here on

        catalogue.register()
        stores.register()
        case_store.register()
        case_news.listen()
        signals.signed_in.connect(unused.forget, dispatch_uid="requests.unused.came_back")
        signals.account_closed.connect(unused.forget, dispatch_uid="requests.unused.forget")
        assert case_checks
        assert checks  # importing them registers them
        assert tasks
