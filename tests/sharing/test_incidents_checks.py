"""The live check of the register holds, and fails when the register, the two officers or the clock is broken."""

from datetime import timedelta

import pytest

from avow.policy.promises import Promise
from avow.sharing import incidents, incidents_filing, incidents_finding, incidents_signing, incidents_telling
from avow.sharing.incidents_finding import Scope, Where
from avow.sharing.incidents_models import Affected, Incident, IncidentDecision
from avow.sharing.incidents_states import Step
from avow.sharing.incidents_words import Topic
from avow.vault import touched
from avow.vault.models import OpeningCase
from tests.requests.asking import make_someone
from tests.sharing.registering import ONE, SAID, assessment, closed, decided, looked, registered

pytestmark = pytest.mark.proves(Promise.BREACH_REGISTER)
NAME = "a-breach-is-registered-and-told-in-time"
HOUR = timedelta(hours=1)


def agrees_with_anybody(decision, *, by, now):
    one = IncidentDecision.objects.select_related("incident").get(pk=decision)
    incidents.move(one.incident, Step(one.step), now=now)


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    with shown_to_fail(
        NAME, how="nothing is kept; nobody, or everybody, is found; one officer decides; 72 hours pass"
    ) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(incidents, "register", lambda _report, *, number, **_: number)
            assert "not in the register" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(touched, "whose_were_opened", lambda *_, **__: [])
            assert "was not found" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(incidents_filing, "file", lambda *_, **__: None)
            assert "without a reason" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(incidents_signing, "agree", agrees_with_anybody)
            assert "one officer alone" in trial.fails()
        now = trial.now()
        number = registered(now, since=now - 80 * HOUR, aware_at=now - 73 * HOUR)
        assert "past 72 hours: the authority" in trial.fails()
        incidents.add_words(number, Topic.DELAY, "The office was shut.", by=ONE, now=now)
        assert "nobody decided whether their people" in trial.fails()
        incidents.assess(number, assessment(), by=ONE, now=now)
        decided(number, Step.PEOPLE_NOT_OWED, now)
        trial.holds()
    assert Incident.objects.count() == 1 and not OpeningCase.objects.exists()


class TestTheClocks:
    @pytest.fixture
    def says(self, policy):
        from avow.policy.promises import CHECKS

        return CHECKS[NAME].run

    def test_an_incident_within_its_time_is_well(self, says, now):
        registered(now)
        assert says(now) is None and "past 72 hours" in says(now + 72 * HOUR)

    def test_one_that_is_closed_is_well_and_opened_again_has_its_time_anew(self, says, now):
        number = registered(now)
        closed(number, now)
        later = now + 1000 * HOUR
        assert says(later) is None
        incidents.reopen(number, "More is known.", by=ONE, now=later)
        assert says(later + 71 * HOUR) is None
        incidents.add_words(number, Topic.ADDITION, "More.", by=ONE, now=later)
        assert "past 72 hours: the authority" in says(later + 73 * HOUR)

    def test_a_reason_of_the_first_time_counts_not_for_the_second(self, says, now):
        number = registered(now)
        incidents.add_words(number, Topic.DELAY, "The office was shut.", by=ONE, now=now)
        closed(number, now)
        later = now + 1000 * HOUR
        incidents.reopen(number, "More is known.", by=ONE, now=later)
        assert "the authority was not told" in says(later + 73 * HOUR)

    def test_a_look_and_a_notice_that_take_too_long_are_named(self, says, now):
        person = make_someone(password=None, now=now - 24 * HOUR)
        number = registered(now)
        incidents_finding.look(number, Where(Scope.EVERYBODY), by=ONE, now=now)
        assert says(now + HOUR) is None and "more than an hour" in says(now + HOUR * 1.1)
        looked(number, Scope.EVERYBODY, now)
        incidents.assess(number, assessment(), by=ONE, now=now)
        incidents_filing.file(number, told_at=now, by=ONE, now=now)
        incidents_telling.begin(number, SAID, by=ONE, now=now)
        assert says(now + 24 * HOUR) is None and "more than a day" in says(now + 25 * HOUR)
        incidents_telling.tell_all(clock=lambda: now)
        assert says(now + 100 * HOUR) is None
        Affected.objects.filter(person=person).update(letter=None, told_at=None)
        assert "are not told" in says(now + 100 * HOUR)
