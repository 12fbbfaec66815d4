"""
Whom an incident touched, and how they are told: by each way of looking, over kills, erasures and twice.

Tried, each seen to fail one of these: `OPENED` without either end of the span, without the officer, with cases that
opened nothing or are on keys of nobody's; `_write` that locks nobody; a cursor that is not emptied; `NAMED` that does
nothing at a conflict; `tell_some` that does not look again under the lock; BREACH among what can be switched off; a return path that
numbers the kinds anew; `forget` that counts nothing; `finish` that does not ask for looks that run.
"""

import time
from datetime import timedelta
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connections, transaction

from avow.communications import bounces, keeping, opting_out, return_path
from avow.communications.classes import MessageClass, Topic
from avow.communications.models import Kept, Ledger, Outgoing
from avow.communications.return_path import Whose
from avow.errors import BadInput, NotFound, Refused
from avow.evidence.acts import Act
from avow.people import queries
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.sharing import (
    disclosures_packing,
    errands,
    errands_delivering,
    incidents,
    incidents_counting,
    incidents_finding,
    incidents_for_people,
    incidents_telling,
)
from avow.sharing.incidents_finding import Scope, Where
from avow.sharing.incidents_models import Affected, Incident, IncidentLetter, IncidentScope
from avow.sharing.incidents_states import People, Risk, Step
from avow.sharing.incidents_telling import Said
from avow.vault import attesting, choices, enrolment, erasure, opening, opening_cases, sealing
from avow.vault.actor import staff
from avow.vault.enrolment import PersonKind
from avow.vault.forms import Form
from avow.vault.models import OpeningReason
from avow.vault.stores import stores
from tests.killing import Moments, in_a_child
from tests.requests.asking import make_someone
from tests.sharing.registering import ONE, SAID, assessment, decided, looked, registered, told

pytestmark = [pytest.mark.proves(Promise.BREACH_REGISTER)]
HOUR = timedelta(hours=1)


@pytest.fixture
def many(policy, now):
    """Seven people with an account, here since yesterday."""
    return sorted(make_someone(f"p{at}@example.com", password=None, now=now - 24 * HOUR) for at in range(7))


def found(incident):
    return sorted(Affected.objects.filter(incident=incident).values_list("person", flat=True))


def one_look(person, officer, at):
    opening_cases.open_case(person, officer=officer, reason=OpeningReason.QUESTION, now=at)
    opening.open_field(person, "name", Purpose.RIGHTS, by=staff(officer), now=at)


def store():
    return next(store for store in stores() if store.name == "incidents")


