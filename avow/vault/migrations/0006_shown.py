"""Read one person's current fields in one wait: say whom it is about, look, and forget it again."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("vault", "0005_holds_in_depth")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION vault_shown(who uuid, names text[]) RETURNS SETOF vault_sealedfield
            LANGUAGE plpgsql SECURITY INVOKER AS $$
            DECLARE
              before text := current_setting('avow.person', true);
            BEGIN
              -- One after the other, which a single statement would not promise. An error takes all of it back.
              PERFORM set_config('avow.person', who::text, true);
              RETURN QUERY SELECT * FROM vault_sealedfield
                WHERE person = who AND field = ANY (names) AND superseded_at IS NULL;
              PERFORM set_config('avow.person', coalesce(before, ''), true);
            END
            $$;
            """,
            "DROP FUNCTION vault_shown(uuid, text[])",
        ),
    ]
