"""One line an event, and it names nobody.

Tried, and then these tests fail: `sentence` returning getMessage() for all, `kinds` with the exception's text,
`swept` left out.
"""

import io
import logging
import logging.config
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.host import logs

PLANTED = "ada.lovelace@example.com"


@pytest.fixture
def written():
    """What one process writes, with the configuration that all have."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.Line("test"))
    root = logging.getLogger()
    before = root.handlers[:], root.level
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    yield out.getvalue
    root.handlers[:], root.level = before[0], before[1]


def test_our_own_sentences_are_written(written):
    logging.getLogger("avow.host.rounds").warning("%s fails\nand is tried again", "the log")
    assert written().endswith("warning: the log fails and is tried again\n")
    assert written().count("\n") == 1


def test_an_exceptions_text_is_not(written):
    def leaf():
        raise KeyError(PLANTED)

    try:
        try:
            leaf()
        except KeyError as inner:
            raise ValueError(f"no such person: {PLANTED}") from inner
    except ValueError:
        logging.getLogger("avow.people").exception("something failed")
    assert PLANTED not in written()
    assert "ValueError from KeyError" in written()
    assert written().count("\n") == 1


def test_a_circle_of_causes_ends():
    """Asyncio's pools make such circles when the server dies; the worker then hung in its own log."""
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert logs.causes(first) == [first, second]
    assert logs.kinds(first).startswith("ValueError from KeyError")


@pytest.mark.parametrize("name", ["procrastinate.worker", "django.request", "allauth", "py.warnings", "asyncio"])
def test_texts_of_others_are_not(written, name):
    logging.getLogger(name).error("Job mail[7](to=%r) failed for 203.0.113.7 at /x?token=secret", PLANTED)
    logging.getLogger(name).error(f"already formatted: {PLANTED}, token=secret")  # noqa: G004 - as libraries do
    assert written().count("\n") == 2, "found, as two lines"
    assert PLANTED not in written()
    assert "secret" not in written()
    assert "203.0.113.7" not in written()


def test_a_job_is_named_by_number_and_task(written):
    job = {"id": 7, "task_name": "communications.deliver", "task_kwargs": {"to": PLANTED}, "call_string": PLANTED}
    logging.getLogger("procrastinate.worker").error(PLANTED, extra={"action": "job_error", "job": job})
    assert "jobs: job error (job 7 of communications.deliver)" in written()
    assert PLANTED not in written()


@given(
    st.sampled_from(["a@b.co", "ada+x@mail.example.org", "203.0.113.9", "2001:db8:0:1::7", "+44 20 7946 0958"]),
    st.text(),
)
def test_what_looks_like_an_address_is_swept(address, around):
    assert address not in logs.swept(f"{' '.join(around.split())} {address} ")


def test_what_does_not_is_left():
    said = "PostgreSQL 15.18 (system) answers at http://127.0.0.1:8000 at 12:30:45, job 12345678"
    assert logs.swept(said) == said


def test_an_uncaught_exception_in_a_thread_is_one_line_too(written, monkeypatch):
    for module, name in ((sys, "excepthook"), (threading, "excepthook"), (logging, "raiseExceptions")):
        monkeypatch.setattr(module, name, getattr(module, name))
    logs.take_over()
    thread = threading.Thread(target=lambda: int(PLANTED))
    thread.start()
    thread.join()
    assert "ValueError" in written()
    assert PLANTED not in written()


def test_the_configuration_is_one_that_logging_takes():
    logging.config.DictConfigurator(logs.configuration("web"))