class TestFinding:
    def test_everybody_who_was_here_and_nobody_else(self, many, now):
        make_someone("late@example.com", password=None, now=now - HOUR)
        browser = enrolment.enrol(kind=PersonKind.BROWSER, now=now - 24 * HOUR)
        gone = make_someone("gone@example.com", password=None, now=now - 24 * HOUR)
        erasure.begin(gone, now=now)
        number = registered(now)
        scope = looked(number, Scope.EVERYBODY, now, at_once=4)
        assert found(number) == sorted([*many, browser])
        done = IncidentScope.objects.get(pk=scope)
        assert (done.looked_at, done.beyond, done.reached) == (8, 1, None), "who is being erased is counted, not listed"
        assert not Affected.objects.filter(person=Incident.objects.get().key).exists()

    def test_one_officers_openings_within_the_span_exactly(self, many, now):
        officer, other = uuid4(), uuid4()
        one_look(many[0], officer, now - 4 * HOUR)
        one_look(many[1], other, now - 4 * HOUR)
        one_look(many[2], officer, now - HOUR)  # after it ended
        one_look(many[3], officer, now - 30 * HOUR + HOUR)  # its case had ended before it began
        opening_cases.open_case(many[4], officer=officer, reason=OpeningReason.QUESTION, now=now - 4 * HOUR)  # no look
        nobodys = enrolment.enrol(kind=PersonKind.SUBJECT, now=now - 24 * HOUR)  # a letter of who knows whom
        letter = opening_cases.open_case(nobodys, officer=officer, reason=OpeningReason.QUESTION, now=now - 4 * HOUR)
        opening_cases.used(opening_cases.find(letter), Form.WHOLE, now=now - 4 * HOUR)
        number = registered(now)
        looked(number, Scope.OPENINGS, now, officer=officer)
        assert found(number) == [many[0]]
        looked(number, Scope.OPENINGS, now, at_once=1)
        assert found(number) == many[:2]

    def test_openings_of_who_was_erased_since_are_counted(self, many, now):
        officer = uuid4()
        one_look(many[0], officer, now - 4 * HOUR)
        opening_cases.forget(many[0])
        number = registered(now)
        scope = looked(number, Scope.OPENINGS, now, officer=officer)
        assert found(number) == [] and IncidentScope.objects.get(pk=scope).beyond == 1

    def test_who_had_a_field_in_that_time(self, many, now):
        sealing.put(many[0], "phone", "+442079460999", source="settings", now=now - 23 * HOUR)
        sealing.put(many[1], "phone", "+442079460998", source="settings", now=now - HOUR)
        sealing.put(many[2], "phone", "+442079460997", source="settings", now=now - 23 * HOUR)
        sealing.remove(many[2], "phone", now=now - 20 * HOUR)
        from avow.vault.models import SealedField
        from avow.vault.visibility import visible

        for person in many:
            with visible(person):
                SealedField.objects.filter(person=person, field="phone", source="sign-up").delete()
        number = registered(now)
        looked(number, Scope.FIELDS, now, at_once=2, fields=["phone"])
        assert many[0] in found(number) and not {many[1], many[2]} & set(found(number))

    def test_what_an_agent_had_been_given_also_before_it_began(self, many, agent, now):
        for person in many[:2]:
            errands_delivering.deliver(errands.give(agent, person, ["name"], now=now), now=now)
        errands.give(agent, many[2], ["name"], now=now)  # waits: nothing has left
        erasing = errands.order_deletion(many[1], request=uuid4(), now=now + 9 * HOUR)
        number = registered(now + 10 * HOUR)
        scope = looked(number, Scope.RECIPIENT, now + 10 * HOUR, at_once=1, recipient=agent)
        assert erasing and found(number) == [many[0]]
        assert IncidentScope.objects.get(pk=scope).beyond == 1, "whom the agent must delete since it began"
        before = registered(now)
        looked(before, Scope.RECIPIENT, now, recipient=agent)
        assert found(before) == [], "it ended before anything had gone there"

    def test_a_list_of_addresses_is_looked_up_and_kept_nowhere(self, many, now, superuser):
        number = registered(now)
        one = incidents_finding.name(
            number, [" P0@example.com ", "p1@example.com", "nobody@example.org", ""], by=ONE, now=now
        )
        assert len(found(number)) == 2 and (one.looked_at, one.beyond) == (2, 1)
        with superuser() as dba:
            rows = dba.execute("SELECT t::text FROM sharing_incidentscope t").fetchall()
        assert "example" not in str(rows)

    def test_a_list_is_no_book_and_a_look_has_something_to_go_by(self, many, now):
        number = registered(now)
        for addresses in ([], [" "], [f"p{at}@example.com" for at in range(1001)]):
            with pytest.raises(BadInput):
                incidents_finding.name(number, addresses, by=ONE, now=now)
        for where, why in ((Where(Scope.FIELDS), BadInput), (Where(Scope.FIELDS, fields=["diary of the king"]), BadInput),
                           (Where(Scope.RECIPIENT), NotFound), (Where(Scope.RECIPIENT, recipient=uuid4()), NotFound),
                           (Where(Scope.NAMED), BadInput)):  # fmt: skip
            with pytest.raises(why):
                incidents_finding.look(number, where, by=ONE, now=now)
        assert not IncidentScope.objects.exists()

    def test_a_look_that_was_taken_back_takes_along_whom_it_alone_had_found(self, many, now):
        number = registered(now)
        officer, listed = uuid4(), queries.person_at("p1@example.com")
        opened = next(one for one in many if one != listed)
        one_look(opened, officer, now - 4 * HOUR)
        everybody = looked(number, Scope.EVERYBODY, now)
        incidents_finding.name(number, ["p1@example.com"], by=ONE, now=now)
        looked(number, Scope.OPENINGS, now, officer=officer)
        incidents_finding.drop(number, everybody, by=ONE, now=now)
        incidents_finding.find_all(clock=lambda: now)
        assert found(number) == sorted([opened, listed]), "one by the openings, one by the list"

    def test_looking_again_finds_who_was_touched_since(self, many, now):
        officer = uuid4()
        number = registered(now, until=None)
        scope = looked(number, Scope.OPENINGS, now, officer=officer)
        one_look(many[0], officer, now)
        incidents_finding.again(number, scope, by=ONE, now=now + HOUR)
        with pytest.raises(Refused):
            incidents_finding.again(number, scope, by=ONE, now=now + HOUR)
        incidents_finding.find_all(clock=lambda: now + HOUR)
        assert found(number) == [many[0]]

    @pytest.mark.parametrize("at", range(1, 7))
    def test_a_worker_that_is_killed_goes_on_where_it_was(self, many, now, at):
        number = registered(now)
        scope = incidents_finding.look(number, Where(Scope.EVERYBODY), by=ONE, now=now)
        killed = in_a_child(
            lambda: Moments(at).watch().run(lambda: incidents_finding.find_all(clock=lambda: now, at_once=2))
        )
        before = set(found(number))
        incidents_finding.find_all(clock=lambda: now, at_once=2)
        assert found(number) == many and before <= set(many)
        assert killed and IncidentScope.objects.get(pk=scope).looked_at == 7


