"""
Take up what the mailbox holds: each mail becomes a case, joins one, or is filed; and only the ladder says what follows.

    Incoming waits  →  one transaction: case, thread, clock, letters in the queue; the row emptied  →  nothing left

Holds:    one transaction a mail: killed before its commit, the mail waits as before; after it, there is nothing left to
          take up. A mail with the number of a case joins it if the address is that case's. No letter
          goes to a machine, and at most MOST_LETTERS a day to one sender, whoever writes in their name.
Does not: hand out or destroy anything; that takes `confirming`. A sender is believed in one thing alone: that
          they want no more messages. A mail program's own unsubscribing mail acts by the capability in its subject,
          whoever sent it, and gets no answer.
"""

import re
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from avow.communications import loops, mailbox, opting_out, unsubscribing
from avow.communications.case_letters import CaseLetter
from avow.communications.classes import Message, MessageClass
from avow.communications.models import Incoming
from avow.communications.parsing import Letter
from avow.communications.sending import send
from avow.errors import Erased, NotFound
from avow.policy.promises import Promise, keeps
from avow.requests import cases, confirming, intents, ladder
from avow.requests.case_models import Case
from avow.requests.case_states import CaseState, Outcome
from avow.requests.cases import Whose
from avow.requests.ladder import Sender, Step, Way
from avow.requests.threads import Words
from avow.requests.words import moment
from avow.vault.in_turn import in_turn

MOST_LETTERS = 3  # automatic ones, to one sender in a day
NUMBER = re.compile(r"\[([0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2})\]")


def take_up(now: datetime, *, way: str = "mail") -> int:
    """Take up every mail that waits; return how many. One that cannot be taken holds up no other."""
    return len(in_turn(mailbox.waiting(), lambda number: take(number, now=now, way=way)))


@keeps(Promise.REQUEST_BY_MAIL)
@transaction.atomic
def take(number: UUID, *, now: datetime, way: str = "mail") -> tuple[Case, ...]:
    """Take up one mail; a second time finds nothing."""
    row = Incoming.objects.select_for_update(skip_locked=True).filter(pk=number, state="waiting").first()
    if row is None:
        return ()
    try:
        with transaction.atomic():
            return _Take(row, mailbox.open_letter(row), now, way).run()
    except Erased:  # its person is being erased: nothing new is kept about them
        mailbox.settle(row, "filed", "erased")
        return ()


class _Take:
    """One mail on its way into cases: what is known of it, and whether a letter may still go."""

    def __init__(self, row: Incoming, letter: Letter, now: datetime, way: str) -> None:
        self.row, self.letter, self.now, self.way = row, letter, now, way
        sender = bytes(row.sender) if row.sender else None
        self.whose = Whose(row.person, row.subject, None if row.person else sender)
        self.may_write = not letter.silent and mailbox.answered_lately(row, now) < MOST_LETTERS
        self.wrote = False

    def run(self) -> tuple[Case, ...]:
        """Join the case that the subject names, refuse what has no words, or open what the ladder says."""
        if self.letter.silent in loops.NEVER:
            return self._file(self.letter.silent)
        if unsubscribing.by_mail(self.letter.subject, now=self.now):
            return self._file("unsubscribed")
        if self.letter.refusal:
            self._write(CaseLetter.NOT_READ, {})
            return self._file(self.letter.refusal)
        if case := self._named():
            return self._join(case)
        reading = intents.read(self.letter.text, subject=self.letter.subject, is_reply=self.letter.is_reply)
        if self.letter.silent and not reading.why:
            return self._file(self.letter.silent)
        steps = ladder.steps(reading, Sender(bool(self.whose.person), self._is_doubtful()))
        return self._settle(tuple(self._open(step) for step in steps))

    def _named(self) -> Case | None:
        found = NUMBER.search(self.letter.subject.upper())
        case = cases.numbered(found[1], self.whose) if found else None
        return case if case and case.is_open else None

    def _join(self, case: Case) -> tuple[Case, ...]:
        self._hear(case, intents.new_text(self.letter.text) or self.letter.text)
        return self._settle((case,))

    def _open(self, step: Step) -> Case:
        begins = CaseState.CONFIRMING if step.way is Way.CONFIRM else CaseState.DESK
        case, _ = cases.receive(step.kind, self.whose, state=begins, way=self.way, now=self.now)
        self._hear(case, self.letter.text)
        ways = {Way.CONFIRM: self._confirm, Way.STOP: self._stop, Way.DESK: self._acknowledge, Way.NEUTRAL: self._tell}
        ways[step.way](case)
        return case

    def _hear(self, case: Case, text: str) -> None:
        unknown = "" if case.person else self.letter.address
        cases.hear(case, Words(text, self.letter.subject, unknown, self.letter.unread), now=self.now)

    def _confirm(self, case: Case) -> None:
        if case.state == CaseState.CONFIRMING and self._may():
            confirming.mail_link(case, now=self.now)

    def _stop(self, case: Case) -> None:
        assert case.person
        opting_out.opt_out(case.person, None, way="mail", now=self.now)
        self._write(CaseLetter.STOPPED, {"number": case.number, "choices": settings.BASE_URL + reverse("messages")})
        cases.close(case.pk, Outcome.DONE, now=self.now)

    def _acknowledge(self, case: Case) -> None:
        gaps = {"number": case.number, "due": moment(case.due_at), "cases": settings.BASE_URL + reverse("my-requests")}
        self._write(CaseLetter.RECEIVED, gaps)

    def _tell(self, case: Case) -> None:
        self._write(CaseLetter.NEUTRAL, {"number": case.number})
        cases.close(case.pk, Outcome.TOLD, now=self.now)

    def _may(self) -> bool:
        """Say whether one more letter may go, and count this mail as answered if so."""
        self.wrote = self.wrote or self.may_write
        return self.may_write

    def _write(self, letter: CaseLetter, gaps: dict[str, str]) -> None:
        if self._may():
            try:
                send(
                    self.whose.person or self.letter.address, Message(MessageClass.ANSWER, letter, gaps), now=self.now
                )  # fmt: skip
            except NotFound:
                self.wrote = False  # a person without an address reads it in the account

    def _is_doubtful(self) -> bool:
        """Say whether a person should look: a machine's mail, a look-alike, or somebody else's address in the text."""
        others = intents.addresses_in(self.letter.text) - {self.letter.address} - mailbox.own_addresses(self.now)
        looks_alike = not self.letter.address.isascii() or "xn--" in self.letter.address
        return bool(self.letter.silent or others or (looks_alike and not self.whose.person))

    def _file(self, reason: str) -> tuple[Case, ...]:
        mailbox.settle(self.row, "filed", reason, answered=self.wrote, keeps_key=True)
        return ()

    def _settle(self, opened: tuple[Case, ...]) -> tuple[Case, ...]:
        """Empty the row; its own key is the case's now, unless the mail joined a case that has one."""
        taken = any(case.subject == self.row.subject for case in opened)
        mailbox.settle(self.row, "case", "", answered=self.wrote, keeps_key=not taken)
        return opened
