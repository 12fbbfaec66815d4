"""How long an epoch's key lives: what the text says, made stricter by a setting, brought forward and never put off.

It bites: a `shorten` that sets the days of the text as they are fails `test_a_laxer_text_puts_nothing_off`.
"""

from datetime import timedelta

import pytest

from avow.evidence import versions
from avow.vault.enrolment import enrol
from avow.vault.keys import lifetimes, rolling
from avow.vault.keys.models import Epoch
from tests.vault.house import NOW, TABLE, TEXT

A_DAY = timedelta(days=1)


@pytest.fixture
def promise(db):
    """Publish a text that promises so many days, in force from a day on."""

    def published(days, on):
        sentence = f"Keys end after {days} days."
        table = TABLE.format(sentence=sentence, purposes=["account"]) + f"numbers.key_backup_days = {days}\n"
        text = TEXT.format(date=on.date().isoformat(), sentence=sentence)
        return versions.freeze(text.encode(), table.encode(), now=on, published_by="a test")

    return published


def test_the_text_decides_and_a_setting_may_be_stricter_only(promise, monkeypatch):
    assert lifetimes.days(NOW) == lifetimes.USUAL == 7  # nothing is published yet
    promise(5, NOW - 9 * A_DAY)
    assert lifetimes.days(NOW) == 5
    for chosen, days in {"3": 3, "30": 5, "": 5, "0": 1, "nonsense": 5}.items():
        monkeypatch.setenv("AVOW_KEY_BACKUP_DAYS", chosen)
        assert lifetimes.days(NOW) == days
    assert lifetimes.day_of(NOW, now=NOW) == NOW + 5 * A_DAY


def days_of(number):
    epoch = Epoch.objects.get(number=number)
    return (epoch.dies_at - epoch.began_at) / A_DAY


def test_a_stricter_text_brings_the_days_of_living_keys_forward(keys, promise):
    promise(5, NOW - 9 * A_DAY)
    enrol(now=NOW)
    rolling.roll(now=NOW + A_DAY)
    assert (days_of(1), days_of(2)) == (5, 5)
    promise(2, NOW + A_DAY)
    done = rolling.roll(now=NOW + 2 * A_DAY)
    assert done.destroyed == (1,)
    assert [days_of(number) for number in (1, 2, 3)] == [2, 2, 2]


def test_a_laxer_text_puts_nothing_off(keys, promise):
    promise(2, NOW - 9 * A_DAY)
    enrol(now=NOW)
    promise(9, NOW)
    rolling.roll(now=NOW + A_DAY)
    assert (days_of(1), days_of(2)) == (2, 9)