class TestTelling:
    @pytest.fixture
    def number(self, many, now):
        made = registered(now)
        looked(made, Scope.EVERYBODY, now)
        incidents.assess(made, assessment(), by=ONE, now=now)
        return made

    def test_everybody_is_told_once_whatever_they_switched_off(self, many, number, now):
        opting_out.opt_out(many[0], None, way="account", now=now)
        opting_out.legal_mail_off(many[1], way="account", now=now)
        choices.freeze(many[2], now=now)
        choices.object_to(many[3], Purpose.COMMUNICATION, now=now)
        letter = told(number, now, at_once=2)
        assert incidents_telling.tell_all(clock=lambda: now) == 0
        assert Ledger.objects.filter(campaign=letter, state="kept", letter="incident").count() == 7
        mails = Outgoing.objects.filter(campaign=letter)
        assert mails.count() == 7 and Affected.objects.filter(mailed_at=now, letter=letter).count() == 7
        row = Incident.objects.get(pk=number)
        assert row.people == People.TOLD and incidents_counting.reach(row).mailed == 7
        assert [act.act for act in attesting.acts_of(many[0])].count(Act.INCIDENT_TOLD) == 1

    def test_the_letter_says_what_article_34_asks_for_and_has_no_switch(self, many, number, now):
        from avow.communications import envelope

        told(number, now)
        mail = envelope.unseal(Outgoing.objects.filter(person=many[0]).get())
        for part in (SAID.happened, SAID.consequences, SAID.measures, "Name", "info@optimibi.com", "/incidents"):
            assert part in " ".join(mail.text.split())
        assert "unsubscribe" not in mail.text.lower() and not mail.stop_url and not mail.stop_mail

    def test_through_a_real_relay_it_goes_in_a_run_without_a_way_to_end_such_mails(
        self, many, number, now, monkeypatch
    ):
        from django.conf import settings

        from avow.communications import runs
        from avow.communications.pace import Pace
        from tests.communications import sink
        from tests.communications.topics import read

        with sink.running() as server:
            monkeypatch.setattr(settings, "MAIL_RELAY", server.address)
            letter = told(number, now)
            assert incidents_counting.reach(Incident.objects.get(pk=number)).waiting == 7
            assert runs.carry_all(clock=lambda: now, pace=Pace(time.monotonic)) == 7
            assert Ledger.objects.filter(campaign=letter, state="sent").count() == 7
            mails = [read(raw) for raw in server.taken]
        assert {mail["Subject"] for mail in mails} == {"Something went wrong with your data at Optimibi"}
        assert all(mail["List-Unsubscribe"] is None for mail in mails)
        assert MessageClass.BREACH in runs.AGAIN, "at most once more, under its Message-ID, and never not at all"

    def test_who_has_no_address_that_works_has_it_in_the_account(self, many, number, now):
        bounces.failed(
            Whose(queries.person_at("p0@example.com"), Topic.ANNOUNCEMENTS), "p0@example.com", "5.1.1", now=now
        )
        browser = enrolment.enrol(kind=PersonKind.BROWSER, now=now - 24 * HOUR)
        Affected.objects.create(incident_id=number, person=browser, scope=uuid4(), found_at=now)
        told(number, now)
        reach = incidents_counting.reach(Incident.objects.get(pk=number))
        assert (reach.account, reach.mailed, reach.untold) == (2, 6, 0)
        assert Kept.objects.filter(person=browser, sealed__isnull=False).exists()

    def test_reach_counts_each_at_the_furthest_point(self, many, number, now):
        told(number, now)
        bounces.failed(Whose(many[0], MessageClass.BREACH), "x@example.com", "5.1.1", now=now)
        bounces.failed(Whose(many[1], MessageClass.NOTICE), "x@example.com", "5.1.1", now=now)  # another mail
        message = Kept.objects.get(person=many[2]).message
        keeping.mark_read(many[2], message, now=now)
        incidents_for_people.seen(many[3], now=now)
        reach = incidents_counting.reach(Incident.objects.get(pk=number))
        assert (reach.bounced, reach.shown, reach.mailed, reach.account) == (1, 2, 4, 0)
        assert reach.told == 7

    @pytest.mark.parametrize("at", range(1, 9))
    def test_a_worker_that_is_killed_tells_nobody_twice_and_leaves_nobody_out(self, many, number, now, at):
        letter = incidents_telling.begin(number, SAID, by=ONE, now=now)
        in_a_child(lambda: Moments(at).watch().run(lambda: incidents_telling.tell_all(clock=lambda: now, at_once=2)))
        incidents_telling.tell_all(clock=lambda: now, at_once=2)
        assert Kept.objects.filter(campaign=letter).count() == Ledger.objects.filter(campaign=letter).count() == 7
        assert Affected.objects.filter(told_at=None).count() == 0
        assert Incident.objects.get(pk=number).people == People.TOLD

    def test_two_workers_at_once_tell_nobody_twice(self, many, number, now):
        letter = incidents_telling.begin(number, SAID, by=ONE, now=now)
        assert incidents_telling.tell_some(letter, many, now=now) == 7
        assert incidents_telling.tell_some(letter, many, now=now) == 0

    def test_who_is_being_erased_is_told_nothing_holds_up_nobody_and_stays_counted(self, many, number, now):
        erasure.begin(many[0], now=now)
        told(number, now)
        row = Incident.objects.get(pk=number)
        assert row.people == People.TOLD and not Kept.objects.filter(person=many[0]).exists()
        store().forget(many[0], request=uuid4(), now=now)
        store().forget(many[1], request=uuid4(), now=now)
        assert store().forget(many[1], request=uuid4(), now=now) == 0
        row.refresh_from_db()
        counts, reach = incidents_counting.counts(row), incidents_counting.reach(row)
        assert (row.gone_untold, row.gone_told, counts.here, counts.all) == (1, 1, 5, 7)
        assert (reach.gone_untold, reach.gone_told, reach.told) == (1, 1, 5)

    def test_a_notice_waits_for_a_look_that_runs(self, many, number, now):
        letter = incidents_telling.begin(number, SAID, by=ONE, now=now)
        incidents_finding.look(number, Where(Scope.EVERYBODY), by=ONE, now=now)
        incidents_telling.tell_all(clock=lambda: now)
        assert IncidentLetter.objects.get(pk=letter).done_at is None
        incidents_finding.find_all(clock=lambda: now)
        incidents_telling.tell_all(clock=lambda: now)
        assert IncidentLetter.objects.get(pk=letter).done_at == now

    def test_nobody_found_is_nobody_told_and_words_must_be_words(self, policy, now):
        number = registered(now)
        incidents.assess(number, assessment(), by=ONE, now=now)
        with pytest.raises(Refused, match="Nobody was found"):
            incidents_telling.begin(number, SAID, by=ONE, now=now)
        with pytest.raises(BadInput, match="empty"):
            incidents_telling.gaps(Incident.objects.get(pk=number), Said("It is so.", " ", "Nothing."))

    def test_what_an_officer_writes_breaks_out_of_no_gap(self, many, number, now):
        row = Incident.objects.get(pk=number)
        letter = incidents_telling.preview(row, Said("$contact ${sign_in}\nBcc: x@y", "%s {0}", "<b>no</b>"), now=now)
        assert "$contact ${sign_in}" in letter.text and "<b>no</b>" in letter.text and "\n" not in letter.subject


