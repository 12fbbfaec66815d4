"""One act, one encoding; nothing else is an entry."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.evidence.acts import Act
from avow.evidence.entries import Entry, canonical, decode
from avow.policy.promises import Promise

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))
ENTRIES = st.builds(
    Entry,
    act=st.sampled_from(Act),
    at=MOMENTS,
    promise=st.none() | st.sampled_from(Promise),
    clause=st.none() | st.from_regex(r"[a-z0-9][a-z0-9.-]{0,20}", fullmatch=True),
    policy=st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex),
    subject=st.none() | st.binary(min_size=32, max_size=32),
    evidence=st.none() | st.binary(min_size=32, max_size=32),
    actor=st.sampled_from(["person", "staff", "service"]),
)


@given(ENTRIES)
def test_what_is_encoded_is_read_back(entry):
    assert decode(entry.encode()).encode() == entry.encode()
    assert len(entry.encode()) < 512


@given(ENTRIES, st.data())
def test_any_other_byte_is_another_entry_or_none(entry, data):
    raw = bytearray(entry.encode())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        assert decode(bytes(raw)).encode() == bytes(raw)
    except (ValueError, UnicodeDecodeError):
        pass


@given(
    st.binary(max_size=80)
    | st.recursive(st.none() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)).map(canonical)
)
def test_junk_is_refused(junk):
    with pytest.raises(ValueError):
        decode(junk)


def test_times_are_whole_seconds_of_utc():
    east = datetime(2026, 11, 23, 14, 0, 0, 999999, tzinfo=timezone(timedelta(hours=2)))
    assert b'"at":"2026-11-23T12:00:00Z"' in Entry(act=Act.SIGNED_IN, at=east).encode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": datetime(2026, 1, 1)},
        {"subject": b"ada@example.com"},
        {"evidence": bytes(31)},
        {"clause": "Ada Lovelace"},
        {"clause": "a" * 81},
        {"policy": "ada"},
        {"actor": "ada"},
    ],
)
def test_there_is_no_place_for_a_name(wrong):
    with pytest.raises(ValueError):
        Entry(**{"act": Act.SIGNED_IN, "at": datetime(2026, 1, 1, tzinfo=UTC), **wrong})
