"""
Many mails over one connection: what goes, what waits, what is in doubt, and what a crash leaves.

Tried by hand, each seen to fail here: a run that does not ask again; a journal whose mark comes after the text; news in
doubt that goes again, after a lost connection or a crash; rows of a dead run that nobody settles, or whose marks are not
read; a campaign without its first few, that does not ask when it is late, or whose mails go while it is stopped.
"""

import contextlib
import os
import signal
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avow.communications import campaign_watch, campaigns, journal, opting_out, runs
from avow.communications.bounces import Severity
from avow.communications.campaign_states import MOVES, State, Stop
from avow.communications.classes import MessageClass, Topic
from avow.communications.models import Bounce, Campaign, Ledger, Outgoing
from avow.communications.pace import HOLD, Pace
from avow.communications.relay import Lost
from avow.errors import Refused, Unavailable
from avow.people.in_vain import in_vain
from avow.policy.promises import Promise
from tests.communications.topics import fate, now, read, send

NEWS, NOTICE = Topic.ANNOUNCEMENTS, MessageClass.NOTICE


@pytest.fixture
def readers(reader, relay):
    """Six people, each with a letter of news that waits."""
    people = [reader(f"person-{at}@example.com") for at in range(6)]
    return {person: send(person) for person in people}


def carry(at=None, **more):
    return runs.carry_all(clock=lambda: at or now(), pace=more.pop("pace", Pace(time.monotonic)), **more)


def fates(numbers):
    return [fate(number) for number in numbers]


def to(taken):
    return sorted(read(raw)["To"] for raw in taken)


class TestARun:
    @pytest.mark.parametrize("ahead", [True, False])
    def test_all_go_over_one_connection_and_leave_nothing(self, readers, relay, ahead):
        relay.ahead = ahead
        assert carry() == 6
        assert to(relay.taken) == [f"person-{at}@example.com" for at in range(6)]
        assert set(fates(readers.values())) == {("sent", "")}
        assert relay.connections == 1
        assert not Outgoing.objects.exists() and not list(journal.folder().iterdir())

    def test_batches_follow_each_other(self, readers, relay):
        assert carry(at_once=4) == 6
        assert len(relay.taken) == 6

    def test_each_act_is_in_its_persons_log(self, readers, relay):
        from avow.evidence.acts import Act
        from avow.vault.attesting import acts_of

        carry()
        assert all([a.act for a in acts_of(person)].count(Act.MESSAGE_SENT) == 1 for person in readers)

    @pytest.mark.proves(Promise.OPT_OUT)
    def test_a_choice_that_came_since_stops_it(self, readers, relay, monkeypatch):
        """It bites: without asking again the letter goes."""
        person, number = next(iter(readers.items()))
        monkeypatch.setattr(opting_out, "_stop_waiting", lambda *_: 0)  # as if a worker held it at that moment
        opting_out.opt_out(person, None, way="link", now=now())
        carry()
        assert fate(number) == ("suppressed", "switched-off")
        assert len(relay.taken) == 5

    def test_nothing_due_makes_no_connection(self, reader, relay):
        assert carry() == 0
        assert relay.connections == 0

    def test_a_letter_past_its_end_does_not_go(self, readers, relay):
        Outgoing.objects.update(ends_at=now() - timedelta(seconds=1))
        assert carry() == 0

    def test_what_waits_for_the_morning_goes_then(self, readers, relay):
        Outgoing.objects.update(not_before=now() + timedelta(hours=3))
        assert carry() == 0
        assert carry(now() + timedelta(hours=4)) == 6

    def test_what_the_demo_kept_is_never_sent_later(self, reader, relay, monkeypatch):
        from django.conf import settings as django

        address, django.MAIL_RELAY = django.MAIL_RELAY, ""
        number = send(reader())
        django.MAIL_RELAY = address
        assert carry() == 0
        assert fate(number) == ("kept", "")


