"""
The register of incidents: what is taken in, what is refused, who must sign, and that no way round the table exists.

Tried, each seen to fail one of these: no look at the future in `_in_time`; `register` that makes a second row for the same
form; words in clear in `words.write`; `agree` that compares no officers; `move` that leaves proposals standing; `_ready` that lets a running look be closed over; `file` that asks for
no reason; `find` that forgets whom an incident is about; a CLOSE in the table that needs nothing of the people.
"""

import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given as drawn
from hypothesis import strategies as st

from avow.errors import AvowError, BadInput, NotFound, Refused
from avow.evidence.models import Outbox
from avow.policy.promises import Promise
from avow.sharing import incidents, incidents_filing, incidents_signing, incidents_telling
from avow.sharing import incidents_words as words
from avow.sharing.incidents_finding import Scope
from avow.sharing.incidents_models import (
    Affected,
    Incident,
    IncidentDecision,
    IncidentFiling,
    IncidentLetter,
    IncidentNote,
)
from avow.sharing.incidents_states import TWO, Authority, People, Place, Risk, Stage, Step, after, possible
from avow.sharing.incidents_words import MOST, Topic
from tests.requests.asking import make_someone
from tests.sharing.registering import (
    HAPPENED,
    ONE,
    OTHER,
    SAID,
    THIRD,
    assessment,
    closed,
    decided,
    looked,
    registered,
    report,
    told,
)

pytestmark = [pytest.mark.proves(Promise.BREACH_REGISTER)]


def row(number):
    return Incident.objects.get(pk=number)


def acts():
    from avow.evidence.entries import decode

    return [decode(bytes(entry)).act for entry in Outbox.objects.order_by("pk").values_list("entry", flat=True)]


@pytest.fixture
def number(policy, now):
    return registered(now, until=None)


class TestTheTable:
    @drawn(st.lists(st.sampled_from(Step), max_size=30))
    def test_whatever_way_one_goes_nothing_is_closed_undecided_and_who_was_told_stays_told(self, steps):
        place = Place()
        for step in steps:
            to = after(place, step)
            assert (to is not None) == (step in possible(place))
            if to is None:
                continue
            if to.stage is Stage.CLOSED:
                assert to.authority is not Authority.UNDECIDED and to.people in (People.TOLD, People.NOT_OWED)
            if place.authority is Authority.TOLD:
                assert to.authority is Authority.TOLD
            if place.people in (People.TOLD, People.TELLING):
                assert to.people in (People.TOLD, People.TELLING)
            if Authority.NOT_OWED is to.authority is not place.authority:
                assert place.stage is Stage.ASSESSED and step in TWO
            place = to
        assert possible(place), "there is no place without a way on"

    def test_from_every_place_that_is_reached_the_end_can_be_reached(self):
        reached, waiting = {Place()}, [Place()]
        ways = {}
        while waiting:
            place = waiting.pop()
            ways[place] = {after(place, step) for step in possible(place)}
            waiting += ways[place] - reached
            reached |= ways[place]
        ends = {place for place in reached if place.stage is Stage.CLOSED}
        for _ in reached:
            ends |= {place for place in reached if ways[place] & ends}
        assert ends == reached


class Walk:
    """Real acts in any order, beside the table."""

    def __init__(self, number, now, draw):
        self.number, self.now, self.draw = number, now, draw

    def two(self, step):
        decided(self.number, step, self.now)

    def steps(self):
        return {
            Step.ASSESS: lambda: incidents.assess(self.number, assessment(), by=ONE, now=self.now),
            Step.FILE: lambda: incidents_filing.file(self.number, told_at=self.now, by=ONE, now=self.now),
            Step.TELL: lambda: incidents_telling.begin(self.number, SAID, by=ONE, now=self.now),
            Step.ALL_TOLD: self.all_told,
            Step.REOPEN: lambda: incidents.reopen(self.number, "More is known.", by=ONE, now=self.now),
            **{step: (lambda step=step: self.two(step)) for step in TWO},
        }

    def all_told(self):
        incidents.must(row(self.number), Step.ALL_TOLD)
        incidents_telling.tell_all(clock=lambda: self.now)

    def find_somebody(self):
        """Somebody untold is there, or a notice would be refused for want of people."""
        Affected.objects.get_or_create(
            incident_id=self.number, person=self.draw, defaults={"scope": uuid4(), "found_at": self.now}
        )

    def go(self, step):
        before = row(self.number).place
        if step is Step.TELL:
            Affected.objects.filter(incident=self.number).delete()
            self.find_somebody()
        if step is Step.ALL_TOLD and not IncidentLetter.objects.filter(incident=self.number, done_at=None).exists():
            return
        try:
            self.steps()[step]()
        except AvowError:
            assert after(before, step) is None, (before, step)
            assert row(self.number).place == before
        else:
            assert row(self.number).place == after(before, step), (before, step)


