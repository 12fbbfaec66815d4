"""
What the door asks besides a person's choices: letters enough in a week, the hour, and many at once.

Tried by hand, each seen to fail here: a cap that counts notices; quiet hours that hold an alert; a decision about many
that does not ask the suppression list.
"""

from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as django
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avow.communications import bounces, opting_out, quiet_hours, runs, sending, suppression
from avow.communications.bounces import Severity
from avow.communications.classes import MessageClass, Topic
from avow.communications.models import Kept, Ledger, Outgoing
from avow.communications.quiet_time import QuietHours
from avow.errors import BadInput
from avow.host import mail_settings
from avow.policy.promises import Promise
from avow.vault import choices
from tests.communications.topics import fate, message, now, send

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(time(20), time(8), BERLIN)


class TestLettersEnough:
    @pytest.fixture(autouse=True)
    def three(self, monkeypatch):
        monkeypatch.setattr(django, "LETTERS_A_WEEK", 3)

    def test_news_beyond_it_is_in_the_account_alone(self, reader):
        person = reader()
        for topic in (Topic.ANNOUNCEMENTS, Topic.NEW_VERSIONS, Topic.USAGE):
            assert fate(send(person, topic))[0] == "kept"
        assert fate(send(person)) == ("in-account", "enough")

    def test_what_is_no_news_neither_counts_nor_waits(self, reader):
        person = reader()
        for _ in range(4):
            assert fate(send(person, Topic.SECURITY_ALERTS))[0] == "kept"
            assert fate(send(person, MessageClass.NOTICE))[0] == "kept"
        assert fate(send(person))[0] == "kept"

    def test_a_week_later_there_may_be_more(self, reader):
        person = reader()
        for _ in range(3):
            send(person)
        Kept.objects.update(at=now() - timedelta(days=8))
        assert fate(send(person))[0] == "kept"

    def test_what_was_stopped_does_not_count(self, reader):
        person = reader()
        opting_out.opt_out(person, [Topic.USAGE], way="link", now=now())
        for _ in range(4):
            send(person, Topic.USAGE)
        assert fate(send(person))[0] == "kept"


class TestQuietHours:
    @pytest.fixture
    def night(self, monkeypatch):
        monkeypatch.setattr(django, "QUIET_HOURS", NIGHT)

    @pytest.mark.parametrize(
        ("at", "goes"),
        [
            ("2026-11-30T12:00+01:00", "2026-11-30T12:00+01:00"),
            ("2026-11-30T20:00+01:00", "2026-12-01T08:00+01:00"),
            ("2026-11-30T03:00+01:00", "2026-11-30T08:00+01:00"),
            ("2026-11-30T07:59+01:00", "2026-11-30T08:00+01:00"),
            ("2026-11-30T08:00+01:00", "2026-11-30T08:00+01:00"),
            ("2027-03-27T23:00+01:00", "2027-03-28T08:00+02:00"),  # the clocks go forward in that night
            ("2026-10-24T23:00+02:00", "2026-10-25T08:00+01:00"),  # and back in this
        ],
    )
    def test_news_waits_for_the_morning_on_the_wall(self, night, at, goes):
        moment = datetime.fromisoformat(at).astimezone(UTC)
        assert quiet_hours.goes_at(Topic.USAGE, now=moment) == datetime.fromisoformat(goes)

    @given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)), st.sampled_from([NIGHT, QuietHours(time(12), time(14), BERLIN)]))  # fmt: skip
    def test_what_goes_never_goes_within_them_nor_a_day_later(self, moment, hours):
        before, django.QUIET_HOURS = django.QUIET_HOURS, hours
        try:
            at = quiet_hours.goes_at(Topic.USAGE, now=moment)
        finally:
            django.QUIET_HOURS = before
        assert not hours.includes(at.astimezone(BERLIN).time())
        assert timedelta(0) <= at - moment <= timedelta(hours=14)

    @pytest.mark.parametrize("kind", [Topic.SECURITY_ALERTS, *MessageClass])
    def test_what_is_no_news_goes_at_any_hour(self, night, kind):
        midnight = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
        assert quiet_hours.goes_at(kind, now=midnight) == midnight

    def test_a_letter_waits_in_the_queue_and_an_alert_does_not(self, reader, relay, monkeypatch):
        monkeypatch.setattr(
            quiet_hours, "goes_at", lambda kind, now: now + timedelta(hours=5) if kind is Topic.USAGE else now
        )
        person = reader()
        news, alert = send(person, Topic.USAGE), send(person, Topic.SECURITY_ALERTS)
        assert runs.carry_all(clock=now) == 1
        assert (fate(news)[0], fate(alert)[0]) == ("waiting", "sent")
        assert runs.carry_all(clock=lambda: now() + timedelta(hours=6)) == 1

    def test_an_opt_out_stops_what_waits_for_the_morning(self, reader, relay, night, monkeypatch):
        monkeypatch.setattr(quiet_hours, "goes_at", lambda kind, now: now + timedelta(hours=5))
        number = send(person := reader())
        assert opting_out.opt_out(person, None, way="link", now=now()) == 1
        assert fate(number) == ("suppressed", "switched-off")


