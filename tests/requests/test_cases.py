"""
Cases from their first word to their end: the moves, the link and its button, the desk, the store, what ends by itself.

It bites (each tried): closing without an answer passes without the constraint and the refusal in `cases.close`; without
the look at `ends_at` an expired link exports; without `turn`, or without the second `look`, two presses export twice;
without `case_store.forget` an erasure stops; without the sweep a stranger's words open for ever.
"""

import threading
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avow.communications import envelope
from avow.communications.case_letters import CaseLetter
from avow.communications.models import Ledger, Outgoing
from avow.errors import AvowError, BadInput, Erased, NoCase, NotFound, NotYet, Refused
from avow.policy.purposes import Purpose
from avow.requests import answering, case_queries, case_store, case_sweep, cases, confirming, erasing, looking, threads
from avow.requests.case_states import CONFIRMED_BY_MAIL, MEANING, MOVES, OPEN, CaseKind, CaseState, Outcome, may
from avow.requests.models import Case, CaseMessage, Confirmation, Request
from avow.requests.moving import MoveRefused
from avow.vault import actor, opening_cases, persons, subjects
from avow.vault.actor import SERVICE, THE_PERSON
from tests.requests.asking import NOW
from tests.requests.test_mails import come, take, written

OFFICER = actor.staff(uuid4())
DAY = timedelta(days=1)


def newest(letter, person):
    """The text of the newest letter of this name to a person."""
    numbers = Ledger.objects.filter(letter=letter).values("message")
    row = Outgoing.objects.filter(person=person, id__in=numbers).order_by("-queued_at").first()
    return envelope.unseal(row, purpose=Purpose.RIGHTS)


def link(person, letter=CaseLetter.CONFIRM_ERASURE):
    return newest(letter, person).text.split("/requests/confirm/")[1].split()[0]


def test_every_open_state_reaches_the_end_and_the_end_leads_nowhere():
    assert set(MOVES) == set(MEANING) == set(CaseState)
    for start in MOVES:
        seen, edge = set(), {start}
        while edge:
            seen |= edge
            edge = {to for state in edge for to in MOVES[state]} - seen
        assert CaseState.CLOSED in seen
        assert bool(MOVES[start]) == (start in OPEN)


@given(wishes=st.lists(st.sampled_from(list(CaseState)), max_size=8))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_wished_a_case_stands_where_the_table_leads(optimibi, wishes):
    subject = subjects.new_subject(NOW)
    case, _ = cases.receive(
        CaseKind.QUESTION, cases.Whose(subject=subject, sender=subject.bytes), state=CaseState.DESK, way="web", now=NOW
    )
    stands = CaseState.DESK
    for to in wishes:
        ends = {"outcome": "answered", "closed_at": NOW} if to is CaseState.CLOSED else {}
        with suppress(MoveRefused):
            cases.move(case.pk, to, now=NOW, answered_at=NOW, **ends)
        stands = to if may(stands, to) else stands
        case.refresh_from_db()
        assert case.state == stands


@pytest.mark.parametrize("start", list(CaseState))
@pytest.mark.parametrize("to", list(CaseState))
def test_the_door_makes_the_moves_of_the_table_and_no_other(someone, start, to):
    case, _ = cases.receive(CaseKind.QUESTION, cases.Whose(person=someone()), state=CaseState.DESK, way="web", now=NOW)
    ended = {"outcome": "answered", "closed_at": NOW} if start is CaseState.CLOSED else {}
    Case.objects.filter(pk=case.pk).update(state=start, answered_at=NOW, **ended)
    also = {"outcome": "answered", "closed_at": NOW} if to is CaseState.CLOSED else {}
    if may(start, to):
        assert cases.move(case.pk, to, now=NOW, **also).state == to
    else:
        with pytest.raises(MoveRefused):
            cases.move(case.pk, to, now=NOW, **also)


def test_the_database_refuses_a_case_that_is_closed_and_was_not_answered(someone):
    case = cases.ask(someone(), "How long?", now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="closed", outcome="answered", closed_at=NOW)
    with pytest.raises(MoveRefused):
        cases.close(case.pk, Outcome.ANSWERED, now=NOW)


def test_the_clock_runs_from_the_day_it_came_as_long_as_the_policy_says(someone):
    someone()
    (case,) = come("question", NOW)
    assert (case.received_at, case.due_at) == (NOW, NOW + 30 * DAY)


# The link and its button


