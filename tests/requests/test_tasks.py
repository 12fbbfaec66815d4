"""Jobs carry ids, end what a killed worker left, and give up loudly."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction

from avow.requests import erasing, jobs, tasks
from avow.requests.models import Request
from avow.requests.states import State
from avow.vault.actor import THE_PERSON


def waiting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs")
        return [(name, json.loads(args) if isinstance(args, str) else args) for name, args in cursor.fetchall()]


def test_a_wish_brings_its_job_and_the_job_carries_an_id_alone(someone, now):
    asked = erasing.ask(someone(), by=THE_PERSON, now=now)
    assert waiting() == [(jobs.PUSH, {"request_id": str(asked.pk)})]


def test_a_wish_that_is_rolled_back_leaves_no_job(someone, now):
    person = someone()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        erasing.ask(person, by=THE_PERSON, now=now)
        _ = 1 / 0
    assert waiting() == [] and not Request.objects.exists()


def test_the_job_ends_the_erasure_when_the_log_comes_to_it(someone, take_up, monkeypatch, now):
    asked = erasing.ask(someone(), by=THE_PERSON, now=now)
    monkeypatch.setattr(tasks.time, "sleep", lambda _: take_up(now))
    tasks.push_request(str(asked.pk))
    assert Request.objects.get(pk=asked.pk).state == State.COMPLETE
    tasks.push_request(str(asked.pk))


def test_without_the_log_the_job_asks_to_be_run_again(someone, monkeypatch, now):
    asked = erasing.ask(someone(), by=THE_PERSON, now=now)
    monkeypatch.setattr(tasks.time, "sleep", lambda _: None)
    with pytest.raises(tasks.Waiting) as told:
        tasks.push_request(str(asked.pk))
    assert str(Request.objects.get().person) not in str(told.value)
    assert tasks.SOON.get_retry_decision(exception=told.value, job=type("Job", (), {"attempts": 0})) is not None


@pytest.mark.parametrize("broken", [tasks.Waiting("a store does not answer"), KeyError("x"), OSError("full")])
def test_the_sweep_finds_what_was_left_and_one_that_cannot_go_on_does_not_hold_up_the_others(
    someone, take_up, monkeypatch, broken, now
):
    """It bites: catching our own errors alone holds up the others at a KeyError."""
    asked = [erasing.ask(someone(f"p{n}@example.com"), by=THE_PERSON, now=now + timedelta(seconds=n)) for n in range(3)]
    push = erasing.push

    def stubborn(request, *, now):
        if request == asked[0].pk:
            raise broken
        return push(request, now=now)

    monkeypatch.setattr(erasing, "push", stubborn)
    for _ in range(4):
        with pytest.raises(type(broken)):
            tasks.sweep(0)
        take_up()
    assert [Request.objects.get(pk=each.pk).state for each in asked] == [State.ASKED, State.COMPLETE, State.COMPLETE]
