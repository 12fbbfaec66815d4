"""
Switches as a machine: whatever people choose, and in whatever order letters are sent and delivered, none that is
switched off reaches the relay, and the ledger moves only as MOVES says.

It bites (tried): a campaign whose mark does not move with its message. The mechanisms of opting out are broken in
tests/promises/test_opt_out.py.
"""

from collections import Counter
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avow.communications import campaigns, delivering, envelope, keeping, opting_out, previewing, stores
from avow.communications.classes import MessageClass, Topic
from avow.communications.models import BEGINS, MOVES, Campaign, Kept, Ledger, Outgoing
from avow.communications.opting_out import EVERYTHING
from avow.errors import BadInput, NotFound
from tests.communications.topics import fate, now, send

STEPS = st.lists(
    st.tuples(st.sampled_from(["send", "deliver", "off", "on", "undo"]), st.sampled_from(EVERYTHING)), max_size=12
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_no_letter_that_is_switched_off_reaches_the_relay(reader, relay, steps):
    person = reader(f"{uuid4().hex}@example.com")
    off = set()
    seen = dict(Ledger.objects.values_list("pk", "state"))  # of earlier examples
    for what, kind in steps:
        if what == "send":
            send(person, kind)
        elif what == "deliver":
            deliver_next(person, relay, off)
        else:
            turn(person, what, kind, off)
        for row in Ledger.objects.all():
            was = seen.get(row.pk)
            assert row.state in (BEGINS if was is None else MOVES[was] | {was})
            seen[row.pk] = row.state
        assert not Outgoing.objects.filter(person=person, kind__in=off).exists()


def deliver_next(person, relay, off):
    """Hand over what has waited longest; what waits is never switched off."""
    waiting = Outgoing.objects.filter(person=person).order_by("queued_at").first()
    if waiting is not None:
        before = len(relay.taken)
        delivering.deliver(waiting.pk, now=now())
        assert waiting.kind not in off
        assert len(relay.taken) == before + 1


def turn(person, what, kind, off):
    """Turn a switch both in the house and in the model."""
    if what == "off":
        opting_out.choose(person, set(EVERYTHING) - off - {kind}, way="account", now=now())
        off.add(kind)
    elif what == "on":
        opting_out.choose(person, set(EVERYTHING) - (off - {kind}), way="account", now=now())
        off.discard(kind)
    else:
        opting_out.undo(person, [kind], now=now())  # nothing was switched off by a link


class TestInTheAccount:
    def test_what_is_mailed_is_kept_too_and_read_once(self, reader):
        person = reader()
        number = send(person)
        [shown] = keeping.shown_to(person, now())
        assert (shown.message, shown.subject, shown.text, shown.read_at) == (number, "News", "Something new.\n", None)
        assert keeping.unread(person, now()) == 1
        keeping.mark_read(person, number, now=now())
        [first] = keeping.shown_to(person, now())
        keeping.mark_read(person, number, now=now())
        assert keeping.shown_to(person, now()) == [first]
        assert keeping.unread(person, now()) == 0
        with pytest.raises(NotFound):
            keeping.mark_read(reader("eve@example.com"), number, now=now())

    def test_of_what_was_stopped_only_the_fact_is_kept(self, reader, relay, every_byte):
        person = reader()
        waiting = send(person)
        opting_out.opt_out(person, None, way="account", now=now())
        send(person)
        assert [(s.text, s.state, s.reason) for s in keeping.shown_to(person, now())] == [
            ("", "suppressed", "switched-off")
        ] * 2
        assert Kept.objects.get(pk=waiting).sealed is None
        assert "Something new" not in every_byte()

    def test_who_has_no_confirmed_address_reads_it_there_alone(self, reader):
        person = reader(confirmed=False)
        assert fate(send(person)) == ("in-account", "no-address")
        assert "Something new" in keeping.shown_to(person, now())[0].text

    def test_it_rests_sealed_ends_and_goes_with_the_person(self, reader, every_byte):
        person = reader()
        send(person)
        opting_out.opt_out(person, [Topic.USAGE], way="link", now=now())
        assert "Something new" not in every_byte()
        _, messages, switches, _ = stores.MessageStore().export(person, now=now())
        assert messages.rows[0]["text"] == "Something new.\n"
        assert (switches.rows[0]["messages"], switches.rows[0]["by"]) == ("usage", "link")
        assert keeping.clear_ended(now() + keeping.LASTS) == 1
        send(person)
        store = stores.MessageStore()
        assert store.count(person) == store.forget(person, request=uuid4(), now=now())
        assert (store.count(person), store.forget(person, request=uuid4(), now=now())) == (0, 0)


class TestUndo:
    def test_a_link_undoes_what_a_link_did_and_no_more(self, reader):
        person = reader()
        opting_out.opt_out(person, [Topic.USAGE], way="account", now=now())
        opting_out.opt_out(person, [Topic.NEW_VERSIONS], way="one-click", now=now())
        opting_out.opt_out(person, [Topic.ANNOUNCEMENTS], way="link", now=now() - opting_out.UNDO)
        assert opting_out.undo(person, EVERYTHING, now=now()) == 1
        standing = opting_out.standing(person)
        assert standing[Topic.NEW_VERSIONS]
        assert not standing[Topic.USAGE] and not standing[Topic.ANNOUNCEMENTS]

    @pytest.mark.parametrize("way", ["", "by a long sentence with ada@example.com in it", "A", "x" * 40])
    def test_a_way_is_a_short_word(self, reader, way):
        with pytest.raises(BadInput):
            opting_out.opt_out(reader(), None, way=way, now=now())

    def test_a_number_that_nobody_has_is_answered_and_nothing_is_written(self, policy):
        assert opting_out.opt_out(uuid4(), None, way="mail", now=now()) == 0


class TestToEveryone:
    @pytest.fixture
    def people(self, reader):
        made = {name: reader(f"{name}@example.com", confirmed=name != "cy") for name in ("ann", "bo", "cy", "di")}
        opting_out.opt_out(made["di"], [Topic.ANNOUNCEMENTS], way="account", now=now())
        return made

    def draft(self, topic=Topic.ANNOUNCEMENTS):
        return campaigns.compose(topic, "News", "Something new.", now=now()).pk

    def test_the_preview_says_what_the_sending_does(self, people):
        reach = previewing.reach(Topic.ANNOUNCEMENTS, now=now())
        assert (reach.by_mail, reach.in_account, reach.not_at_all) == (2, 1, 1)
        number = self.draft()
        campaigns.start(number, by=people["ann"], now=now())
        assert not campaigns.push(number, now=now())
        states = Counter(fate(row.message)[0] for row in Kept.objects.filter(campaign=number))
        assert states == {"kept": 2, "in-account": 1, "suppressed": 1}

    def test_alerts_that_are_switched_off_are_previewed_as_shown_in_the_account(self, people):
        opting_out.opt_out(people["ann"], [Topic.SECURITY_ALERTS], way="account", now=now())
        reach = previewing.reach(Topic.SECURITY_ALERTS, now=now())
        assert (reach.by_mail, reach.in_account, reach.not_at_all) == (2, 2, 0)

    @pytest.mark.parametrize("at", range(14))
    def test_killed_midway_it_goes_on_without_doubles(self, people, monkeypatch, at):
        """Die at the n-th step inside a batch of two: afterwards each has exactly one."""
        from avow.communications import keeping, sending

        class Killed(BaseException):
            pass

        calls = iter(range(100))

        def dying(act):
            def die(*positional, **named):
                if next(calls) == at:
                    raise Killed
                return act(*positional, **named)

            return die

        number = self.draft()
        campaigns.start(number, by=people["ann"], now=now())
        steps = [
            (sending, "_note"), (keeping, "keep_each"), (envelope, "seal_each"), (sending, "attest_each"),
            (delivering, "keep_each"), (Campaign, "save"),
        ]  # fmt: skip
        for where, name in steps:
            monkeypatch.setattr(where, name, dying(getattr(where, name)))
        for _ in range(3):
            try:
                campaigns.push(number, now=now(), most=2)
            except Killed:
                continue
        campaigns.push(number, now=now())
        counted = Counter(Kept.objects.filter(campaign=number).values_list("person", flat=True))
        assert counted == dict.fromkeys(people.values(), 1)
        row = campaigns.find(number)
        assert (row.handled, row.reached, campaigns.unfinished()) == (4, None, [])
        assert row.ended_at is not None

    def test_one_who_cannot_be_written_to_does_not_keep_the_others(self, people):
        from avow.vault.keys.models import PersonSlot

        number = self.draft()
        PersonSlot.objects.filter(person=people["ann"]).delete()  # as after half a restore
        campaigns.start(number, by=people["bo"], now=now())
        assert not campaigns.push(number, now=now())
        lost = Kept.objects.get(campaign=number, person=people["ann"])
        assert (fate(lost.message), lost.sealed) == (("suppressed", "not-allowed"), None)
        assert Kept.objects.filter(campaign=number).count() == 4
        assert campaigns.find(number).ended_at is not None

    def test_starting_twice_is_once_and_is_recorded(self, people):
        from avow.evidence.acts import Act
        from avow.vault.attesting import acts_of

        number = self.draft()
        first = campaigns.start(number, by=people["ann"], now=now()).started_at
        assert campaigns.start(number, by=people["ann"], now=now()).started_at == first
        assert [a.act for a in acts_of(people["ann"])].count(Act.CAMPAIGN_STARTED) == 1
        campaigns.push(number, now=now())
        campaigns.push(number, now=now())
        assert Kept.objects.filter(campaign=number).count() == 4

    def test_a_draft_goes_nowhere_and_who_comes_later_is_not_written_to(self, people, reader):
        number = self.draft()
        assert not campaigns.push(number, now=now())
        campaigns.start(number, by=people["ann"], now=now())
        late = reader("late@example.com")
        campaigns.push(number, now=now())
        assert not Kept.objects.filter(person=late).exists()

    @pytest.mark.parametrize(
        "topic, subject, text",
        [
            ("announcements", "", "text"),
            ("announcements", "News", "  \n "),
            ("announcements", "News\nBcc: all@example.com", "text"),
            ("announcements", "x" * 200, "text"),
            ("announcements", "News", "x" * 20_000),
            ("promotion", "News", "text"),
            ("usage", "News", "text"),
        ],
    )
    def test_a_draft_that_is_wrong_is_refused_and_nothing_kept(self, policy, topic, subject, text):
        with pytest.raises(BadInput):
            campaigns.compose(topic, subject, text, now=now())
        assert not Campaign.objects.exists()

    def test_the_tasks_carry_it_to_the_end(self, people):
        from avow.communications import campaign_tasks

        number = self.draft()
        campaigns.start(number, by=people["ann"], now=now())
        campaign_tasks.push_campaign(str(number))
        campaign_tasks.carry_on(0)
        assert campaigns.find(number).ended_at is not None


def test_a_notice_is_no_topic():
    assert MessageClass.NOTICE not in list(Topic)
