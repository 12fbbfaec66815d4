"""Nouns: a notice of a change, exactly as somebody was shown it."""

from typing import ClassVar

from django.db import models


class RenderedNotice(models.Model):
    """
    What one channel said of one version, byte for byte.

    erasure = NOT_PERSONAL: the company's own words, the same to everybody.
    """

    sha256 = models.CharField(primary_key=True, max_length=64, db_comment="Of the content")
    version = models.CharField(max_length=64, db_comment="sha256 of the text that changed the policy")
    locale = models.CharField(max_length=16)
    channel = models.CharField(max_length=8, db_comment="page, mail or api")
    content = models.BinaryField()
    first_at = models.DateTimeField()

    class Meta:
        app_label = "communications"
        db_table_comment = "Notices of changes of the policy as they were rendered, each distinct one once"
        indexes: ClassVar = [models.Index(fields=["version"], name="rendered_of_a_version")]

    def __str__(self) -> str:
        """Say which channel it was for."""
        return f"{self.channel} {self.sha256[:8]}"