class TestSettings:
    def test_hours_are_read(self):
        read = mail_settings.quiet_hours("20:00-08:00 Europe/Berlin")
        assert read == NIGHT
        assert mail_settings.quiet_hours("") is None

    @pytest.mark.parametrize("written", ["20-8", "20:00-08:00", "20:00-08:00 Nowhere/Else", "25:00-08:00 UTC", "08:00-08:00 UTC", "20:00-08:00 ../etc"])  # fmt: skip
    def test_what_cannot_be_obeyed_stops_the_start(self, written):
        with pytest.raises(BadInput, match="AVOW_QUIET_HOURS"):
            mail_settings.quiet_hours(written)

    @pytest.mark.parametrize("written", ["-1", "many", "nan", "1e9"])
    def test_a_rate_is_a_number(self, written):
        with pytest.raises(BadInput, match="AVOW_MAIL_RATE"):
            mail_settings.number(written, "AVOW_MAIL_RATE")


class TestMany:
    """One and many go the same way: whoever is sent to with others has the fate of whoever is sent to alone."""

    STATES = ("plain", "unconfirmed", "off", "objected", "frozen", "dead", "asked-earlier", "erasing")

    def put(self, reader, state, at):
        from avow.policy.purposes import Purpose
        from avow.vault.models import Person

        address = f"{state}-{at}@example.com"
        person = reader(address, confirmed=state != "unconfirmed")
        if state == "off":
            opting_out.opt_out(person, None, way="link", now=now())
            opting_out.legal_mail_off(person, way="link", now=now())
        elif state == "objected":
            choices.object_to(person, Purpose.COMMUNICATION, now=now())
        elif state == "frozen":
            choices.freeze(person, now=now())
        elif state == "dead":
            bounces.keep(person, address, Severity.HARD, "5.1.1", now=now())
        elif state == "asked-earlier":
            suppression.remember(address, opting_out.EVERYTHING, now=now())
        elif state == "erasing":
            Person.objects.filter(person=person).update(erasing_since=now())
        return person

    @pytest.mark.proves(Promise.OPT_OUT, Promise.CONTACT_LIMIT)
    @pytest.mark.parametrize("kind", [*Topic, MessageClass.NOTICE])
    def test_each_has_the_fate_that_they_have_alone(self, reader, kind):
        alone = {
            state: fate(send(self.put(reader, state, "alone"), kind)) for state in self.STATES if state != "erasing"
        }
        people = {state: self.put(reader, state, "many") for state in self.STATES}
        numbers = sending.send_each(people.values(), message(kind), now=now())
        together = {state: fate(numbers[person]) for state, person in people.items() if person in numbers}
        assert together == alone
        kept = {row.person: row.sealed is not None for row in Kept.objects.filter(message__in=numbers.values())}
        assert kept.keys() == numbers.keys()

    def test_what_answers_an_act_of_ones_own_is_sent_to_one(self, reader):
        with pytest.raises(BadInput):
            sending.send_each([reader()], SimpleNamespace(kind=MessageClass.ANSWER, letter="x"), now=now())

    def test_an_empty_list_writes_nothing(self, policy):
        assert sending.send_each([], message(), now=now()) == {}
        assert not Ledger.objects.exists()

    def test_each_opens_their_own_mail_and_no_other(self, reader):
        from avow.communications import envelope

        people = [reader(f"p{at}@example.com") for at in range(3)]
        numbers = sending.send_each(people, message(), now=now())
        rows = {row.id: row for row in Outgoing.objects.all()}
        assert [envelope.unseal(rows[numbers[person]]).to for person in people] == [
            f"p{at}@example.com" for at in range(3)
        ]

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.sampled_from(STATES), min_size=1, max_size=4), st.sampled_from([*Topic, MessageClass.NOTICE]))
    def test_whoever_said_no_has_no_mail_and_every_row_says_why(self, reader, states, kind):
        from uuid import uuid4

        people = [(state, self.put(reader, state, uuid4().hex[:8])) for state in states]
        numbers = sending.send_each([person for _, person in people], message(kind), now=now())
        for state, person in people:
            if state == "erasing":
                assert person not in numbers
                continue
            said, why = fate(numbers[person])
            assert (said == "kept") == (state == "plain")
            assert bool(why) == (state != "plain")
            assert Outgoing.objects.filter(person=person).exists() == (state == "plain")