class TestWhatTheRelaySays:
    @pytest.mark.parametrize("strict", [True, False])
    @pytest.mark.parametrize("ahead", [True, False])
    def test_one_address_that_is_none_keeps_nobody_waiting(self, readers, relay, ahead, strict):
        relay.ahead, relay.strict = ahead, strict
        relay.refusals = ["", "", "550 5.1.1 no such user", ""]
        assert carry() == 6
        assert sorted(fates(readers.values())) == [("failed", "")] + [("sent", "")] * 5
        assert Bounce.objects.get().status == "5.1.1"
        assert len(relay.taken) == 5

    @pytest.mark.parametrize("ahead", [True, False])
    def test_later_is_later_for_its_domain_alone(self, readers, reader, relay, ahead):
        relay.ahead = ahead
        other = send(reader("ada@elsewhere.example"))
        relay.answers = ["451 4.7.1 later"]
        pace = Pace(time.monotonic)
        carry(pace=pace)
        left = Outgoing.objects.all()
        assert all(row.not_before > now() + timedelta(seconds=HOLD / 2) for row in left)
        assert Outgoing.objects.filter(tries=1).count() == 1
        assert fate(other) == ("sent", "")
        assert 1 <= left.count() <= 6
        assert carry() == 0  # nothing of it is due
        assert carry(now() + timedelta(hours=2)) == left.count() or not Outgoing.objects.exists()

    def test_whoever_says_later_for_ever_ends_it(self, reader, relay):
        number = send(reader())
        Outgoing.objects.update(tries=runs.TRIES - 1)
        relay.answers = ["451 later"]
        carry()
        assert fate(number) == ("failed", "")

    def test_a_refusal_of_the_text_is_tried_again(self, reader, relay):
        number = send(reader())
        relay.answers = ["554 5.7.1 spam"]
        carry()
        assert fate(number)[0] == "waiting"
        assert carry(now() + timedelta(hours=2)) == 1
        assert not Bounce.objects.exists()

    def test_no_relay_leaves_all_as_it_was(self, readers, relay, monkeypatch):
        from django.conf import settings as django

        monkeypatch.setattr(django, "MAIL_RELAY", "127.0.0.1:9")
        with pytest.raises(Unavailable):
            carry()
        assert set(fates(readers.values())) == {("waiting", "")}
        assert not Outgoing.objects.exclude(run=None).exists()


class TestUnluckyMails:
    def test_what_is_said_of_the_sender_is_not_about_the_recipient(self, readers, relay):
        relay.refuses_sender = "553 5.1.3 bad sender"
        carry()
        assert not Bounce.objects.exists()
        assert {state for state, _ in fates(readers.values())} == {"waiting"}

    def test_one_that_ends_the_connection_each_time_lets_the_others_by_and_is_given_up(self, reader, relay):
        first = send(reader("poison@example.com"), NOTICE)
        others = [send(reader(f"p{at}@example.com"), NOTICE) for at in range(3)]
        relay.hangs_up_for = b"poison@"
        at = now()
        for _ in range(runs.TRIES + 2):
            with contextlib.suppress(Lost):
                carry(at)
            at += timedelta(hours=2)
        assert set(fates(others)) == {("sent", "")}
        assert fate(first) == ("failed", "")
        assert len(to(relay.taken)) == 3

    def test_one_that_is_damaged_has_failed_and_the_others_go(self, readers, relay):
        """It bites: opened all at once alone, it would keep everybody's mail waiting for ever."""
        number = next(iter(readers.values()))
        sealed = bytes(Outgoing.objects.get(pk=number).sealed)
        Outgoing.objects.filter(pk=number).update(sealed=sealed[:-1] + bytes([sealed[-1] ^ 1]))
        assert carry() == 6
        assert fate(number) == ("failed", "no-mail")
        assert len(relay.taken) == 5

    def test_one_whose_key_is_missing_waits_and_the_others_go(self, readers, relay, monkeypatch):
        from avow.communications import envelope
        from avow.errors import KeyringLost

        person, number = next(iter(readers.items()))
        plain = envelope.unseal_each

        def without(rows, **more):
            if any(row.person == person for row in rows):
                raise KeyringLost("as after half a restore")
            return plain(rows, **more)

        monkeypatch.setattr(envelope, "unseal_each", without)
        assert carry() == 5
        assert fate(number)[0] == "waiting" and Outgoing.objects.get().run is None

    def test_a_relay_that_hangs_is_given_up_and_what_it_had_is_in_doubt(self, readers, relay, monkeypatch):
        from avow.communications import relay as outside

        monkeypatch.setattr(outside, "PATIENCE", 0.2)
        relay.slow = 1.0
        with pytest.raises(Lost):
            carry()
        assert sorted(state for state, _ in fates(readers.values())) == ["in-doubt", *["waiting"] * 5]

    def test_a_full_disk_sends_nothing_that_it_could_not_note(self, readers, relay, monkeypatch):
        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(journal.os, "write", full)
        with pytest.raises(Lost):
            carry()
        monkeypatch.undo()
        assert len(relay.taken) == 0
        assert {state for state, _ in fates(readers.values())} == {"waiting"}