def test_a_link_does_nothing_until_its_button_and_then_erases(someone, complete):
    person = someone()
    (case,) = come("delete")
    token = link(person)
    for _ in range(3):
        assert confirming.look(token, now=NOW) == case
    assert not Request.objects.exists()
    number = confirming.confirm(token, now=NOW).erasure
    request = Request.objects.get(number=number)
    complete(request.pk)
    case.refresh_from_db()
    assert (case.person, case.state, case.outcome) == (None, "closed", "done")
    assert CaseMessage.objects.count() == 0
    with pytest.raises(confirming.LinkEnded, match="was used"):
        confirming.look(token, now=NOW)
    case_sweep.sweep(NOW + case_sweep.KEPT + DAY)
    assert not Confirmation.objects.exists()
    assert persons.standing(person).erased_at


def test_a_second_click_an_expired_link_and_an_unknown_one_have_a_clear_end(someone):
    person = someone()
    come("access")
    token = link(person, CaseLetter.CONFIRM_ACCESS)
    with pytest.raises(confirming.LinkEnded, match="has ended"):
        confirming.confirm(token, now=NOW + confirming.LASTS)
    assert confirming.confirm(token, now=NOW).export.content
    for again in (confirming.look, confirming.confirm):
        with pytest.raises(confirming.LinkEnded, match="was used"):
            again(token, now=NOW)
    with pytest.raises(NotFound):
        confirming.confirm("0" * 32, now=NOW)
    assert Request.objects.count() == 1


def pressed_elsewhere(token, said):
    """Press the button in a thread with connections of its own, and note what it said."""

    def press():
        try:
            said.append(bool(confirming.confirm(token, now=NOW).export))
        except AvowError as refused:
            said.append(type(refused))
        connections.close_all()

    other = threading.Thread(target=press)
    other.start()
    other.join()


def test_while_one_press_acts_another_is_told_to_wait(someone, monkeypatch):
    person, said = someone(), []
    come("access")
    token, plain = link(person, CaseLetter.CONFIRM_ACCESS), confirming.exporting.export

    def meanwhile(*given, **named):
        monkeypatch.setattr(confirming.exporting, "export", plain)
        pressed_elsewhere(token, said)
        return plain(*given, **named)

    monkeypatch.setattr(confirming.exporting, "export", meanwhile)
    assert confirming.confirm(token, now=NOW).export
    assert said == [NotYet]


def test_a_press_that_looked_before_another_acted_looks_again(someone, monkeypatch):
    person, said = someone(), []
    come("access")
    token, plain = link(person, CaseLetter.CONFIRM_ACCESS), confirming.turn

    def late(request):
        monkeypatch.setattr(confirming, "turn", plain)
        pressed_elsewhere(token, said)
        return plain(request)

    monkeypatch.setattr(confirming, "turn", late)
    with pytest.raises(confirming.LinkEnded, match="was used"):
        confirming.confirm(token, now=NOW)
    assert said == [True]


def test_a_newer_mail_replaces_the_link(someone):
    person = someone()
    come("delete")
    old = link(person)
    take(written(ident="again"), NOW + DAY)
    with pytest.raises(NotFound):
        confirming.look(old, now=NOW + DAY)
    assert confirming.look(link(person), now=NOW + DAY)


def test_a_new_address_ends_the_link_in_the_old_mailbox(someone):
    """Tried: without the news of a new address, whoever reads the old mailbox is handed the copy."""
    from avow.people import new_address

    person = someone()
    come("access")
    old = link(person, CaseLetter.CONFIRM_ACCESS)
    new_address.exchange(person, "ada.king@example.com", now=NOW)
    with pytest.raises(NotFound):
        confirming.confirm(old, now=NOW)
    case_sweep.sweep(NOW)
    assert newest(CaseLetter.ENDED, person)


def test_what_is_said_beside_the_end_of_a_case_is_not_lost_in_it(someone):
    person = someone()
    case = cases.ask(person, "How long do you keep it?", now=NOW)
    stale = cases.find(case.number)
    answering.answer(case, "Thirty days.", by=actor.staff(uuid4()), now=NOW, last=True)
    with pytest.raises(MoveRefused), transaction.atomic():
        cases.hear(stale, threads.Words("And backups?"), now=NOW)
    assert cases.reply(person, case.number, "And backups?", now=NOW).number != case.number


def test_an_export_that_fails_leaves_the_link_alive(someone, monkeypatch):
    person = someone()
    come("access")
    token = link(person, CaseLetter.CONFIRM_ACCESS)
    with monkeypatch.context() as broken, pytest.raises(OSError, match="full"):
        broken.setattr(confirming.exporting, "export", lambda *_, **__: (_ for _ in ()).throw(OSError("full")))
        confirming.confirm(token, now=NOW)
    assert confirming.confirm(token, now=NOW).export


