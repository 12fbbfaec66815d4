"""
What each mail that may come is taken for: 24 letters as files in letters/, one that is too large, and many that nobody wrote.

It bites (each tried): without `new_text` the quoted footer ends all messages; without `_is_doubtful` the negated mail
erases; without the check for other addresses the mail about Bob asks Ada; without `loops.why_silent` the auto-reply
and the bounce are answered; without asking whose a number is, a stranger joins a case.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from avow.communications import mailbox, parsing
from avow.communications.case_letters import CaseLetter
from avow.communications.models import Incoming, Ledger, Outgoing
from avow.requests import taking_up, threads
from avow.requests.models import Case, Request
from avow.vault.actor import SERVICE
from tests.requests.asking import NOW

LETTERS = Path(__file__).parent / "letters"
ADA = "ada@example.com"
C = CaseLetter


def come(name, now=NOW):
    """Let one letter come and be taken up; return its cases."""
    return take((LETTERS / f"{name}.eml").read_bytes(), now)


def take(raw, now=NOW):
    return taking_up.take(mailbox.leave(raw, now=now).pk, now=now)


def written(frm=ADA, subject="", text="Please delete my account.", ident="1", more=""):
    return f"From: {frm}\nSubject: {subject}\nMessage-ID: <{ident}@x>\n{more}\n{text}\n".encode()


def letters_that_went():
    return sorted(Ledger.objects.filter(letter__in=list(C)).values_list("letter", flat=True))


def where(case):
    case.refresh_from_db()
    return case.kind, case.state, case.outcome


EXPECTED = {
    "delete": ([("erasure", "confirming", "")], [C.CONFIRM_ERASURE]),
    "access": ([("access", "confirming", "")], [C.CONFIRM_ACCESS]),
    "both": ([("access", "confirming", ""), ("erasure", "confirming", "")], [C.CONFIRM_ACCESS, C.CONFIRM_ERASURE]),
    "stop": ([("stop", "closed", "done")], [C.STOPPED]),
    "question": ([("question", "desk", "")], [C.RECEIVED]),
    "german": ([("erasure", "confirming", "")], [C.CONFIRM_ERASURE]),
    "german-latin1": ([("access", "confirming", "")], [C.CONFIRM_ACCESS]),
    "french": ([("erasure", "confirming", "")], [C.CONFIRM_ERASURE]),
    "html-only": ([("erasure", "confirming", "")], [C.CONFIRM_ERASURE]),
    "quoted-footer": ([("unsure", "desk", "")], [C.RECEIVED]),
    "negated": ([("unsure", "desk", "")], [C.RECEIVED]),
    "auto-reply": ([], []),
    "list-with-a-wish": ([("unsure", "desk", "")], []),
    "bounce": ([], []),
    "own": ([], []),
    "unknown": ([("erasure", "closed", "told")], [C.NEUTRAL]),
    "unknown-question": ([("question", "desk", "")], [C.RECEIVED]),
    "somebody-else": ([("unsure", "desk", "")], [C.RECEIVED]),
    "look-alike": ([("unsure", "desk", "")], [C.RECEIVED]),
    "attachment": ([], [C.NOT_READ]),
    "wrong-charset": ([("erasure", "confirming", "")], [C.CONFIRM_ERASURE]),
    "two-senders": ([], []),
    "malformed": ([], []),
    "no-end": ([("erasure", "confirming", "")], [C.CONFIRM_ERASURE]),
}


def test_every_letter_of_the_folder_is_expected():
    assert {path.stem for path in LETTERS.glob("*.eml")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_letter_becomes_what_it_asks_for_and_nothing_is_done(someone, name):
    person = someone()
    cases, went = EXPECTED[name]
    assert [where(case) for case in come(name)] == cases
    assert letters_that_went() == sorted(went)
    assert not Request.objects.exists()
    assert Incoming.objects.get().sealed is None
    told = {row.person for row in Outgoing.objects.all()}
    assert told <= ({None} if name in {"unknown", "unknown-question", "look-alike"} else {person})


def test_a_forged_sender_brings_a_letter_to_the_address_on_file_and_to_nobody_else(someone):
    from avow.communications import envelope
    from avow.policy.purposes import Purpose

    someone()
    take(written(more="Reply-To: eve@elsewhere.example\nReturn-Path: <eve@elsewhere.example>\n"))
    assert [envelope.unseal(row, purpose=Purpose.RIGHTS).to for row in Outgoing.objects.all()] == [ADA]


def test_the_neutral_answer_says_the_same_whoever_is_here(optimibi):
    """It is written from nothing but the case's number."""
    from avow.communications import letters

    assert letters.gaps_of(C.NEUTRAL) <= {"company", "contact", "sign_in", "number"}


