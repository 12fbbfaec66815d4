"""
The reading of intents is pure, total, and errs towards a person.

Meant to bite, and not tried yet: without DENIED, DEPENDS or ASKS one of the doubtful sentences becomes a wish.
"""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avow.requests import intents, ladder
from avow.requests.case_states import CaseKind
from avow.requests.ladder import Sender, Way

SURE = {
    "Please delete my account.": {"erasure"},
    "I want my account deleted": {"erasure"},
    "Could you erase all my data, please?": {"erasure"},
    "What data do you have about me?": {"access"},
    "I would like to see everything that you hold about me.": {"access"},
    "Send me a copy of my data. Then close my account.": {"access", "erasure"},
    "Do not send me any more mails.": {"stop"},
    "Unsubscribe": {"stop"},
    "Please correct my name, it is Ada Lovelace.": {"correction"},
    "How long do you keep my data?": {"question"},
    "How do I delete my account?": {"question"},
    "Bitte senden Sie mir keine Newsletter mehr.": {"stop"},
    "Welche Daten haben Sie über mich gespeichert?": {"access"},
    "Ich möchte, dass Sie meine Daten löschen.": {"erasure"},
    "Bitte korrigieren Sie meinen Namen.": {"correction"},
    "Je ne veux plus recevoir vos messages.": {"stop"},
    "Je voudrais une copie de mes données.": {"access"},
    "Veuillez corriger mon nom.": {"correction"},
}
DOUBTFUL = [
    "Please do not delete my account.",
    "I don't want you to delete my account",
    "If you raise the price, delete my account.",
    "My friend wants you to delete my account",
    "Bitte löschen Sie mein Konto nicht.",
    "Löschen Sie mein Konto, falls das nicht geht.",
    "Ne supprimez pas mon compte.",
    "Please do not delete my account, only correct my name.",
    "hello",
    "",
]
TAIL = "\n\nOn Mon, 1 May 2026 at 10:00, Optimibi <info@optimibi.com> wrote:\n> Delete my account, or unsubscribe\n"


@pytest.mark.parametrize(("text", "kinds"), SURE.items())
@pytest.mark.parametrize("tail", ["", TAIL])
def test_what_is_surely_asked_for(text, kinds, tail):
    reading = intents.read(text + tail)
    assert (set(reading.intents), reading.sure) == (kinds, True)


@pytest.mark.parametrize("text", DOUBTFUL)
def test_what_a_person_reads(text):
    assert not intents.read(text).sure


@given(st.text(max_size=3000))
@settings(max_examples=60, deadline=None)
def test_any_text_has_a_reading_and_a_step(text):
    reading = intents.read(text, subject=text[:80])
    assert reading.intents <= set(CaseKind)
    assert ladder.steps(reading, Sender(known=True))
    assert ladder.steps(reading, Sender(known=False))


@given(st.sampled_from(sorted(SURE)), st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_what_is_quoted_never_adds_a_wish(text, quoted):
    plain = intents.read(text)
    tail = "\n\nOn Mon, 1 May 2026 at 10:00, Optimibi <info@optimibi.com> wrote:\n"
    tail += "\n".join(f"> {line}" for line in [*quoted.splitlines(), "delete my account"])
    assert intents.read(text + tail).intents <= plain.intents


@given(st.frozensets(st.sampled_from(sorted(CaseKind)[:0] + list(CaseKind)[:5])), st.booleans(), st.booleans())
def test_the_ladder_hands_out_and_destroys_nothing(kinds, known, doubtful):
    steps = ladder.steps(intents.Reading(kinds, bool(kinds)), Sender(known, doubtful))
    assert steps
    if doubtful or not kinds:
        assert [step.way for step in steps] == [Way.DESK]
    for step in steps:
        assert step.way is not Way.STOP or (known and step.kind is CaseKind.STOP)
        assert step.way is not Way.CONFIRM or known
        assert step.kind not in {CaseKind.ACCESS, CaseKind.ERASURE} or step.way in {Way.CONFIRM, Way.NEUTRAL}


@pytest.mark.parametrize(
    "hostile", ["On " * 9000, "\n" * 9000, "delete " * 2000, ">" * 9000, "a@" * 9000, "_" * 9000, "On\n" * 9000]
)
def test_hostile_text_takes_no_time(hostile):
    began = time.process_time()
    intents.read(hostile)
    intents.addresses_in(hostile)
    assert time.process_time() - began < 2