def test_a_copy_from_the_account_answers_the_case_and_ends_its_link(someone):
    from avow.requests import exporting

    person = someone()
    (case,) = come("access")
    exporting.export(person, now=NOW, patience=0)
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "done")
    with pytest.raises(confirming.LinkEnded):
        confirming.look(link(person, CaseLetter.CONFIRM_ACCESS), now=NOW)


def test_an_export_holds_the_thread_and_no_live_link(someone):
    import io
    import zipfile

    from avow.requests import exporting

    person = someone()
    come("delete")
    token = link(person)
    packed = zipfile.ZipFile(io.BytesIO(exporting.export(person, now=NOW, patience=0).content))
    held = b"".join(packed.read(name) for name in packed.namelist())
    assert b"please delete my account" in held
    assert token.encode() not in held


# The desk


def test_an_officer_answers_and_the_person_reads_it_in_both_places(someone):
    person = someone()
    (case,) = come("question")
    answering.answer(case, "For a year.\n\nThen it is removed.", by=OFFICER, now=NOW + DAY)
    mail = newest(CaseLetter.ANSWER, person)
    assert "For a year.\n\nThen it is removed." in mail.text
    assert case.number in mail.subject
    thread = threads.read(case, by=THE_PERSON, now=NOW + DAY)
    assert [said.writer for said in thread] == ["person", "staff"]
    case.refresh_from_db()
    assert (case.state, case.answered_at) == ("answered", NOW + DAY)
    take(written(subject=mail.subject, text="And backups?", ident="9"), NOW + 2 * DAY)
    case.refresh_from_db()
    assert (case.state, case.answered_at) == ("desk", NOW + DAY), "it comes back; the first answer stays the first"
    answering.answer(case, "Seven days more.", by=OFFICER, now=NOW + 3 * DAY, last=True)
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "answered")


def test_a_reply_to_a_closed_case_opens_a_new_one(someone):
    person = someone()
    (case,) = come("question")
    answering.answer(case, "For a year.", by=OFFICER, now=NOW, last=True)
    (fresh,) = take(written(subject=f"Re: [{case.number}]", text="Why that long?", ident="9"))
    assert fresh != case
    assert len(threads.read(case, by=SERVICE, now=NOW)) == 2
    with pytest.raises(Refused, match="closed"):
        answering.answer(case, "More.", by=OFFICER, now=NOW)
    assert cases.reply(person, case.number, "By the web?", now=NOW) == fresh


def test_an_empty_answer_sends_nothing(someone):
    someone()
    (case,) = come("question")
    before = Outgoing.objects.count()
    with pytest.raises(BadInput):
        answering.answer(case, "  ", by=OFFICER, now=NOW)
    assert Outgoing.objects.count() == before


def test_a_stranger_is_answered_at_the_address_they_wrote_from(optimibi):
    (case,) = come("unknown-question")
    answering.answer(case, "Not at all.", by=OFFICER, now=NOW)
    assert newest(CaseLetter.ANSWER, None).to == "eve@elsewhere.example"


def test_an_officer_says_what_an_unclear_mail_asks_and_the_person_confirms_it(someone):
    person = someone()
    (case,) = come("somebody-else")
    answering.treat_as(case, CaseKind.ERASURE, by=OFFICER, now=NOW)
    assert confirming.look(link(person), now=NOW) == case
    (stranger,) = come("look-alike")
    with pytest.raises(BadInput):
        answering.treat_as(stranger, CaseKind.ERASURE, by=OFFICER, now=NOW)


def test_supports_own_role_in_the_database_is_enough_for_every_way_of_a_case(someone):
    """Mails, strangers, a link to confirm, an answer and an end: none of it needs what support's role does not have."""
    from avow.people import desk
    from avow.people.desk_roles import Role

    person = someone()
    (unclear,), (stranger,), (question,) = come("somebody-else"), come("unknown-question"), come("question")
    with desk.bound(Role.SUPPORT):
        for case in (unclear, stranger, question):
            looking.take_up(case, officer=OFFICER.id, now=NOW)
        answering.treat_as(unclear, CaseKind.ERASURE, by=OFFICER, now=NOW)
        answering.answer(stranger, "Not at all.", by=OFFICER, now=NOW)
        answering.answer(question, "Yes.", by=OFFICER, now=NOW)
        answering.close(question, by=OFFICER, now=NOW)
    assert confirming.look(link(person), now=NOW) == unclear
    assert newest(CaseLetter.ANSWER, None).to == "eve@elsewhere.example"