@pytest.mark.parametrize("seed", range(6))
def test_the_acts_walk_as_the_table_says(ada, now, seed):
    """Each of the acts that move an incident, in a random order, forty times: it moves as the table does, or refuses."""
    draw = random.Random(seed)
    walk = Walk(registered(now), now, ada.person)
    for _ in range(40):
        likely = sorted(possible(row(walk.number).place))
        walk.go(draw.choice(likely) if draw.random() < 0.7 else draw.choice(list(Step)))


class TestRegistering:
    def test_it_stands_with_its_clock_its_words_sealed_and_an_entry_that_names_nobody(self, number, now):
        found = row(number)
        assert found.place == Place() and found.due_at == found.aware_at + timedelta(hours=72)
        assert [note.text for note in words.of(found, now=now)] == [HAPPENED, "Somebody of the office said so."]
        assert all(HAPPENED.encode() not in bytes(note.sealed) for note in IncidentNote.objects.all())
        assert acts().count("incident.registered") == 1

    def test_the_same_form_twice_registers_once(self, policy, now):
        drawn_by_the_form = uuid4()
        for _ in range(2):
            incidents.register(report(now), number=drawn_by_the_form, by=ONE, now=now)
        assert Incident.objects.count() == 1 and IncidentNote.objects.count() == 2

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"since": timedelta(minutes=1)}, "past"),
            ({"until": timedelta(minutes=1)}, "past"),
            ({"aware_at": timedelta(seconds=1)}, "past"),
            ({"until": timedelta(hours=-6)}, "ended before it began"),
            ({"aware_at": timedelta(hours=-6)}, "became aware before|become aware before"),
            ({"happened": " \n "}, "is empty"),
            ({"found": "x" * (MOST + 1)}, "longer than"),
            ({"happened": "a\0b"}, "no text has"),
        ],
    )
    def test_what_cannot_be_is_refused_and_leaves_nothing(self, policy, now, wrong, says):
        given = {name: now + value if isinstance(value, timedelta) else value for name, value in wrong.items()}
        with pytest.raises(BadInput, match=says):
            registered(now, **given)
        assert not Incident.objects.exists() and not IncidentNote.objects.exists()

    def test_nobody_registers_what_happened_before_there_were_computers(self, policy, now):
        with pytest.raises(BadInput, match="2000"):
            registered(now, since=datetime(1, 1, 1, tzinfo=UTC), aware_at=now)

    def test_the_longest_words_are_taken(self, policy, now):
        assert registered(now, happened="ä" * MOST)

    def test_the_database_refuses_what_a_page_would_let_through(self, number, now):
        for wrong in ({"stage": "closed", "closed_at": now}, {"aware_at": now - timedelta(days=1)}, {"people": "someday"},
                      {"happened_until": now - timedelta(days=1)}):  # fmt: skip
            with pytest.raises(IntegrityError), transaction.atomic():
                Incident.objects.filter(pk=number).update(**wrong)

    def test_nothing_is_added_to_a_closed_incident_before_it_is_opened_again(self, number, now):
        closed(number, now)
        with pytest.raises(Refused, match="closed"):
            incidents.add_words(number, Topic.ADDITION, "More.", by=ONE, now=now)
        incidents.reopen(number, "More is known.", by=ONE, now=now + timedelta(days=30))
        found = row(number)
        assert found.place == Place() and found.due_at == now + timedelta(days=33) and found.closed_at is None
        incidents.add_words(number, Topic.ADDITION, "More.", by=ONE, now=now)

    def test_a_clock_that_was_set_back_closes_nothing_and_opens_nothing(self, number, now):
        earlier = now - timedelta(days=400)
        with pytest.raises(BadInput):
            incidents_filing.file(number, told_at=now, by=ONE, now=earlier)
        with pytest.raises(BadInput):
            incidents.register(report(now), number=uuid4(), by=ONE, now=earlier)
        assert row(number).place == Place()


