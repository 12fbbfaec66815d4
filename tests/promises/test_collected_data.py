"""§3b.1 and §3b.2: what is recorded is what the policy names, and its use for a person ends when they say so."""

import dataclasses
import json

import pytest

from avow.policy.promises import Promise
from avow.usage import choosing, contexts, dropping, forms, personalising, segments
from tests.usage.conftest import place  # noqa: F401 - a fixture

pytestmark = [pytest.mark.proves(Promise.COLLECTED_DATA, Promise.PERSONALISATION_CHOICE)]
REAL = dropping.without


def test_the_check_of_what_is_recorded_fails_when_any_of_its_mechanisms_breaks(place, shown_to_fail, monkeypatch):  # noqa: F811
    with shown_to_fail(
        "what-is-recorded-is-declared",
        how="an undeclared property was kept, or not counted, or its event refused; the spool was written in clear; the "
        "export lost the address",
    ) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr("avow.usage.forms.decode", _open_schema(forms.decode))
            assert "is kept" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr("avow.usage.dropping.without", lambda told, kind: (REAL(told, kind)[0], {}))
            assert "not counted" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr("avow.usage.dropping.without", lambda told, kind: (told, {}))
            assert "refused" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(segments.Segment, "append", lambda segment, plain: segment.file.write(plain))
            assert "in clear" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(contexts, "named", lambda now: frozenset({"agent"}))
            broken.setattr("avow.usage.checks.contexts.named", lambda now: frozenset({"agent"}))
            trial.holds()  # a text that names less: less is kept, and the check agrees
            broken.setattr(contexts, "keep", lambda wanted, *, under, now: {})
            assert "export" in trial.fails()
        trial.holds()


def _open_schema(strict):
    """Return a decoder that keeps what nobody declared, as the name of a feature."""

    def decode(body, **how):
        known = json.loads(body)
        for visit in known["visits"]:
            for event in visit["events"]:
                event["feature"] = event.get("shoe_size")
        return strict(json.dumps(known).encode(), **how)

    return decode


def test_the_check_of_the_off_switch_fails_when_off_is_not_off(place, shown_to_fail, monkeypatch):  # noqa: F811
    with shown_to_fail(
        "personalisation-off-is-off",
        how="the home page did not ask the person's choice; the choice was not kept; nothing was ever personalised",
    ) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(choosing, "personalise", lambda person, *, on, now: None)
            assert "differs" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(personalising, "_own", lambda events: [])
            assert "own use" in trial.fails()
        trial.holds()


def test_of_what_is_sent_along_only_what_the_text_names_is_kept(policy):
    from datetime import UTC, datetime

    assert contexts.named(datetime.now(UTC)) == frozenset(contexts.NAMED)
    assert dataclasses.fields(contexts.Circumstances)[2:] and {
        field.name for field in dataclasses.fields(contexts.Circumstances)
    } == {"person", "day", *contexts.NAMED}