class TestWhatItsPersonSees:
    def test_nothing_before_it_is_decided_and_then_what_was_told(self, many, now):
        number = registered(now)
        looked(number, Scope.EVERYBODY, now)
        assert incidents_for_people.of(many[0], now=now) == [] and not incidents_for_people.touched(many[0])
        incidents.assess(number, assessment(), by=ONE, now=now)
        told(number, now)
        (one,) = incidents_for_people.of(many[0], now=now)
        assert one.said["happened"] == SAID.happened and incidents_for_people.unseen(many[0])
        (exported,) = store().export(many[0], now=now)
        assert [row["measures"] for row in exported.rows] == [SAID.measures]

    def test_what_need_not_be_told_is_listed_without_the_companys_words(self, many, now):
        number = registered(now)
        looked(number, Scope.EVERYBODY, now)
        incidents.assess(number, assessment(risk=Risk.UNLIKELY), by=ONE, now=now)
        decided(number, Step.PEOPLE_NOT_OWED, now)
        (one,) = incidents_for_people.of(many[0], now=now)
        assert one.said == {} and one.told_at is None

    def test_another_persons_incident_is_not_theirs(self, many, now):
        number = registered(now)
        incidents_finding.name(number, ["p1@example.com"], by=ONE, now=now)
        incidents.assess(number, assessment(), by=ONE, now=now)
        told(number, now)
        assert sum(incidents_for_people.touched(person) for person in many) == 1


