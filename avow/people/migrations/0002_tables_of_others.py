"""
Two rules that Django's models cannot say.

Why apart from 0001: allauth's tables refer to the account, so they exist only after it.
The CHECK makes the database itself refuse a clear address in allauth's column.
"""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("people", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE account_emailaddress ADD CONSTRAINT holds_tokens_and_no_address CHECK (position('@' in email) = 0)",
            "ALTER TABLE account_emailaddress DROP CONSTRAINT holds_tokens_and_no_address",
        ),
        migrations.RunSQL(
            "ALTER TABLE people_cacheentry SET UNLOGGED",
            "ALTER TABLE people_cacheentry SET LOGGED",
        ),
    ]
