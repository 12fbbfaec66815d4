"""
Who is owed the notice of a version, and telling them: by mail where that is possible, in the account for all.

Why rows drawn up beforehand: who is owed a notice is known when the text is published, so “everybody was told” can be
counted, and a run that was killed goes on where it stopped.

Holds:    one row a person and version. Telling twice sends nothing twice: rows are told under their locks, and mails
          and marks commit together. Who is being erased is told nothing. A person without an address, or who wants
          no mail, has the notice in the account; nothing about the notice depends on mail.
Assumes:  whoever comes into the house later under an older text is brought in by `draw_up`, which may be repeated.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Min, Q, When
from django.db.models.functions import Least
from django.urls import reverse

from avow.communications import announcing, changes, rendering
from avow.communications.changes import Changed
from avow.communications.classes import Message, MessageClass
from avow.communications.models import Ledger, PolicyNotice
from avow.communications.rendering import Rendered
from avow.communications.sending import same_to_all, send_each
from avow.errors import AvowError, Erased
from avow.evidence import versions
from avow.policy.promises import Promise, keeps
from avow.vault import accepting, persons

AT_ONCE = 200
MOST_DAYS = 60  # of a coverage
SAMPLE = 1000
ON_ITS_WAY = ("waiting", "kept", "sent")
LETTER = "policy-changed"
ASKED = (
    "Whether it then goes for what you gave before, too, you are asked in your account; say nothing, and it does not."
)
NOT_ASKED = "Once you go on, it goes for what you gave before, too."


@dataclass(frozen=True)
class Reach:
    """How far the notice of a version has come, in people; each stands at the furthest point they reached."""

    due: int
    mailed: int
    shown: int
    accepted: int
    account_only: int  # told in the account, and not there since
    bounced: int  # mailed, and it came back; in the account too, and not there since

    @property
    def all(self) -> int:
        """How many are owed it."""
        return self.due + self.mailed + self.shown + self.accepted + self.account_only + self.bounced


def draw_up(policy: str, *, now: datetime, enrolled_since: datetime | None = None) -> int:
    """Bring in everybody who lives under an older text (and came since) and has no row yet; return how many."""
    one, older = changes.changed(policy), older_than(policy)
    before, after = PolicyNotice.objects.filter(version=policy).count(), None
    while people := persons.living_under(older, after=after, enrolled_since=enrolled_since):
        rows = (PolicyNotice(person=p, version=policy, effective_at=one.effective_at, due_at=now) for p in people)
        PolicyNotice.objects.bulk_create(rows, ignore_conflicts=True)
        after = people[-1]
    return PolicyNotice.objects.filter(version=policy).count() - before


def without(policy: str) -> int:
    """Count who lives under an older text and is owed no notice of this one: all in numbers, a sample one by one."""
    older, rows = older_than(policy), PolicyNotice.objects.filter(version=policy)
    lacking = persons.how_many_under(older) - rows.filter(accepted_at=None).count()
    sample = persons.living_under(older, at_most=SAMPLE)
    return max(lacking, len(sample) - rows.filter(person__in=sample).count(), 0)


def older_than(policy: str) -> list[str]:
    """Return the texts before this one."""
    number = versions.read(policy).number
    return [found.sha256 for found in versions.all_versions() if found.number < number]


def tell(*, now: datetime, at_most: int | None = None) -> int:
    """Tell up to so many who have not been told; return how many. One who cannot be told does not keep the others."""
    waiting = PolicyNotice.objects.filter(account_at=None).order_by("due_at", "id").values_list("id", flat=True)
    numbers = list(waiting[: at_most or AT_ONCE])
    try:
        return tell_some(numbers, now=now)
    except AvowError:
        return sum(_told(number, now) for number in numbers)


def _told(number: int, now: datetime) -> bool:
    try:
        return tell_one(number, now=now)
    except AvowError:
        return False  # it stays due, and the live check says so


def tell_one(number: int, *, now: datetime) -> bool:
    """Tell one person of one change; False when somebody else did, or the person is being erased."""
    return tell_some([number], now=now) == 1


@keeps(Promise.CHANGE_NOTICE)
@transaction.atomic
def tell_some(numbers: Collection[int], *, now: datetime) -> int:
    """Tell the people of these rows; return how many. Who is being erased keeps the row, which goes with them."""
    wanted = PolicyNotice.objects.filter(pk__in=list(numbers), account_at=None)
    # people before rows, as everybody does who needs both
    persons.lock_each(list(wanted.values_list("person", flat=True)))
    rows = wanted.select_for_update(skip_locked=True)
    told = 0
    for version, some in groupby(sorted(rows, key=lambda row: row.version), key=lambda row: row.version):
        owed = {row.person: row for row in some}
        message = Message(MessageClass.NOTICE, LETTER, gaps(version))
        rendering.keep(version, Rendered("mail", as_mailed(message, now)), now=now)
        sent = send_each(owed, message, now=now)
        on_its_way = Ledger.objects.filter(message__in=list(sent.values()), state__in=ON_ITS_WAY)
        mailed = set(on_its_way.values_list("message", flat=True))
        for person, row in owed.items():
            if person in sent:
                row.account_at, row.mailed_at = now, now if sent[person] in mailed else None
        PolicyNotice.objects.bulk_update([owed[person] for person in sent], ["account_at", "mailed_at"])
        _let_go(row for person, row in owed.items() if person not in sent)
        told += len(sent)
    return told


def as_mailed(message: Message, now: datetime) -> bytes:
    """Return what a letter to everybody says, before each one's footer."""
    written = same_to_all(message, now)
    return f"{written.subject}\n\n{written.text}".encode()


