"""Each account gets a number of its own; those that are there already too."""

from typing import Any

from django.db import migrations, models

import avow.people.handles

COMMENT = "The account's number: WebAuthn's user handle, and typed beside a recovery code; random"


def number(apps: Any, _schema: Any) -> None:
    """Give every account a number, one at a time: a default of the column would be the same for all."""
    accounts = apps.get_model("people", "Account").objects
    for pk in accounts.values_list("pk", flat=True):
        accounts.filter(pk=pk).update(handle=avow.people.handles.fresh())


def field(**more: Any) -> Any:
    """Describe the column."""
    return models.CharField(
        db_comment=COMMENT, default=avow.people.handles.fresh, editable=False, max_length=16, **more
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0004_second_step")]

    operations = [
        migrations.AddField("account", "handle", field()),
        migrations.RunPython(number, migrations.RunPython.noop),
        migrations.AlterField("account", "handle", field(unique=True)),
    ]
