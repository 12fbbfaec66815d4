"""
Make the two databases and their roles, on the embedded server or on a given one.

    avow       people's data as ciphertext, the log, requests     avow_app (row-level security), avow_log (appends the log)
    avow_keys  epochs, covers, slots, blind index                 avow_keyd alone may connect

Why roles: an injection in the application's role reads ciphertext and cannot reach
a key; the log's role can add entries and never change one (docs/threats.md T2, T6).

Holds:    safe to repeat; passwords are made once and kept in database.json.
Assumes:  the connection given may create databases and roles.
"""

import secrets
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

DATABASES = {"avow": "avow_owner", "avow_keys": "avow_keys_owner"}
ROLES = ("avow_owner", "avow_keys_owner", "avow_app", "avow_keyd", "avow_log")

GRANTS = {
    "avow": """
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        GRANT USAGE ON SCHEMA public TO avow_app, avow_log;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO avow_app;
        GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO avow_app;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO avow_app;
        DO $$ DECLARE t text; BEGIN
          FOREACH t IN ARRAY ARRAY['evidence_leaf', 'evidence_tile', 'evidence_checkpoint'] LOOP
            IF to_regclass(t) IS NOT NULL THEN
              EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON %I FROM avow_app', t);
              EXECUTE format('GRANT SELECT, INSERT ON %I TO avow_log', t);
            END IF;
          END LOOP;
          IF to_regclass('evidence_outbox') IS NOT NULL THEN
            REVOKE UPDATE, DELETE ON evidence_outbox FROM avow_app;
            GRANT SELECT, DELETE ON evidence_outbox TO avow_log;
          END IF;
          IF to_regclass('evidence_policyversion') IS NOT NULL THEN
            REVOKE UPDATE, DELETE, TRUNCATE ON evidence_policyversion, evidence_policybinding FROM avow_app;
          END IF;
        END $$;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO avow_log;
    """,
    "avow_keys": """
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        GRANT USAGE ON SCHEMA public TO avow_keyd;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO avow_keyd;
        GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO avow_keyd;
    """,
}


def prepare(connect: Callable[[str], psycopg.Connection], known: dict[str, Any]) -> dict[str, str]:
    """Create what is missing and return the role's passwords."""
    passwords: dict[str, str] = {role: known.get("passwords", {}).get(role) or secrets.token_urlsafe(24) for role in ROLES}
    with connect("postgres") as admin:
        for role, password in passwords.items():
            exists = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            verb = sql.SQL("ALTER" if exists else "CREATE")
            admin.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, sql.Identifier(role), sql.Literal(password)))
        for database, owner in DATABASES.items():
            if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(owner)))
            admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
        admin.execute("GRANT CONNECT ON DATABASE avow TO avow_app, avow_log")
        admin.execute("GRANT CONNECT ON DATABASE avow_keys TO avow_keyd")
    for database, owner in DATABASES.items():
        with connect(database) as admin:
            admin.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(owner)))
    return passwords


def grant(connect: Callable[[str], psycopg.Connection]) -> None:
    """Give each role exactly its tables; run after every migration."""
    for database, statements in GRANTS.items():
        with connect(database) as admin:
            admin.execute(statements)
