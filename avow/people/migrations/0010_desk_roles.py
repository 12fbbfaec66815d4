"""Roles at the desk: whoever was of it is an officer, as they were."""

from django.db import migrations, models

ROLES = ["officer", "support", "engineer", "auditor"]
CHOICES = [(role, role) for role in ROLES]


class Migration(migrations.Migration):
    dependencies = [("people", "0009_desk_invitations")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="desk_role",
            field=models.CharField(
                blank=True, choices=CHOICES, db_comment="What it is there", default="", max_length=8
            ),
        ),
        migrations.RunSQL(
            "UPDATE people_account SET desk_role = 'officer' WHERE desk_since IS NOT NULL", migrations.RunSQL.noop
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("desk_role", ""), ("desk_since", None)),
                    models.Q(("desk_role__in", ROLES), ("desk_since__isnull", False)),
                    _connector="OR",
                ),
                name="a_role_at_the_desk_since_a_day",
            ),
        ),
        migrations.AlterModelTableComment(
            name="deskinvitation", table_comment="Links that give a role at the desk, each for an hour"
        ),
        migrations.AddField(
            model_name="deskinvitation",
            name="role",
            field=models.CharField(
                choices=CHOICES, db_comment="What it makes of it", default="officer", max_length=8
            ),
            preserve_default=False,
        ),
    ]
