"""Phone numbers by which people sign in, as tokens."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0010_desk_roles")]

    operations = [
        migrations.CreateModel(
            name="SignInNumber",
            fields=[
                ("person", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "token",
                    models.CharField(db_comment="Stands for the number; opens nothing", max_length=24, unique=True),
                ),
                ("since", models.DateTimeField()),
            ],
            options={"db_table_comment": "Phone numbers by which people sign in, as tokens"},
        ),
    ]
