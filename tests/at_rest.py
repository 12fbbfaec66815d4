"""
Everything that Avow stores, as the bytes in which it rests: what a thief of the machine would carry away.

Why both the files and COPY: PostgreSQL compresses long values, so a file need not show what a table says; and a file
keeps what a table no longer says, rows that were deleted, pages as they were, the log of changes. Parquet compresses
its columns and repeats their ends in clear, so it is read both ways too.

Holds:    each piece comes with the place where it lies. Lines that mails and encoders fold are joined as well.
Does not: unpack what is sealed; there is no key here.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.marks import Search

FOLDED = 4 * 1024 * 1024  # bytes up to which a piece is also read with its lines joined
RELATIONS = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
        OR c.relname IN ('pg_statistic', 'pg_statistic_ext_data', 'pg_largeobject') ORDER BY 1, 2
"""  # of the server's own tables, those that repeat values of ours


def search(patterns: Search, root: Path, superuser) -> set[tuple[str, str, str]]:
    """Return (place, name, form) for each value that rests anywhere."""
    return {(place, *found) for place, content in everything(root, superuser) for found in look(patterns, content)}


def look(patterns: Search, content: bytes | memoryview) -> set[tuple[str, str]]:
    """Look at some bytes, and at the same with folded lines joined."""
    found = patterns.within(content)
    if len(content) <= FOLDED and b"\n" in (raw := bytes(content)):
        found |= patterns.within(raw.replace(b"\r", b"").replace(b"=\n", b"").replace(b"\n", b""))
    return found


def everything(root: Path, superuser) -> Iterator[tuple[str, bytes | memoryview]]:
    """Yield all that rests, files first: reading a table may tidy it up."""
    with superuser("postgres") as dba:
        dba.execute("CHECKPOINT")
    yield from files(root)
    for database in ("avow", "avow_keys"):
        with superuser(database) as dba:
            yield from tables(dba, database)


def files(root: Path) -> Iterator[tuple[str, bytes | memoryview]]:
    """Yield each file below the home, its path, and the columns of Parquet files."""
    paths = sorted(root.rglob("*"))
    yield "names of files", "\n".join(str(path.relative_to(root)) for path in paths).encode()
    for path in paths:
        if not path.is_file() or not path.stat().st_size:
            continue
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            with memoryview(mapped) as content:
                yield str(path.relative_to(root)), content
        if path.suffix == ".parquet":
            yield f"{path.relative_to(root)} by column", columns(path)


def columns(path: Path) -> bytes:
    """Return what a Parquet file says, column by column."""
    read = pq.read_table(path)
    told = [str(value) for column in read.columns for value in column.cast(pa.string()).to_pylist()]
    return "\n".join(told).encode()


def tables(dba, database: str) -> Iterator[tuple[str, bytes]]:
    """Yield each table as it is now: as bytes where a table is ours, as text where it is the server's own."""
    for schema, table in dba.execute(RELATIONS).fetchall():
        form = "" if schema == "pg_catalog" else " (FORMAT binary)"
        with dba.cursor().copy(f'COPY "{schema}"."{table}" TO STDOUT{form}') as rows:
            yield f"{database}: {table}", b"".join(rows)
