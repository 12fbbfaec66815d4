"""
The page of measures: the list of the documentation, each measure with what watches it, its last result, and nothing of use to a thief.

A measure in one list alone, a check that is not in the register, and a result that is not read anew have each their line.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client

from avow.evidence import running
from avow.policy.promises import CHECKS, Promise
from avow.web.reading.measures import AT_EACH_CHANGE, MEASURES

pytestmark = [pytest.mark.proves(Promise.SECURITY_MEASURES)]
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "security-measures.md"


def page():
    return Client().get("/security").content.decode()


def test_the_page_and_the_documentation_have_the_same_measures():
    assert re.findall(r"^\| \*\*(.+?)\*\* \|", DOCUMENT.read_text(), re.MULTILINE) == [one.name for one in MEASURES]
    assert {name for one in MEASURES for name in one.checks} <= set(CHECKS)
    named = {name for one in MEASURES for name in one.checks}
    assert {check.name for check in CHECKS.values() if Promise.SECURITY_MEASURES in check.promises} <= named


def test_each_measure_shows_what_watches_it_and_the_last_result(house, monkeypatch):
    assert "it has not run yet" in page()
    running.run_one("stored-fields-are-sealed", datetime.now(UTC))
    assert ">just now</time>" in page()
    check = CHECKS["stored-fields-are-sealed"]
    with monkeypatch.context() as broken:
        broken.setitem(
            CHECKS, check.name, type(check)(check.name, check.promises, check.every, check.max_age, lambda _: "broken")
        )
        running.run_one(check.name, datetime.now(UTC))
    assert "failing" in page()


def test_what_nothing_can_try_says_so(house):
    assert page().count(AT_EACH_CHANGE.replace("'", "&#x27;")) == sum(not one.checks for one in MEASURES)


def test_it_tells_a_thief_nothing(house):
    from django.conf import settings

    main = page()
    for telling in ("argon2", "PostgreSQL", "Django", "5.2", str(settings.HOME.root), "127.0.0.1", "socket"):
        assert telling not in main, telling
    assert 'href="/security"' in Client().get("/policy").content.decode()  # from every footer
