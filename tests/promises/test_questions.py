"""Questions reach a person, get a case with a clock, and are answered in the time that is promised; the time is published."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from avow.policy.promises import Promise
from avow.requests import answering, case_queries, cases
from avow.requests.models import Case
from avow.vault import actor
from tests.promises.test_request_by_mail import mail

pytestmark = [pytest.mark.proves(Promise.QUESTIONS, Promise.QUESTIONS_ANSWERED)]
IN_TIME = "questions-are-answered-in-time"
OFFICER = actor.staff(uuid4())


def test_a_question_by_mail_by_form_and_from_the_account_each_get_a_case(ada, somebody):
    from avow.requests import taking_up

    mail("How long do you keep what I enter?")
    ada.post("/questions", text="And who sees it?")
    assert Case.objects.count() == 1, "one conversation"
    stranger = somebody("eve@example.com")
    assert stranger.post("/questions", address="eve@example.com", text="Do you sell data?").status_code == 302
    taking_up.take_up(datetime.now(UTC))
    assert set(Case.objects.values_list("kind", "state")) == {("question", "desk")}
    assert Case.objects.count() == 2


def test_the_answer_is_read_in_the_account_and_by_mail(ada, box):
    (case,) = mail("How long do you keep what I enter?")
    answering.answer(case, "For a year.", by=OFFICER, now=datetime.now(UTC))
    assert "For a year." in ada.get("/requests").content.decode()
    assert "For a year." in box("ada@example.com")[0].text


def test_the_published_figures(ada, somebody):
    assert "Too few to say" in ada.get("/questions").content.decode()
    now = datetime.now(UTC)
    for number in range(5):
        case = cases.ask(somebody(f"p{number}@example.com").join().person, "How long?", now=now - timedelta(hours=2))
        answering.answer(case, "A year.", by=OFFICER, now=now)
    assert "2 hours" in ada.get("/questions").content.decode()


def test_lateness_is_shown_to_fail(ada, shown_to_fail):
    with shown_to_fail(
        IN_TIME, how="a question is left without an answer past the day that the policy promises"
    ) as trial:
        trial.holds()
        case = cases.ask(ada.person, "Why?", now=trial.now() - timedelta(days=31))
        assert case_queries.late(trial.now()) == 1
        assert "policy promises" in trial.fails()
        answering.answer(case, "Because.", by=OFFICER, now=trial.now())
        trial.holds()