class TestDoubt:
    @pytest.mark.parametrize("takes", [True, False])
    @pytest.mark.parametrize("ahead", [True, False])
    def test_news_that_a_lost_connection_may_have_taken_is_not_sent_again(self, readers, relay, ahead, takes):
        relay.ahead, relay.hangs_up_at, relay.takes_before = ahead, 3, takes
        with pytest.raises(Lost):
            carry()
        counted = sorted(state for state, _ in fates(readers.values()))
        assert counted.count("in-doubt") == 1 and counted.count("sent") == 2
        carry()
        assert len(relay.taken) == 6 if takes else 5
        assert len(set(to(relay.taken))) == len(relay.taken)

    def test_a_notice_goes_again_under_its_number(self, reader, relay):
        people = [reader(f"person-{at}@example.com") for at in range(4)]
        numbers = [send(person, NOTICE) for person in people]
        relay.hangs_up_at, relay.takes_before = 2, True
        with pytest.raises(Lost):
            carry()
        assert carry() == 3
        assert set(fates(numbers)) == {("sent", "")}
        assert len(relay.taken) == 5  # one is doubled, and a mailbox can tell
        assert len({read(raw)["Message-ID"] for raw in relay.taken}) == 4


class TestACrash:
    """The process is killed while the relay waits; another looks at the journal."""

    def killed(self, relay, at):
        """Run until the relay has taken `at` texts, then kill -9."""
        from django.db import connections

        connections.close_all()
        child = os.fork()
        if child == 0:
            try:
                carry()
            finally:
                os._exit(0)
        until = time.monotonic() + 20
        while len(relay.taken) < at and time.monotonic() < until:
            time.sleep(0.0005)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    @pytest.mark.parametrize("at", [0, 1, 3, 5])
    @pytest.mark.parametrize("kind", [NEWS, NOTICE])
    def test_nobody_is_forgotten_and_news_comes_once(self, reader, relay, kind, at):
        numbers = [send(reader(f"person-{n}@example.com"), kind) for n in range(6)]
        relay.slow = 0.01
        self.killed(relay, at)
        relay.slow = 0
        carry()
        carry()
        states = [state for state, _ in fates(numbers)]
        got = to(relay.taken)
        if kind is NEWS:
            assert states.count("in-doubt") <= 1 and set(states) <= {"sent", "in-doubt"}
            assert len(got) == len(set(got)) >= states.count("sent")
        else:
            assert set(states) == {"sent"}
            assert len(set(got)) == len(numbers) and len(got) - len(set(got)) <= 1
        assert not Outgoing.objects.exists() and not list(journal.folder().iterdir())

    def test_a_run_whose_journal_is_gone_is_in_doubt_after_its_lease(self, readers, relay, reader):
        notice = send(reader("last@example.com"), NOTICE)
        Outgoing.objects.update(run=uuid4(), taken_at=now())
        assert carry() == 0
        later = now() + runs.LEASE + timedelta(seconds=1)
        assert runs.recover(now=later) == 7
        assert set(fates(readers.values())) == {("in-doubt", "")}
        assert fate(notice)[0] == "waiting"

    def test_a_living_run_is_left_alone(self, readers, relay):
        with journal.begun() as own:
            Outgoing.objects.update(run=own.run, taken_at=now())
            assert runs.recover(now=now()) == 0
            assert Outgoing.objects.filter(run=own.run).count() == 6


