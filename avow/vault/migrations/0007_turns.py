"""Lock a person and see what an act on them must know, in one wait: before an erasure, and before a value is given."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("vault", "0006_shown")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION vault_standing_holds(who uuid, at timestamptz) RETURNS SETOF uuid
            LANGUAGE sql STABLE SECURITY INVOKER AS $$
              SELECT id FROM vault_hold WHERE person = who AND state = 'standing' AND until > at
            $$;

            -- Each statement inside sees what others committed while the one before waited for its lock.
            CREATE FUNCTION vault_lock_address(token text) RETURNS void
            LANGUAGE sql VOLATILE SECURITY INVOKER AS $$
              SELECT pg_advisory_xact_lock(hashtextextended('avow/address/' || token, 0))
            $$;

            CREATE FUNCTION vault_held_alone(who uuid) RETURNS text[]
            LANGUAGE plpgsql VOLATILE SECURITY INVOKER AS $$
            DECLARE
              held text[];
            BEGIN
              held := array(SELECT token::text FROM vault_addresssealed WHERE person = who ORDER BY 1);
              FOR number IN 1 .. cardinality(held) LOOP
                PERFORM vault_lock_address(held[number]);
              END LOOP;
              RETURN array(
                SELECT mine FROM unnest(held) AS mine
                 WHERE NOT EXISTS (SELECT FROM vault_addresssealed WHERE token = mine AND person <> who) ORDER BY 1);
            END
            $$;

            CREATE FUNCTION vault_leaving(
              who uuid, at timestamptz,
              OUT slot bigint, OUT erased_at timestamptz, OUT alone text[], OUT holds uuid[], OUT shown text)
            RETURNS SETOF record LANGUAGE plpgsql SECURITY INVOKER AS $$
            BEGIN
              SELECT p.slot, p.erased_at INTO slot, erased_at FROM vault_person p WHERE p.person = who
                FOR NO KEY UPDATE;
              IF NOT FOUND THEN
                RETURN;
              END IF;
              alone := vault_held_alone(who);
              holds := array(SELECT vault_standing_holds(who, at));
              shown := coalesce(current_setting('avow.person', true), '');
              PERFORM set_config('avow.person', who::text, true);
              RETURN NEXT;
            END
            $$;

            CREATE FUNCTION vault_giving(
              who uuid, name text, at timestamptz,
              OUT erasing boolean, OUT erased boolean, OUT ordinal integer, OUT held boolean, OUT shown text)
            RETURNS SETOF record LANGUAGE plpgsql SECURITY INVOKER AS $$
            DECLARE
              replaces boolean;
            BEGIN
              SELECT p.erasing_since IS NOT NULL, p.erased_at IS NOT NULL INTO erasing, erased
                FROM vault_person p WHERE p.person = who FOR NO KEY UPDATE;
              IF NOT FOUND THEN
                RETURN;
              END IF;
              shown := coalesce(current_setting('avow.person', true), '');
              PERFORM set_config('avow.person', who::text, true);
              SELECT f.ordinal, f.superseded_at IS NULL INTO ordinal, replaces
                FROM vault_sealedfield f WHERE f.person = who AND f.field = name ORDER BY f.ordinal DESC LIMIT 1;
              ordinal := coalesce(ordinal, 0) + 1;
              held := coalesce(replaces, false) AND EXISTS (SELECT vault_standing_holds(who, at));
              RETURN NEXT;
            END
            $$;
            """,
            """
            DROP FUNCTION vault_giving(uuid, text, timestamptz);
            DROP FUNCTION vault_leaving(uuid, timestamptz);
            DROP FUNCTION vault_held_alone(uuid);
            DROP FUNCTION vault_lock_address(text);
            DROP FUNCTION vault_standing_holds(uuid, timestamptz);
            """,
        ),
    ]
