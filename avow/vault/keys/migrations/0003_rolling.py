"""What rolling needs: by when each epoch dies, where it was condemned, and what each erasure was told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vault_keys", "0002_guards")]

    operations = [
        migrations.DeleteModel(name="Lease"),
        migrations.AddField("epoch", "dies_at", models.DateTimeField(null=True)),
        migrations.RunSQL("UPDATE vault_keys_epoch SET dies_at = began_at + interval '7 days'", migrations.RunSQL.noop),
        migrations.AlterField(
            "epoch",
            "dies_at",
            models.DateTimeField(db_comment="Destroyed by then at the latest; only ever made earlier"),
        ),
        migrations.AddField(
            "epoch",
            "condemned_lsn",
            models.TextField(null=True, db_comment="Where in the write-ahead log; standbys must be past it"),
        ),
        migrations.AlterField(
            "epoch", "retired_at", models.DateTimeField(null=True, db_comment="When the next epoch took over")
        ),
        migrations.AlterField(
            "epoch",
            "condemned_at",
            models.DateTimeField(null=True, db_comment="When no cover needed it any more"),
        ),
        migrations.AlterField(
            "epoch",
            "destroyed_at",
            models.DateTimeField(null=True, db_comment="When every keyring had acknowledged"),
        ),
        migrations.AddConstraint(
            "epoch",
            models.CheckConstraint(
                condition=models.Q(dies_at__gt=models.F("began_at")), name="epoch_lives_before_it_dies"
            ),
        ),
        migrations.AddField("puncture", "epoch", models.PositiveIntegerField(null=True)),
        migrations.AddField("puncture", "dies_at", models.DateTimeField(null=True)),
        migrations.RunSQL(
            "UPDATE vault_keys_puncture SET epoch = 1, dies_at = at + interval '7 days'", migrations.RunSQL.noop
        ),
        migrations.AlterField(
            "puncture",
            "epoch",
            models.PositiveIntegerField(
                db_comment="Whose key sealed the old cover: copies of it open until that dies"
            ),
        ),
        migrations.AlterField(
            "puncture",
            "dies_at",
            models.DateTimeField(db_comment="By when that key is destroyed, as the certificate says it"),
        ),
    ]
