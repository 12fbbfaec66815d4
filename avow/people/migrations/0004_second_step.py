"""The database itself refuses an authenticator that is not sealed."""

from django.db import migrations

RULE = "jsonb_typeof(data) = 'object' AND data - 'sealed' = '{}' AND data ->> 'sealed' ~ '^([0-9a-f]{2}){60,}$'"


class Migration(migrations.Migration):
    dependencies = [("people", "0003_identity"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE mfa_authenticator ADD CONSTRAINT authenticator_is_sealed CHECK ({RULE})",
            "ALTER TABLE mfa_authenticator DROP CONSTRAINT authenticator_is_sealed",
        )
    ]
