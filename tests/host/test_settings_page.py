"""Every variable is documented, and every documented one exists. A new one without a line fails here."""

import re
from pathlib import Path

import avow
from avow.policy.numbers import NUMBERS

PACKAGE = Path(avow.__file__).parent
PAGE = PACKAGE.parent / "docs" / "reference" / "settings.md"
READ = re.compile(r'(?:environ(?:\.get|\.setdefault|\.pop)?[\[(]|envvar=|number\()\s*f?"([A-Z][A-Z_]+)"')
OF_DJANGO = {"DJANGO_SETTINGS_MODULE"}


def read_by_the_code():
    found = {name for path in PACKAGE.rglob("*.py") for name in READ.findall(path.read_text())}
    return (found - OF_DJANGO) | {f"AVOW_{name.upper()}" for name in NUMBERS}


def test_every_setting_is_documented_and_every_documented_one_exists():
    documented = set(re.findall(r"`(AVOW_[A-Z_]+|PORT|DEMO)`", PAGE.read_text()))
    assert {"AVOW_DSN", "PORT", "DEMO"} <= read_by_the_code(), "the search finds"
    assert read_by_the_code() == documented


def test_the_bounds_say_what_the_policy_room_says():
    for name, says in NUMBERS.items():
        assert f"| `AVOW_{name.upper()}` | {says} |" in PAGE.read_text()
