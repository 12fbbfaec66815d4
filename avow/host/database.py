"""
Make the two databases and their roles, on the embedded server or on a given one.

    avow       people's data as ciphertext, log, requests   avow_app (row-level security), avow_log (appends the log);
                                                            avow_desk_…: what each role of the desk may touch, and
                                                            as which the application serves the desk's pages
    avow_keys  epochs, covers, slots, blind index           avow_keyd alone may connect

Why roles: an injection in the application's role reads ciphertext and cannot reach
a key; the log's role can add entries and never change one (docs/threats.md T2, T6).

Holds:    safe to repeat; the server never sees a role's password, only its verifier;
          a role that could step over row-level security is refused.
Assumes:  the connection given may create databases and roles.
"""

import secrets
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

from avow.errors import DatabaseUnavailable
from avow.people import desk_roles
from avow.people.desk_roles import Role

DATABASES = {"avow": "avow_owner", "avow_keys": "avow_keys_owner"}
ROLES = ("avow_owner", "avow_keys_owner", "avow_app", "avow_keyd", "avow_log")
DESK = tuple(desk_roles.in_database(role) for role in Role)  # nobody signs in as one; avow_app steps down to it

Connect = Callable[[str], psycopg.Connection]


def of_the_desk() -> str:
    """Return the statements that give each role of the desk exactly its tables, and take everything else away."""
    said = []
    for role, name in zip(Role, DESK, strict=True):
        said += [f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}", f"GRANT USAGE ON SCHEMA public TO {name}"]
        said += [f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}"]
        said += [f"GRANT {privileges} ON {table} TO {name}" for privileges, table in desk_roles.rights(role)]
    return ";\n".join(said) + ";\n"


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
    """
    + of_the_desk(),
    "avow_keys": """
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        GRANT USAGE ON SCHEMA public TO avow_keyd;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO avow_keyd;
        GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO avow_keyd;
        -- How far standbys have come, and nothing else of what those who may see it see: no other session's statement.
        CREATE OR REPLACE FUNCTION vault_standbys() RETURNS TABLE (name text, replayed pg_lsn)
          LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
            -- An archive (pg_receivewal) replays nothing: what it has on its disk counts.
            SELECT COALESCE(NULLIF(application_name, ''), 'without a name'), min(COALESCE(replay_lsn, flush_lsn))
              FROM pg_stat_replication WHERE state IS DISTINCT FROM 'backup' GROUP BY 1
            UNION ALL SELECT slot_name::text, restart_lsn FROM pg_replication_slots
             WHERE slot_type = 'physical' AND NOT active
          $$;
        REVOKE ALL ON FUNCTION vault_standbys() FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION vault_standbys() TO avow_keyd;
    """,
}


def passwords_of(known: dict[str, Any], random: Callable[[int], str] = secrets.token_urlsafe) -> dict[str, str]:
    """Return a password for each role: the known one, or a fresh one."""
    return {role: known.get("passwords", {}).get(role) or random(24) for role in ROLES}


def prepare(connect: Connect, passwords: dict[str, str]) -> None:
    """Create the roles and databases that are missing, and set the roles' passwords."""
    with connect("postgres") as admin:
        for role, password in passwords.items():
            make_role(admin, role, password)
        for name in DESK:
            make_desk_role(admin, name)
        for database, owner in DATABASES.items():
            make_database(admin, database, owner)
        admin.execute("GRANT CONNECT ON DATABASE avow TO avow_app, avow_log")
        admin.execute("GRANT CONNECT ON DATABASE avow_keys TO avow_keyd")
        refuse_strong_roles(admin)
    for database, owner in DATABASES.items():
        with connect(database) as admin:
            admin.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(owner)))


def make_role(admin: psycopg.Connection, role: str, password: str) -> None:
    """Make the role or set its password; the server sees, and may log, only the password's scram verifier."""
    exists = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    verb = sql.SQL("ALTER" if exists else "CREATE")
    admin.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, sql.Identifier(role), sql.Literal(verifier)))


def make_desk_role(admin: psycopg.Connection, role: str) -> None:
    """Make a role that nobody signs in as, and let the application's own step down to it."""
    name = sql.Identifier(role)
    if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
        admin.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(name))
    admin.execute(sql.SQL("GRANT {} TO avow_app").format(name))


def make_database(admin: psycopg.Connection, database: str, owner: str) -> None:
    """Make the database if it is missing, and close it to everyone who was not let in."""
    if not is_superuser(admin):  # a managed server's administrator: only a member may hand something to a role
        admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(owner)))
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
        admin.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                sql.Identifier(database), sql.Identifier(owner)
            )
        )
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))


def is_superuser(admin: psycopg.Connection) -> bool:
    """Tell whether this connection may do everything."""
    row = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    return bool(row and row[0])


def refuse_strong_roles(admin: psycopg.Connection) -> None:
    """Raise when one of the service's roles could step over row-level security."""
    strong = admin.execute(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolbypassrls)", [[*ROLES, *DESK]]
    ).fetchall()
    if strong:
        names = ", ".join(name for (name,) in strong)
        raise DatabaseUnavailable(
            f"{names} may bypass row-level security on this server, so every request could read every person's rows; "
            "take SUPERUSER and BYPASSRLS away from it and start again."
        )


def grant(connect: Connect) -> None:
    """Give each role exactly its tables; run after every migration."""
    for database, statements in GRANTS.items():
        with connect(database) as admin:
            admin.execute(statements)
