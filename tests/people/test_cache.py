"""The cache: rows that tell neither key nor value, and forged rows that do not open."""

import pytest
from django.core.cache import cache

from avow.people.models import CacheEntry

pytestmark = pytest.mark.usefixtures("db")


def test_what_is_kept_is_found_until_its_end():
    cache.set("a", [1.5, 2.5], 60)
    cache.set("over", 1, 0)
    assert cache.get("a") == [1.5, 2.5]
    assert cache.get("over", "none") == "none"
    assert cache.delete("a") and not cache.delete("a")
    assert cache.get("a") is None


def test_add_keeps_the_first_until_it_is_over():
    assert cache.add("lock", 1, 60)
    assert not cache.add("lock", 2, 60)
    assert cache.get("lock") == 1
    cache.touch("lock", -1)
    assert cache.add("lock", 3, 60)
    assert cache.get("lock") == 3


def test_versions_and_many():
    cache.set("a", 1, version=1)
    cache.set("a", 2, version=2)
    cache.set_many({"b": 3, "c": 4})
    assert cache.get_many(["b", "c"]) == {"b": 3, "c": 4}
    assert (cache.get("a", version=1), cache.get("a", version=2)) == (1, 2)
    assert cache.incr("b") == 4
    cache.clear()
    assert not CacheEntry.objects.exists()


def test_a_row_shows_neither_key_nor_value(superuser):
    """The search can find: it finds the same marker in a table where it is planted."""
    cache.set("allauth:rl:ip:203.0.113.7", "marker-value")
    with superuser() as thief:
        rows = thief.execute(
            "SELECT row_to_json(c)::text, encode(sealed, 'escape') FROM people_cacheentry c"
        ).fetchall()
        planted = thief.execute("SELECT 'ip:203.0.113.7 marker-value'").fetchall()
    assert "203.0.113.7" in str(planted) and "marker-value" in str(planted)
    assert rows and "203.0.113.7" not in str(rows) and "marker-value" not in str(rows)


def test_a_value_forged_or_moved_by_whoever_writes_the_table_does_not_open():
    """Values are pickles, so opening a forged one would run the forger's code."""
    cache.set("mine", "a")
    cache.set("theirs", "b")
    stolen = CacheEntry.objects.last().sealed
    CacheEntry.objects.update(sealed=stolen)
    assert [cache.get("mine"), cache.get("theirs")].count(None) == 1
    CacheEntry.objects.update(sealed=b"\x80\x04forged")
    assert cache.get("mine") is None


def test_the_table_is_in_no_write_ahead_log(superuser):
    with superuser() as admin:
        assert admin.execute("SELECT relpersistence FROM pg_class WHERE relname = 'people_cacheentry'").fetchone() == (
            "u",
        )
