"""
Runs: hand over what waits of topics and notices, many at a time over one connection, and find out what a crash left.

    take      some rows get the run's number, and commit
    hold      they are locked; each question is asked again, for all; texts are opened
    give      over one connection, with a mark before and after each text (`journal`)
    settle    ledger, log and queue commit together; then the journal is removed

A crash before `settle` leaves rows with the run's number and its journal. Whoever runs next reads it first:

    the relay said yes          sent
    its text was being given    in doubt: a notice or security alert goes again under its Message-ID, news does not
    not begun                   waits as before

Holds:    no mail is lost, and news is never doubled; of notices and alerts at most one a connection and crash, and it
          carries the same Message-ID. A choice made while a run gives mails holds for the next: a run lasts SECONDS at
          most. One mail that cannot be written, opened or delivered keeps no other from going; one at which the
          connection ended is tried later each time, and not for ever.
          Where a server says later, its domain is left alone for a while (`pace`), then asked again.
Assumes:  a run whose journal lies on no machine that still comes back is as good as dead after LEASE.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from avow.communications import (
    bounces,
    campaign_watch,
    deciding,
    delivering,
    envelope,
    journal,
    road,
)
from avow.communications.classes import TO_MANY, Channel, Kind, MessageClass, Topic, kind_of
from avow.communications.deciding import Reason
from avow.communications.delivering import Settled
from avow.communications.envelope import Mail
from avow.communications.journal import Journal, Marks
from avow.communications.models import Outgoing
from avow.communications.pace import Pace
from avow.communications.relay import Answer, Lost, NotNow, Post
from avow.communications.return_path import Whose
from avow.communications.road import Line
from avow.errors import AvowError, DoesNotOpen

AT_ONCE = 500
SECONDS = 15.0  # that a run gives mails; below the minute after which an opt-out holds for what waited
LEASE = timedelta(minutes=15)
AGAIN: frozenset[Kind] = frozenset({MessageClass.NOTICE, MessageClass.BREACH, Topic.SECURITY_ALERTS})
TRIES = 12
SOON, LATEST = 60.0, 3600.0  # seconds until a mail is tried again
A_MOMENT = 1.0  # seconds that a run waits for its turn; for more, the mail is put back
PACE = Pace(time.monotonic, settings.MAIL_RATE, settings.MAIL_DOMAIN_RATE)


@dataclass
class Run:
    """One run: its rows, and what became of each so far."""

    journal: Journal
    line: Line
    now: datetime
    pace: Pace
    settled: dict[UUID, Settled] = field(default_factory=dict)
    later: dict[UUID, float] = field(default_factory=dict)  # seconds until it may go
    refused: set[UUID] = field(default_factory=set)  # of those: a server said later
    dead: list[tuple[Whose, str, str]] = field(default_factory=list)  # address and status
    lost: Lost | None = None
    given: UUID | None = None  # the last that the relay was begun to be given

    @transaction.atomic
    def carry(self) -> None:
        """Hold, give and settle."""
        rows = list(Outgoing.objects.select_for_update().filter(run=self.journal.run).order_by("kind", "queued_at"))
        going: dict[UUID, tuple[Outgoing, Mail]] = {}
        for kind, some in groupby(rows, key=lambda row: kind_of(row.kind)):
            going |= self._asked(kind, list(some))
        self._give(going)
        delivering.settle_each(self.settled, self.now)
        for whose, address, status in self.dead:
            bounces.failed(whose, address, status, now=self.now)
        for row in rows:
            if row.id not in self.settled:
                _put_back(row, self.later.get(row.id, 0.0), self.now, refused=row.id in self.refused)

    def _asked(self, kind: Kind, rows: list[Outgoing]) -> dict[UUID, tuple[Outgoing, Mail]]:
        """Ask again whether a choice stops each, and open the rest."""
        why = deciding.stopped_each({row.whose for row in rows}, kind, now=self.now)
        opened = self._opened([row for row in rows if not why[row.whose]])
        for row in rows:
            if row.id not in opened and row.id not in self.settled and row.id not in self.later:
                self._end(row, "suppressed", why[row.whose] or Reason.NOT_ALLOWED)
        return {row.id: (row, opened[row.id]) for row in rows if row.id in opened}

    def _opened(self, rows: list[Outgoing]) -> dict[UUID, Mail]:
        """Open the mails; one that is damaged has failed, and one whose key is missing waits, alone."""
        try:
            return envelope.unseal_each(rows, now=self.now)
        except AvowError:
            found = dict[UUID, Mail]()
        for row in rows:
            try:
                found |= envelope.unseal_each([row], now=self.now)
            except DoesNotOpen:
                self._end(row, "failed", Reason.NO_MAIL)
            except AvowError:
                self.later[row.id] = LATEST
        return found

    def _give(self, going: dict[UUID, tuple[Outgoing, Mail]]) -> None:
        try:
            for number, said in self.line.hand_over(self._posts(going), self.journal):
                self._heard(*going[number], said)
        except NotNow as not_now:
            self.lost = not_now
        except Lost as lost:
            self.lost = lost
            doubtful = self.journal.in_doubt
            if doubtful and kind_of(going[doubtful][0].kind) not in AGAIN:
                self._end(going[doubtful][0], "in-doubt")
            elif (at := doubtful or self.given) and at not in self.settled:
                self._again(going[at][0])

    def _again(self, row: Outgoing) -> None:
        """Have a mail at which the connection ended wait its turn, longer each time, so that others come before it."""
        if row.tries + 1 >= TRIES:
            self._end(row, "failed")
        else:
            self.later[row.id] = min(SOON * 2**row.tries, LATEST) if row.tries else 0.0
            self.refused.add(row.id)

    def _posts(self, going: dict[UUID, tuple[Outgoing, Mail]]) -> Iterator[Post]:
        """Return the mails whose turn it is, each written; those of a domain that is left alone wait for it."""
        sender = delivering.sender(self.now)
        until = self.pace.clock() + SECONDS
        for row, mail in going.values():
            if self.pace.clock() > until:
                return
            if (waits := self._turn(_domain(mail))) > 0:
                self.later[row.id] = waits
                continue
            try:
                post = delivering.posted(row, mail, sender=sender, now=self.now)
            except ValueError:
                post = None
            if post and self.line.takes(mail.to):
                self.given = row.id
                yield post
            else:
                self._end(row, "failed", Reason.NO_MAIL)

    def _turn(self, domain: str) -> float:
        """Wait for a turn that is a moment away; return 0 when it has come, or the seconds until then."""
        waits = self.pace.wait(domain)
        while 0 < waits <= A_MOMENT:
            time.sleep(waits)
            waits = self.pace.wait(domain)
        return waits

    def _heard(self, row: Outgoing, mail: Mail, said: Answer) -> None:
        """Take note of what the relay said to one mail."""
        if said.taken:
            self.pace.taken(_domain(mail))
            self._end(row, "sent")
        elif said.for_good:
            self.dead.append((Whose(row.whose, kind_of(row.kind)), mail.to, said.status))
            self._end(row, "failed")
        elif row.tries + 1 >= TRIES:
            self._end(row, "failed")
        else:
            held = self.pace.later(_domain(mail)) if said.code in range(400, 500) else 0.0
            self.later[row.id] = max(held, min(SOON * 2**row.tries, LATEST))
            self.refused.add(row.id)

    def _end(self, row: Outgoing, outcome: str, reason: Reason = Reason.NONE) -> None:
        self.settled[row.id] = Settled(row.whose, kind_of(row.kind), outcome, reason)


def carry_all(*, clock: Callable[[], datetime], pace: Pace = PACE, at_once: int = AT_ONCE) -> int:
    """Hand over all that is due; return how many came to an end. Raises Lost when the relay went away."""
    recover(now=clock())
    if not road.is_set() or not _due(clock()).exists():
        return 0
    ended = 0
    with road.line() as line:
        while (run := carry(line, now=clock(), pace=pace, at_once=at_once)) is not None:
            ended += len(run.settled)
            if run.lost:
                raise run.lost
    return ended


def carry(line: Line, *, now: datetime, pace: Pace = PACE, at_once: int = AT_ONCE) -> Run | None:
    """Carry one run's worth of mails; None when nothing is due."""
    with journal.begun() as own:
        campaigns = _take(own.run, now, at_once)
        if campaigns is None:
            return None
        run = Run(own, line, now, pace)
        run.carry()
    for campaign in campaigns:
        campaign_watch.look(campaign, now=now)
    return run