class TestTheJournal:
    def test_what_it_says_is_read_back(self):
        one, two, three = uuid4(), uuid4(), uuid4()
        with pytest.raises(RuntimeError), journal.begun() as own:
            own.giving(one)
            own.given(one)
            own.giving(two)
            own.refused(two)
            own.giving(three)
            raise RuntimeError
        with journal.dead() as found:
            assert found[own.run] == journal.Marks(frozenset({one}), frozenset({three}))
        with journal.dead() as found:
            assert not found

    @given(st.lists(st.sampled_from([journal.GIVING, journal.GIVEN, journal.REFUSED])), st.integers(0, 40))
    def test_a_torn_end_never_makes_a_mail_certain(self, signs, cut):
        numbers = [uuid4() for _ in signs]
        raw = b"".join(sign + number.bytes for sign, number in zip(signs, numbers, strict=True))
        marks = journal.read(raw[: max(0, len(raw) - cut)])
        whole = journal.read(raw)
        assert marks.given <= whole.given
        assert not marks.given & marks.in_doubt


class TestThePace:
    @given(st.lists(st.tuples(st.floats(0, 5), st.sampled_from("ab")), max_size=60), st.integers(1, 5))
    def test_no_second_has_more_than_the_rate(self, asked, rate):
        at = [0.0]
        pace = Pace(lambda: at[0], rate=float(rate))
        went = []
        for step, domain in asked:
            at[0] += step
            if pace.wait(domain) == 0.0:
                went.append(at[0])
        assert all(sum(1 for other in went if one <= other < one + 1.0) <= 2 * rate for one in went)

    def test_a_domain_that_says_later_is_left_alone_then_slowly_found_well_again(self):
        at = [0.0]
        pace = Pace(lambda: at[0])
        assert pace.later("a") == HOLD
        assert pace.wait("a") == HOLD and pace.wait("b") == 0.0
        at[0] = HOLD
        assert pace.wait("a") == 0.0
        assert pace.later("a") == 2 * HOLD
        at[0] += 2 * HOLD
        for _ in range(40):
            while pace.wait("a"):
                at[0] += 1
            pace.taken("a")
        assert all(pace.wait("a") == 0.0 for _ in range(100))

    def test_the_hold_never_exceeds_the_longest(self):
        at = [0.0]
        pace = Pace(lambda: at[0])
        for _ in range(20):
            at[0] += pace.later("a")
        assert pace.later("a") <= 3600


