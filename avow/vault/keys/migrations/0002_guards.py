"""What Django cannot say: the sequence belongs to its column, and an epoch lives as long as a cover needs it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("vault_keys", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            ALTER SEQUENCE vault_slot OWNED BY vault_keys_personslot.slot;
            -- The database itself refuses to condemn an epoch while a cover needs its key.
            ALTER TABLE vault_keys_bucket ADD CONSTRAINT bucket_epoch_lives
              FOREIGN KEY (epoch_id, epoch_wraps) REFERENCES vault_keys_epoch (number, wraps);
            """,
            "ALTER TABLE vault_keys_bucket DROP CONSTRAINT bucket_epoch_lives",
        ),
    ]
