"""A field can ask for its own yes, and the company can let data rest while it looks into something."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vault", "0007_turns")]

    operations = [
        migrations.AddField(
            model_name="grant",
            name="field",
            field=models.CharField(
                db_comment="The one field that it is for; empty: any", default="", max_length=80
            ),
        ),
        migrations.RemoveConstraint(model_name="grant", name="grant_one_standing"),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("person", "purpose", "field"),
                name="grant_one_standing",
            ),
        ),
        migrations.AddField(
            model_name="freeze",
            name="by",
            field=models.CharField(
                db_comment="Whose word it is: the person's, or staff's", default="person", max_length=8
            ),
        ),
        migrations.RemoveConstraint(model_name="freeze", name="freeze_one_standing"),
        migrations.AddConstraint(
            model_name="freeze",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None)), fields=("person", "by"), name="freeze_one_standing"
            ),
        ),
        migrations.AddConstraint(
            model_name="freeze",
            constraint=models.CheckConstraint(
                condition=models.Q(("by__in", ["person", "staff"])), name="freeze_by_somebody_known"
            ),
        ),
    ]
