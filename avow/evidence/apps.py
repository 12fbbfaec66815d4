"""The Django app of this room."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """The room as Django sees it."""

    name = "avow.evidence"
    label = "evidence"
    default_auto_field = "django.db.models.BigAutoField"
