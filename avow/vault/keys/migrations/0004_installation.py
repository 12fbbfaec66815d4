"""Whose keyring made each epoch's key, so that a keyring that is lost whole is not taken for a new one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vault_keys", "0003_rolling")]

    operations = [
        migrations.AddField(
            "epoch",
            "installation",
            models.TextField(
                default="",
                db_default="",
                db_comment="Whose keyring made the key: a commitment under the pepper; tells a lost one",
            ),
        ),
    ]
