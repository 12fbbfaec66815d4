"""Find the punctures of living epochs, among all that there ever were, by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vault_keys", "0004_installation")]

    operations = [
        migrations.AlterField(
            "puncture",
            "epoch",
            models.PositiveIntegerField(
                db_index=True, db_comment="Whose key sealed the old cover: copies of it open until that dies"
            ),
        ),
    ]