def test_the_return_path_of_mails_that_are_on_their_way_keeps_its_numbers():
    """A mail sent last week carries the number of its kind; a new kind comes last."""
    assert return_path.KINDS == (
        MessageClass.CODE, MessageClass.SECURITY, MessageClass.ANSWER, MessageClass.NOTICE, Topic.ANNOUNCEMENTS,
        Topic.SECURITY_ALERTS, Topic.NEW_VERSIONS, Topic.USAGE, MessageClass.BREACH,
    )  # fmt: skip


def test_a_person_whose_erasure_begins_beside_a_look_gets_no_row(many, now):
    """The look waits at the lock of whoever is beginning to be erased, and then leaves them out."""
    number = registered(now)
    scope = incidents_finding.look(number, Where(Scope.EVERYBODY), by=ONE, now=now)

    def look():
        try:
            incidents_finding.find_some(scope, now=now)
        finally:
            connections.close_all()

    looker = Thread(target=look)
    with transaction.atomic():
        erasure.begin(many[3], now=now)
        looker.start()
        looker.join(1)
        assert looker.is_alive(), "it waits"
    looker.join(30)
    assert found(number) == [one for one in many if one != many[3]]


def test_an_authority_whose_case_was_handed_over_had_it(many, now):
    from avow.sharing import disclosures
    from avow.sharing.disclosures import Wish
    from avow.sharing.disclosures_states import Class
    from tests.sharing.registering import OTHER

    wish = Wish("District Court", Class.LEGAL_PROCESS, "file 1", many[0], ["name"], now - 30 * HOUR, now,
                "The order names this account and asks for it.")  # fmt: skip
    case = disclosures.draft(wish, by=ONE, now=now)
    disclosures.approve(case, by=OTHER, now=now)
    number = registered(now)
    looked(number, Scope.RECIPIENT, now, recipient=disclosures.find(case).recipient)
    assert found(number) == []
    disclosures_packing.pack(case, by=ONE, now=now)
    disclosures_packing.hand_over(case, now=now)
    looked(number, Scope.RECIPIENT, now, recipient=disclosures.find(case).recipient)
    assert found(number) == [many[0]]
