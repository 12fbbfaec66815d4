"""
Try the walls between the desk's roles, for the live check.

Holds:    reads privileges and steps down and back; changes nothing.
Does not: see what a superuser can do, or look into the other database, where no role of the desk may come.
"""

from django.db import connection, transaction

from avow.people import desk, desk_roles
from avow.people.desk_roles import Role

STRONG = """
    SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)
       AND (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
"""
WRITES = """
    SELECT r.rolname, c.relname, a.attname
      FROM pg_roles r, pg_class c, pg_attribute a
     WHERE r.rolname = ANY(%s) AND c.relkind = 'r' AND c.relname ~ %s
       AND c.relnamespace = 'public'::regnamespace AND a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       AND (has_column_privilege(r.oid, c.oid, a.attnum, 'INSERT, UPDATE')
            OR has_table_privilege(r.oid, c.oid, 'DELETE, TRUNCATE'))
"""


def fault() -> str | None:
    """Return what is wrong with the roles of the desk, or None."""
    names = {desk_roles.in_database(role): role for role in Role}
    with connection.cursor() as cursor:
        cursor.execute(STRONG, [list(names)])
        if strong := cursor.fetchone():
            return f"{strong[0]} can do more in the database than look and write what its pages need"
        cursor.execute(WRITES, [list(names), desk_roles.SIGN_IN])
        given = {(names[role], table, column) for role, table, column in cursor.fetchall()}
    if beyond := sorted(given - desk_roles.CHANGED_BY_STAFF):
        role, table, column = beyond[0]
        return f"the role {role} may write {table}.{column}, by which people sign in"
    return next((why for role in Role if (why := _not_bound(role))), None)


@transaction.atomic
def _not_bound(role: Role) -> str | None:
    with desk.bound(role), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone()[0] != desk_roles.in_database(role):
            return f"a page of the desk does not run as the role {role}"
    return None
