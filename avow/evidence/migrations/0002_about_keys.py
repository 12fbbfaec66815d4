"""Find what the log says of epochs and of restored keys without reading the rest: an entry begins with its act."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            CREATE INDEX leaf_about_keys ON evidence_leaf (index)
             WHERE substring(entry FROM 1 FOR 13) IN ('{"act":"epoch', '{"act":"keys.')
            """,
            "DROP INDEX leaf_about_keys",
        ),
    ]
