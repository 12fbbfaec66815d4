"""
The keys that sign sign-ins: one signs at any time, each is known a day before and a day after, and a removed one is not believed.

It bites: each was tried. Without LEAD a successor signs before applications can know it; without `clear` old files stay.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from allauth.idp.oidc.internal.private_keys import filter_keys, pick_signing_key
from hypothesis import given, settings
from hypothesis import strategies as st

from avow.people import provider_keys
from avow.people.provider_keys import LEAD, SIGNS_FOR
from avow.policy.promises import Promise

pytestmark = [pytest.mark.proves(Promise.SECURITY_MEASURES)]
DAY = timedelta(days=1)


@pytest.fixture
def now(monkeypatch):
    """The first key is as old as its file, so time is counted from there."""
    return datetime.now(UTC)


def at(folder, moment, monkeypatch):
    monkeypatch.setattr("allauth.idp.oidc.internal.private_keys.timezone.now", lambda: moment)
    there = provider_keys.keys(folder)
    signs = pick_signing_key(filter_keys(there, did_activate=True, is_active=True))
    return signs.pem, {key.pem for key in filter_keys(there, is_active=True)}


def test_a_successor_is_known_a_day_before_it_signs_and_the_old_one_a_day_after(tmp_path, now, monkeypatch):
    first, known = at(tmp_path, now, monkeypatch)
    assert known == {first}
    assert provider_keys.renew(tmp_path, now=now) is None, "it has not signed for long"
    late = now + SIGNS_FOR
    begins = provider_keys.renew(tmp_path, now=late)
    assert begins == (late + LEAD).replace(microsecond=0)
    assert provider_keys.renew(tmp_path, now=late + LEAD / 2) is None, "one successor at a time"
    signs, known = at(tmp_path, late, monkeypatch)
    assert signs == first and len(known) == 2
    signs, known = at(tmp_path, begins, monkeypatch)
    assert signs != first and len(known) == 2
    assert provider_keys.clear(tmp_path, now=begins + LEAD - timedelta(seconds=1)) == 0
    signs, known = at(tmp_path, begins + LEAD, monkeypatch)
    assert known == {signs}
    assert provider_keys.clear(tmp_path, now=begins + LEAD) == 1
    assert first.split("\n")[1] not in "".join(path.read_text() for path in tmp_path.iterdir())
    assert at(tmp_path, begins + LEAD, monkeypatch)[0] == signs


def test_after_a_theft_no_older_key_is_believed(tmp_path, now, monkeypatch):
    first, _ = at(tmp_path, now, monkeypatch)
    provider_keys.renew(tmp_path, now=now + SIGNS_FOR)
    provider_keys.renew(tmp_path, now=now + SIGNS_FOR, at_once=True)
    signs, known = at(tmp_path, now + SIGNS_FOR, monkeypatch)
    assert known == {signs} and signs != first
    assert len(list(tmp_path.glob("oidc*.pem"))) == 1


def test_processes_that_race_make_one_successor(tmp_path, now):
    provider_keys.keys(tmp_path)
    late = now + SIGNS_FOR
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: provider_keys.renew(tmp_path, now=late), range(8)))
    assert len(list(tmp_path.glob("oidc-*.pem"))) == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=12))
def test_whenever_the_worker_looks_one_key_signs_and_it_was_known_before(steps):
    """The rules alone, without files: a folder of names, and days that pass."""
    import tempfile
    from pathlib import Path

    from avow.people import provider_keys as module

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        folder, now, known = Path(folder), datetime.now(UTC), {}
        patched.setattr(module, "rsa_key", lambda where, name: (where / f"{name}.pem").touch(0o600) or name)
        patched.setattr(module, "wipe", lambda path: path.unlink())
        module._pem.cache_clear()
        for days in steps:
            for _ in range(days):
                now += DAY
                module.renew(folder, now=now)
                module.clear(folder, now=now)
            there = [key for key in module.keys(folder) if key.expires_at is None or key.expires_at > now]
            signing = [key for key in there if key.not_before is None or key.not_before <= now]
            assert signing, "somebody signs"
            newest = max(signing, key=lambda key: key.not_before or datetime.min.replace(tzinfo=UTC))
            assert newest.not_before is None or known.get(newest.pem, now) <= now
            known |= {key.pem: now for key in there if key.pem not in known}
        module._pem.cache_clear()