def _let_go(rows: Iterable[PolicyNotice]) -> None:
    """Remove the rows of people who were erased; of who is being erased, they go with the rest."""
    for row in rows:
        try:
            persons.lock(row.person)
        except Erased:
            row.delete()


def open_for(person: UUID) -> list[PolicyNotice]:
    """Return the notices of texts newer than the one that governs a person, the oldest first."""
    rows = list(PolicyNotice.objects.filter(person=person, accepted_at=None))
    if not rows:
        return []
    governed = accepting.number_of(persons.standing(person).governed_by)
    place = {version.sha256: version.number for version in versions.all_versions() if version.number > governed}
    return sorted((row for row in rows if row.version in place), key=lambda row: place[row.version])


def of(person: UUID) -> list[PolicyNotice]:
    """Return every notice of a person, the newest first."""
    return list(PolicyNotice.objects.filter(person=person).order_by("-due_at", "-id"))


def bring_in(person: UUID, *, now: datetime) -> None:
    """Give a person who signed up under a text that is about to change the rows that the others have."""
    number = accepting.number_of(persons.standing(person).governed_by)
    for one in changes.later() if number else ():
        if one.version.number > number:
            owe(person, one, now=now)


def owe(person: UUID, one: Changed, *, now: datetime) -> int:
    """Owe one person the notice of one change; return its row's number."""
    said = {"effective_at": one.effective_at, "due_at": now}
    return PolicyNotice.objects.get_or_create(person=person, version=one.version.sha256, defaults=said)[0].pk


def reach(policy: str) -> Reach:
    """Count where the notice of a version stands."""
    rows = PolicyNotice.objects.filter(version=policy)
    shown, back = Q(shown_at__isnull=False), Q(bounced_at__isnull=False)
    return Reach(
        due=rows.filter(account_at=None, shown_at=None).count(),
        mailed=rows.filter(~back, shown_at=None, mailed_at__isnull=False).count(),
        bounced=rows.filter(back, shown_at=None, mailed_at__isnull=False).count(),
        shown=rows.filter(shown, accepted_at=None).count(),
        accepted=rows.filter(accepted_at__isnull=False).count(),
        account_only=rows.filter(shown_at=None, mailed_at=None, account_at__isnull=False).count(),
    )


def coverage(policy: str, *, now: datetime) -> list[tuple[date, int]]:
    """Return for each day since the notice was due how many in 100 it had reached by then: mailed, or shown.

    A mail that came back reached nobody; who is told in the account alone is reached when a page shows it.
    """
    rows = PolicyNotice.objects.filter(version=policy)
    reached = Least(Case(When(bounced_at=None, then="mailed_at")), "shown_at")
    days = sorted(at.date() for at in rows.annotate(reached=reached).values_list("reached", flat=True) if at)
    begins = rows.aggregate(first=Min("due_at"))["first"]
    if begins is None:
        return []
    every = [begins.date() + timedelta(days=place) for place in range((now.date() - begins.date()).days + 1)]
    return [(day, 100 * bisect_right(days, day) // rows.count()) for day in every[-MOST_DAYS:]]


def gaps(policy: str) -> Mapping[str, str]:
    """Return what the letter of a version says."""
    one = changes.changed(policy)
    said = announcing.of_version(policy)
    return {
        "effective": f"{one.version.effective_date:%-d %B %Y}",
        "announcement": said.text if said else "",
        "changes": changes.in_words(one.changes),
        "difference": settings.BASE_URL + reverse("changes", args=one.path),
        "account": settings.BASE_URL + reverse("my-data"),
        "older": ASKED if settings.OLD_DATA_ASKS else NOT_ASKED,
    }