def recover(*, now: datetime) -> int:
    """Find out from their journals what became of the mails of runs that died; return how many there were."""
    here = journal.here()  # first: what another looks at now is no run without a journal
    with journal.dead() as found:
        with_journal = sum(_after(run, marks, now) for run, marks in found.items())
    old = set(Outgoing.objects.filter(taken_at__lt=now - LEASE).values_list("run", flat=True))
    return with_journal + sum(_after(run, None, now) for run in old - here if run)


@transaction.atomic
def _after(run: UUID, marks: Marks | None, now: datetime) -> int:
    """Settle what a dead run took; without its journal, all of it is in doubt."""
    rows = list(Outgoing.objects.select_for_update().filter(run=run))
    settled = dict[UUID, Settled]()
    for row in rows:
        kind = kind_of(row.kind)
        if marks and row.id in marks.given:
            settled[row.id] = Settled(row.whose, kind, "sent")
        elif (marks is None or row.id in marks.in_doubt) and kind not in AGAIN:
            settled[row.id] = Settled(row.whose, kind, "in-doubt")
        else:
            _put_back(row, 0.0, now, refused=bool(marks and row.id in marks.in_doubt))
    delivering.settle_each(settled, now)
    return len(rows)


def _due(now: datetime) -> QuerySet[Outgoing]:
    """Return what may be taken, of kinds that go to many."""
    rows = Outgoing.objects.filter(channel=Channel.MAIL, run=None, kind__in=TO_MANY, person__isnull=False)
    rows = rows.filter(ends_at__gt=now)
    rows = rows.filter(Q(not_before=None) | Q(not_before__lte=now))
    return rows.exclude(campaign__in=campaign_watch.stopped())


@transaction.atomic
def _take(run: UUID, now: datetime, at_once: int) -> set[UUID] | None:
    """Give rows the run's number; return which campaigns they are of, or None when there is none."""
    due = _due(now).select_for_update(skip_locked=True).order_by("queued_at")
    taken = dict(due.values_list("pk", "campaign")[:at_once])
    if not taken:
        return None
    Outgoing.objects.filter(pk__in=list(taken)).update(run=run, taken_at=now)
    return {campaign for campaign in taken.values() if campaign}


def _put_back(row: Outgoing, seconds: float, now: datetime, *, refused: bool = False) -> None:
    """Have a mail wait again."""
    Outgoing.objects.filter(pk=row.pk).update(
        run=None, taken_at=None, tries=row.tries + refused,
        not_before=now + timedelta(seconds=seconds) if seconds else row.not_before,
    )  # fmt: skip


def _domain(mail: Mail) -> str:
    return mail.to.rpartition("@")[2].lower()