class TestACampaignThatGoesBadly:
    @pytest.fixture
    def going(self, reader, relay, monkeypatch):
        monkeypatch.setattr(campaigns, "CANARY", 4)
        people = [reader(f"person-{at}@example.com") for at in range(10)]
        row = campaigns.compose(NEWS, "News", "Something new.", now=now())
        return campaigns.start(row.pk, by=people[0], now=now())

    def test_the_first_few_go_alone_and_the_rest_when_theirs_went(self, going, relay):
        assert campaigns.push(going.pk, now=now())
        assert campaigns.find(going.pk).handled == 4
        assert not campaigns.push(going.pk, now=now())  # theirs wait
        carry()
        assert not campaigns.push(going.pk, now=now())  # it is too early to have heard
        assert not campaigns.push(going.pk, now=now() + campaigns.HEARD)
        row = campaigns.find(going.pk)
        assert row.handled == 10 and row.ended_at is None  # six mails wait, and the desk can still stop them
        carry()
        assert not campaigns.push(going.pk, now=now() + campaigns.HEARD)
        assert campaigns.find(going.pk).ended_at is not None

    def test_the_first_few_are_waited_for_however_long_it_takes(self, going, relay):
        campaigns.push(going.pk, now=now())
        later = now() + campaigns.LATE - timedelta(minutes=1)
        assert not campaigns.push(going.pk, now=later) and campaigns.find(going.pk).handled == 4
        Outgoing.objects.update(not_before=later + timedelta(hours=9))  # the quiet hours, which are no standstill
        assert not campaigns.push(going.pk, now=later)
        assert not campaigns.push(going.pk, now=later + timedelta(minutes=30))
        assert campaigns.state_of(campaigns.find(going.pk)) is State.GOING

    def test_too_many_that_come_back_stop_it_and_somebody_decides(self, going, relay):
        campaigns.push(going.pk, now=now())
        relay.refuses = "550 5.1.1 no"
        carry()
        row = campaigns.find(going.pk)
        assert (campaigns.state_of(row), row.stopped_for) == (State.STOPPED, Stop.RETURNED)
        assert not campaigns.push(going.pk, now=now() + campaigns.HEARD) and campaigns.unfinished() == []
        campaigns.go_on(going.pk, now=now())
        relay.refuses = False
        assert campaign_watch.look(going.pk, now=now()) is None  # somebody saw those, and let it go on
        assert not campaigns.push(going.pk, now=now() + campaigns.HEARD)
        carry()
        campaigns.push(going.pk, now=now() + campaigns.HEARD)
        assert campaigns.find(going.pk).ended_at is not None

    def test_calls_for_spam_stop_it(self, going, relay):
        from avow.communications import bounces
        from avow.communications.models import Kept

        campaigns.push(going.pk, now=now())
        carry()
        for person in Kept.objects.values_list("person", flat=True)[:2]:
            bounces.keep(person, "x@example.com", Severity.SPAM, "", now=now())
        assert campaign_watch.look(going.pk, now=now()) is Stop.SPAM

    def test_what_waits_of_a_stopped_one_stays_until_it_goes_on_or_ends(self, going, relay):
        campaigns.push(going.pk, now=now())
        campaigns.stop(going.pk, now=now())
        assert carry() == 0 and len(relay.taken) == 0
        campaigns.end_here(going.pk, now=now())
        assert carry() == 0 and not Outgoing.objects.exists()
        assert set(Ledger.objects.values_list("state", flat=True)) == {"withdrawn"}

    def test_what_a_run_held_when_it_was_ended_does_not_go_later(self, going, relay):
        campaigns.push(going.pk, now=now())
        Outgoing.objects.update(run=uuid4(), taken_at=now())
        campaigns.stop(going.pk, now=now())
        campaigns.end_here(going.pk, now=now())
        Outgoing.objects.update(run=None, taken_at=None)  # as a run puts back what it did not come to
        assert carry() == 0 and not relay.taken

    def test_one_that_stood_still_asks_before_it_goes_on(self, going, relay):
        """The worker was down: what it says may be out of date."""
        assert not campaigns.push(going.pk, now=now() + campaigns.LATE + timedelta(minutes=1))
        row = campaigns.find(going.pk)
        assert (row.stopped_for, row.handled) == (Stop.LATE, 0)

    @settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.sampled_from(sorted(set(MOVES) - {"start"})), max_size=8), st.booleans())
    def test_it_moves_as_the_table_says_and_no_other_way(self, policy, acts, started):
        with in_vain():
            row = campaigns.compose(NEWS, "News", "Something new.", now=now())
            if started:
                Campaign.objects.filter(pk=row.pk).update(started_at=now(), moved_at=now())
            for name in acts:
                before, move = campaigns.state_of(campaigns.find(row.pk)), MOVES[name]
                act = getattr(campaigns, name.replace("-", "_"))
                if before in move.begins:
                    act(row.pk, now=now())
                    before = move.to
                else:
                    with pytest.raises(Refused):
                        act(row.pk, now=now())
                assert campaigns.state_of(campaigns.find(row.pk)) is before