class TestTwoOfficers:
    def test_one_alone_decides_nothing_that_is_not_owed(self, number, now):
        incidents.assess(number, assessment(), by=ONE, now=now)
        for step in TWO - {Step.CLOSE}:
            proposed = incidents_signing.propose(number, step, "Nobody could read it.", by=ONE, now=now)
            with pytest.raises(Refused, match="another officer"):
                incidents_signing.agree(proposed, by=ONE, now=now)
            with pytest.raises(IntegrityError), transaction.atomic():
                IncidentDecision.objects.filter(pk=proposed).update(second=ONE, agreed_at=now)
        assert row(number).place == Place(Stage.ASSESSED)

    def test_a_second_click_and_a_second_proposal_change_nothing(self, number, now):
        incidents.assess(number, assessment(), by=ONE, now=now)
        proposed = incidents_signing.propose(number, Step.AUTHORITY_NOT_OWED, "So.", by=ONE, now=now)
        with pytest.raises(Refused, match="proposed already"):
            incidents_signing.propose(number, Step.AUTHORITY_NOT_OWED, "So.", by=OTHER, now=now)
        incidents_signing.agree(proposed, by=OTHER, now=now)
        with pytest.raises(Refused, match="waits no more"):
            incidents_signing.agree(proposed, by=THIRD, now=now)
        with pytest.raises(NotFound):
            incidents_signing.agree(uuid4(), by=OTHER, now=now)

    def test_what_was_signed_was_about_this_assessment(self, number, now):
        """The first officer proposes, then somebody assesses it as high: the second must not sign the old words."""
        incidents.assess(number, assessment(risk=Risk.UNLIKELY), by=ONE, now=now)
        proposed = incidents_signing.propose(number, Step.PEOPLE_NOT_OWED, "Harmless.", by=ONE, now=now)
        incidents.assess(number, assessment(risk=Risk.HIGH), by=THIRD, now=now)
        with pytest.raises(Refused, match="something else by now"):
            incidents_signing.agree(proposed, by=OTHER, now=now)

    def test_what_was_signed_was_about_these_people(self, ada, number, now):
        incidents.assess(number, assessment(risk=Risk.UNLIKELY), by=ONE, now=now)
        proposed = incidents_signing.propose(number, Step.PEOPLE_NOT_OWED, "Nobody was found.", by=ONE, now=now)
        looked(number, Scope.EVERYBODY, now)
        with pytest.raises(Refused, match="something else by now"):
            incidents_signing.agree(proposed, by=OTHER, now=now)

    def test_a_proposal_is_taken_back_and_made_anew(self, number, now):
        incidents.assess(number, assessment(), by=ONE, now=now)
        proposed = incidents_signing.propose(number, Step.AUTHORITY_NOT_OWED, "So.", by=ONE, now=now)
        incidents_signing.take_back(proposed, by=OTHER, now=now)
        decided(number, Step.AUTHORITY_NOT_OWED, now)
        assert row(number).authority == Authority.NOT_OWED

    def test_a_step_of_one_is_not_proposed_and_a_step_too_early_neither(self, number, now):
        with pytest.raises(Refused, match="alone"):
            incidents_signing.propose(number, Step.ASSESS, "So.", by=ONE, now=now)
        with pytest.raises(Refused, match="cannot be done now"):
            incidents_signing.propose(number, Step.AUTHORITY_NOT_OWED, "So.", by=ONE, now=now)

    def test_nothing_is_closed_over_a_look_that_runs_or_people_that_wait(self, ada, number, now):
        from avow.sharing import incidents_finding
        from avow.sharing.incidents_finding import Where

        looked(number, Scope.EVERYBODY, now)
        incidents.assess(number, assessment(), by=ONE, now=now)
        incidents_filing.file(number, told_at=now, by=ONE, now=now)
        told(number, now)
        eve = make_someone("eve@example.com", password=None, now=now - timedelta(hours=3))
        incidents_finding.look(number, Where(Scope.EVERYBODY), by=ONE, now=now)
        with pytest.raises(Refused, match="being looked"):
            incidents_signing.propose(number, Step.CLOSE, "Over.", by=ONE, now=now)
        incidents_finding.find_all(clock=lambda: now)
        assert Affected.objects.filter(person=eve, told_at=None).exists()
        with pytest.raises(Refused, match="tell them"):
            incidents_signing.propose(number, Step.CLOSE, "Over.", by=ONE, now=now)
        told(number, now)
        decided(number, Step.CLOSE, now)
        assert row(number).place == Place(Stage.CLOSED, Authority.TOLD, People.TOLD)

    def test_the_officer_whose_openings_it_is_about_has_no_part_in_it_and_does_not_see_it(self, number, now):
        looked(number, Scope.OPENINGS, now, officer=OTHER)
        incidents.assess(number, assessment(), by=ONE, now=now)
        proposed = incidents_signing.propose(number, Step.AUTHORITY_NOT_OWED, "So.", by=ONE, now=now)
        for act in (lambda: incidents.find(number, by=OTHER), lambda: incidents_signing.agree(proposed, by=OTHER, now=now),
                    lambda: incidents.assess(number, assessment(), by=OTHER, now=now)):  # fmt: skip
            with pytest.raises(NotFound):
                act()
        incidents_signing.agree(proposed, by=THIRD, now=now)