def test_a_mail_that_is_too_large_has_a_clear_end(someone):
    someone()
    huge = written(text="Please delete my account. " + "x" * 25 * 2**20)
    assert take(huge[: parsing.MOST + 1]) == ()
    assert (Incoming.objects.get().reason, letters_that_went()) == ("too-large", [C.NOT_READ])


def test_an_attachment_is_named_and_neither_read_nor_kept(someone, every_byte):
    someone()
    both = (
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nHow is this "
        "used?\n--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=passport.pdf\n\nSECRETSCAN\n--b--"
    )
    (case,) = take(f"From: {ADA}\nMessage-ID: <1@x>\n{both}".encode())
    (said,) = threads.read(case, by=SERVICE, now=NOW)
    assert said.words.unread == ("passport.pdf",)
    assert "SECRETSCAN" not in said.words.text
    assert "SECRETSCAN" not in every_byte()


@pytest.mark.parametrize("frm", [ADA, "stranger@elsewhere.example"])
def test_nothing_of_a_mail_lies_in_clear(someone, every_byte, frm):
    """The search finds what is in clear: the plain form of the same mail is found when it is put into a table."""
    someone()
    marker = "zebracrossing"
    row = mailbox.leave(written(frm, f"{marker} subject", f"Is {marker} used?"), now=NOW)
    assert marker not in every_byte()
    (case,) = taking_up.take(row.pk, now=NOW)
    assert marker in threads.read(case, by=SERVICE, now=NOW)[0].words.text
    found = every_byte()
    assert marker not in found
    assert "stranger@elsewhere" not in found
    Incoming.objects.filter(pk=row.pk).update(reason=marker)
    assert marker in every_byte()


def test_the_same_mail_twice_is_one(someone):
    someone()
    assert len(come("question")) == 1
    assert come("question") == ()
    assert (Case.objects.count(), Incoming.objects.count()) == (1, 1)


def test_two_mails_at_once_about_the_same_thing_are_one_conversation(someone):
    someone()
    first, second = take(written(ident="1")), take(written(ident="2", text="I said: delete my account, please."))
    assert first == second
    assert len(threads.read(first[0], by=SERVICE, now=NOW)) == 2


def test_a_reply_with_the_number_joins_its_case_and_a_number_alone_opens_nothing(someone):
    someone()
    (case,) = come("question")
    (joined,) = take(
        written(subject=f"Re: We received your mail [{case.number}]", text="I mean the charts.", ident="2")
    )
    assert joined == case
    (other,) = take(written("eve@elsewhere.example", f"Re: [{case.number}]", "What did she ask?", "3"))
    assert other != case
    assert len(threads.read(case, by=SERVICE, now=NOW)) == 2


def test_a_stranger_is_joined_to_their_own_case(optimibi):
    (case,) = come("unknown-question")
    again = take(written("eve@elsewhere.example", f"Re: x [{case.number}]", "And of partners?", "2"))
    assert again == (case,)
    assert mailbox.sweep(NOW) == 0
    assert not Incoming.objects.filter(subject__isnull=False).exists(), "the key that nobody needs is destroyed"
    assert len(threads.read(case, by=SERVICE, now=NOW)) == 2


def test_a_stranger_is_not_joined_to_another_strangers_case(optimibi):
    (case,) = come("unknown-question")
    (other,) = take(written("mallory@elsewhere.example", f"Re: x [{case.number}]", "What did eve ask?", "2"))
    assert other != case
    assert len(threads.read(case, by=SERVICE, now=NOW)) == 1


def test_whoever_writes_in_somebodys_name_brings_them_a_few_letters_a_day(someone):
    someone()
    for number in range(25):
        take(written(ident=str(number)), NOW + timedelta(minutes=number))
    assert len(letters_that_went()) == taking_up.MOST_LETTERS
    assert Incoming.objects.filter(reason="too-many").count() == 25 - mailbox.MOST_A_DAY
    take(written(ident="next day"), NOW + timedelta(days=2))
    assert len(letters_that_went()) == taking_up.MOST_LETTERS + 1


def test_an_end_to_messages_needs_no_letter_to_be_an_end(someone, monkeypatch):
    """The cap on letters never delays it."""
    ended = []
    monkeypatch.setattr(taking_up.opting_out, "opt_out", lambda person, topics, **_: ended.append((person, topics)))
    person = someone()
    monkeypatch.setattr(taking_up, "MOST_LETTERS", 0)
    come("stop")
    assert (ended, letters_that_went()) == ([(person, None)], [])


def test_a_mail_of_somebody_who_is_being_erased_is_not_kept(someone):
    from avow.vault import erasure

    person = someone()
    row = mailbox.leave(written(), now=NOW)
    erasure.begin(person, now=NOW)
    assert taking_up.take(row.pk, now=NOW) == ()
    row.refresh_from_db()
    assert (row.state, row.reason, row.sealed, row.person) == ("filed", "erased", None, None)