def test_an_officers_look_is_recorded_once_under_the_persons_key(someone):
    from avow.evidence.acts import Act
    from avow.vault import attesting

    person = someone()
    (case,) = come("question")
    answering.answer(case, "Yes.", by=OFFICER, now=NOW)
    looking.take_up(case, officer=OFFICER.id, now=NOW)
    assert [act.act for act in attesting.acts_of(person)].count(Act.OPENED_BY_STAFF) == 1


def test_taking_a_case_up_opens_a_case_for_its_person_that_ends_with_it(someone):
    """It bites: without `open_case` in `take_up` nothing is read; without `end_of` in `close` the officer may look on."""
    person = someone()
    (case,) = come("question")
    with pytest.raises(NoCase):
        threads.read(case, by=OFFICER, now=NOW)
    for _ in range(2):
        assert len(looking.take_up(case, officer=OFFICER.id, now=NOW)) == 1
    (opened,) = opening_cases.on(person)
    assert (opened.reason, opened.reference, opened.whole) == ("request", case.number, 2)
    with pytest.raises(Refused, match="another officer"):
        looking.take_up(case, officer=person, now=NOW)
    answering.answer(case, "Yes.", by=OFFICER, now=NOW, last=True)
    assert opening_cases.standing(person, OFFICER.id, Purpose.RIGHTS, now=NOW) is None


def test_a_letter_of_nobody_known_is_read_under_a_case_for_its_own_key(optimibi):
    (case,) = take(written("stranger@example.org", text="How long is a report kept?"))
    (said,) = looking.take_up(case, officer=OFFICER.id, now=NOW)
    assert said.words.address and opening_cases.on(case.subject)[0].whole == 1


def test_nobody_reads_another_ones_case(someone):
    case = cases.ask(someone(), "How long?", now=NOW)
    with pytest.raises(NotFound):
        cases.reply(someone("bo@example.com"), case.number, "Hm?", now=NOW)


# What the store lets go of, and what ends by itself


def test_an_erased_persons_cases_end_and_nothing_that_was_said_is_left(someone, complete):
    """E13: kind, dates and outcome stay; whose and what go."""
    person = someone()
    (case,) = come("question")
    complete(erasing.ask(person, by=THE_PERSON, now=NOW).pk)
    case.refresh_from_db()
    assert (case.person, case.outcome, case.due_at) == (None, "withdrawn", NOW + 30 * DAY)
    assert (threads.read(case, by=SERVICE, now=NOW), CaseMessage.objects.count()) == ([], 0)
    assert case_store.CaseStore().count(person) == 0
    with pytest.raises(Refused):
        answering.answer(case, "Too late.", by=OFFICER, now=NOW)
    (late,) = take(written(subject=f"Re: [{case.number}]", text="How long do you keep it?", ident="9"))
    assert late.person is None
    assert late != case, "whoever writes again from that address is a stranger with a case of their own"


def test_what_nobody_confirms_ends_and_the_person_is_told(someone):
    person = someone()
    (case,) = come("delete")
    assert case_sweep.sweep(NOW + confirming.LASTS - DAY) == 0
    assert case_sweep.sweep(NOW + confirming.LASTS) == 1
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "unconfirmed")
    assert "Nothing was done" in newest(CaseLetter.ENDED, person).subject
    assert case_sweep.sweep(NOW + confirming.LASTS) == 0


def test_a_strangers_words_have_no_key_a_month_after_the_end(optimibi):
    (case,) = come("unknown-question")
    answering.answer(case, "Not at all.", by=OFFICER, now=NOW, last=True)
    case.refresh_from_db()
    sealed, key = CaseMessage.objects.first(), case.subject
    assert case_sweep.sweep(NOW + case_sweep.KEPT) == 0
    assert threads.read(case, by=SERVICE, now=NOW)
    assert case_sweep.sweep(NOW + case_sweep.KEPT + DAY) == 1
    with pytest.raises(Erased):
        threads._open(Case(pk=case.pk, subject=key), sealed, SERVICE, NOW)
    case.refresh_from_db()
    assert (case.subject, case.sender, CaseMessage.objects.count()) == (None, None, 0)


def test_figures_are_of_five_answers_at_least(someone):
    for number in range(6):
        person = someone(f"p{number}@example.com")
        case = cases.ask(person, "How long?", now=NOW)
        speed = case_queries.first_answers()
        assert (speed.median is None) == (number < 5)
        answering.answer(case, "A year.", by=OFFICER, now=NOW + (number + 1) * timedelta(hours=1))
    speed = case_queries.first_answers()
    assert (speed.answers, speed.median, speed.slowest) == (6, timedelta(hours=3.5), timedelta(hours=6))


def test_every_confirmable_kind_has_its_letter():
    assert set(confirming.LETTERS) == set(CONFIRMED_BY_MAIL)
