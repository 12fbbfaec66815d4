"""The made-up use comes in through the collector, once, and quickly.

It bites: with a status of 200 for the live map there is no failing page to find; without the mark a second start doubles
every figure; with fresh numbers for batches a start after a crash does.
"""

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from avow.communications import demo_box
from avow.host import demo_people, demo_usage, usage_settings
from avow.usage import pages


@pytest.fixture
def open_demo(policy, monkeypatch, tmp_path):
    from django.conf import settings

    from avow.host.home import Home
    from avow.usage import places
    from avow.usage.places import Place

    place = Place(tmp_path / "usage", tmp_path / "segments")
    monkeypatch.setattr(settings, "DEMO", True)
    monkeypatch.setattr(settings, "HOME", Home(tmp_path))
    monkeypatch.setattr(places, "here", lambda: place)
    assert demo_box.is_open()
    return place


def test_two_weeks_come_in_once(open_demo, monkeypatch):
    from avow.usage import compacting, lake

    monkeypatch.setattr(demo_usage, "BROWSERS", 40)  # each is a person with a key; the demo itself has more
    now = datetime.now(UTC)
    for who in demo_people.PEOPLE[:2]:
        demo_people.add(*who, now=now)
    began = time.process_time()
    assert demo_usage.fill_once(now) == "14 days of 40 browsers and 3 people"
    assert time.process_time() - began < 5
    assert demo_usage.fill_once(now) == ""
    compacting.compact(open_demo, now=now)
    seen = lake.events((now - timedelta(days=20)).date(), now.date()).execute()
    assert 500 < len(seen) < 5_000
    assert seen["day"].nunique() in {14, 15}
    assert {"/reports/broken"} == set(seen[seen["status"] == 500]["page"])
    assert set(seen["feature"].dropna()) == {"export-csv"}, "nobody finds the comparison of years"
    assert seen["browser"].nunique() >= 3


def test_a_start_after_a_crash_repeats_no_batch(policy):
    from avow.usage.wire import frame_of

    now = datetime.now(UTC)
    once, again = ([frame_of(frame).batch for frame in demo_usage.frames(now, random.Random(5))] for _ in range(2))
    assert once == again
    assert len(set(once)) == demo_usage.DAYS


def test_optimibis_list_of_pages_has_what_the_demo_opens():
    listed = usage_settings.pages(str(Path(__file__).parents[2] / "examples" / "optimibi" / "pages.txt"))
    kept = {page: pages.template(page, listed) for page in demo_usage.PAGES}
    assert {page: "/reports/:report" if page == "/reports/42" else page for page in kept} == kept
    assert pages.template("/people/ada-lovelace", listed) == "/:other"
