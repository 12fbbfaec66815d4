"""Copies of a database's rows, to put back later: what a restored backup does to a house."""

from contextlib import closing

from tests.conftest import CLUSTER, with_rows

SEQUENCES = "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE schemaname = 'public'"


class Copy:
    """All rows of one database as they are now."""

    def __init__(self, database):
        self.database, self.rows = database, {}
        with closing(CLUSTER.connect(database)) as admin:
            for table in with_rows(admin):
                columns = self.columns(admin, table)
                with admin.cursor().copy(f'COPY "{table}" ({columns}) TO STDOUT') as copy:
                    self.rows[table] = b"".join(bytes(piece) for piece in copy)
            self.sequences = admin.execute(SEQUENCES).fetchall()

    def put_back(self):
        with closing(CLUSTER.connect(self.database)) as admin, admin.transaction():
            admin.execute("SET LOCAL session_replication_role = replica")  # the log's tables are written once, else
            for table in with_rows(admin):
                admin.execute(f'DELETE FROM "{table}"')
            for table, rows in self.rows.items():
                with admin.cursor().copy(f'COPY "{table}" ({self.columns(admin, table)}) FROM STDIN') as copy:
                    copy.write(rows)
            for name, last in self.sequences:
                admin.execute(f"SELECT setval('{name}', {1 if last is None else last}, {last is not None})")

    @staticmethod
    def columns(admin, table):
        rows = admin.execute(
            "SELECT quote_ident(column_name) FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'",
            [table],
        ).fetchall()
        return ", ".join(name for (name,) in rows)
