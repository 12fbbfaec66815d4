"""
What questions and files of the lake leave behind: no spill beside the service, and no value in a file's footer.

It bites (each tried): with DuckDB's own default a question that outgrows its memory leaves its rows in `.tmp` of the
folder in which the service was started; with statistics for every column a footer says the first and the last page.
"""

from datetime import UTC, datetime

import duckdb
import pyarrow.parquet as pq
import pytest

from avow.policy.promises import Promise
from avow.usage import lake, rows

pytestmark = [pytest.mark.proves(Promise.COLLECTED_DATA, Promise.DE_IDENTIFY)]


def outgrow(engine):
    """Ask for more than fits, until it fails or a spill file lies there."""
    engine.raw_sql("SET memory_limit = '40MB'")
    engine.raw_sql("CREATE TABLE seen AS SELECT md5(range::varchar) || 'spilled' AS page FROM range(900000)")


def test_a_question_writes_nothing_down(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(duckdb.OutOfMemoryException):
        outgrow(lake.engine())
    assert list(tmp_path.rglob("*")) == []
    monkeypatch.setattr(lake, "NO_SPILL", ".tmp")  # what DuckDB does when nobody says anything
    spilling = lake.engine()
    outgrow(spilling)
    assert [path for path in tmp_path.rglob("*") if path.is_file()], "this test could not see a spill"
    spilling.disconnect()


def test_a_footer_tells_of_nobody(tmp_path):
    now = datetime(2026, 11, 30, 12, tzinfo=UTC)
    one = rows.Row(now, 7, 8, "page", "/marker-of-a-footer", "marker-feature", "MarkerBrowser", 200)
    name = rows.write(tmp_path, "2026-11-30", rows.table([one]))
    file = tmp_path / "day=2026-11-30" / name
    group = pq.ParquetFile(file).metadata.row_group(0)
    told = {group.column(n).path_in_schema for n in range(group.num_columns) if group.column(n).is_stats_set}
    assert told == set(rows.COUNTED) == {"at", "kind", "status"}
    content = file.read_bytes()
    footer = content[-8 - int.from_bytes(content[-8:-4], "little") : -8]
    assert b"marker" not in footer.lower()