class TestTheAuthority:
    def test_what_is_told_is_kept_as_it_was_and_its_digest_stands_in_the_log(self, ada, number, now):
        from hashlib import sha256

        from avow.evidence.entries import decode

        looked(number, Scope.EVERYBODY, now)
        incidents.assess(number, assessment(), by=ONE, now=now)
        incidents_filing.file(number, told_at=now, by=ONE, now=now)
        said = incidents_filing.as_told(row(number), 1, now=now)
        digest = sha256(number.bytes + said.encode()).digest()
        assert bytes(IncidentFiling.objects.get().digest) == digest
        entries = [decode(bytes(entry)) for entry in Outbox.objects.values_list("entry", flat=True)]
        assert [one.evidence for one in entries if one.act == "incident.filed"] == [digest]

    def test_it_says_what_article_33_asks_for_and_names_nobody(self, ada, number, now):
        looked(number, Scope.EVERYBODY, now)
        incidents.assess(number, assessment(), by=ONE, now=now)
        said = " ".join(incidents_filing.next_document(row(number), now=now).split())
        for part in ("somebody looked who may not", HAPPENED, "About 1 person", "1 with an account", "Name", "About 3 records",
                     SAID.consequences, SAID.measures, "Contact point", "info@optimibi.com", "Aware since"):  # fmt: skip
            assert part in said, part
        assert "ada@example.com" not in said and "Ada" not in said and str(ada.person) not in said

    def test_what_is_not_known_yet_says_so_and_comes_as_a_phase_with_its_day(self, number, now):
        incidents_filing.file(number, told_at=now, by=ONE, now=now)
        assert incidents_filing.as_told(row(number), 1, now=now).count(incidents_filing.NOT_YET) == 4
        incidents.add_words(number, Topic.ADDITION, "The share had been open for a week.", by=OTHER, now=now)
        later = now + timedelta(days=5)
        incidents_filing.file(number, told_at=later, by=OTHER, now=later, delay="It was found later.")
        first, second = (incidents_filing.as_told(row(number), phase, now=later) for phase in (1, 2))
        assert "open for a week" in second and f"{now:%-d %B %Y}" in second and "open for a week" not in first
        assert "Addition" in second and incidents_filing.as_told(row(number), 3, now=later) is None

    def test_later_than_72_hours_needs_the_reason(self, number, now):
        late = row(number).due_at + timedelta(seconds=1)
        with pytest.raises(BadInput, match="later than 72 hours"):
            incidents_filing.file(number, told_at=late, by=ONE, now=late)
        incidents_filing.file(number, told_at=late, by=ONE, now=late, delay="The office was shut.")
        assert IncidentFiling.objects.get().late and row(number).authority == Authority.TOLD
        assert "The office was shut." in incidents_filing.as_told(row(number), 1, now=late)

    def test_in_time_needs_none_up_to_the_last_second(self, number, now):
        last = row(number).due_at
        incidents_filing.file(number, told_at=last, by=ONE, now=last)
        assert not IncidentFiling.objects.get().late

    def test_nobody_was_told_tomorrow_or_before_anybody_knew(self, number, now):
        for at in (now + timedelta(seconds=1), row(number).aware_at - timedelta(minutes=2)):
            with pytest.raises(BadInput, match="between"):
                incidents_filing.file(number, told_at=at, by=ONE, now=now)


def test_words_whose_key_a_restore_found_gone_say_so_and_the_register_goes_on(number, now):
    from avow.vault.stores import stores

    incidents_filing.file(number, told_at=now, by=ONE, now=now)
    store = next(store for store in stores() if store.name == "incidents")
    assert store.forget(row(number).key, request=uuid4(), now=now) == 0
    assert [one.text for one in words.of(row(number), now=now)] == [words.LOST] * 2
    assert incidents_filing.as_told(row(number), 1, now=now) is None
    incidents.assess(number, assessment(), by=ONE, now=now)
