"""
What a person asked for and was not answered yet: the store of this room.

Why so little: a request that is closed names nobody. What stays of it (kind, dates, outcome,
counts, certificate) is what the company answers for, and is not about anyone any more.

Holds:    an erasure under way is not counted as something to forget: it is the errand itself, and
          loses its name at its last step. Other open requests of the person end with it.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from avow.requests import flags, rekeying
from avow.requests.flag_models import Decision, Flag, FlagKind
from avow.requests.models import Request, UnusedAccount
from avow.requests.moving import move
from avow.requests.states import OPEN, Kind, State
from avow.vault import persons
from avow.vault.stores import Exported, register_store


class RequestsStore:
    """What a person asked for and has not been answered yet."""

    name = "requests"
    title = "Requests"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:  # noqa: ARG002 - the protocol's
        """Return the person's open requests, the one for this very export included."""
        rows = Request.objects.filter(person=person).order_by("asked_at")
        yield Exported("requests", "What you asked for", tuple(_row(row) for row in rows))
        told = UnusedAccount.objects.filter(person=person)
        yield Exported(
            "unused", "That your account lies unused", tuple({"told": r.told_at, "erased on": r.erase_at} for r in told)
        )

        yield Exported(
            "flags", "That somebody of the company looked at your account", tuple(map(_flag, flags.on(person)))
        )

    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:
        """End the person's other open requests; the row of this erasure goes on until its last step.

        An erasure whose own key was let go of in a restore gets another.
        """
        if persons.is_nobodys(person):
            return rekeying.rekey(person, now=now)
        UnusedAccount.objects.filter(person=person).delete()
        flags.forget(person)
        others = Request.objects.filter(person=person, kind=Kind.ACCESS, state__in=OPEN).exclude(pk=request)
        return len([move(each, State.WITHDRAWN, now=now, person=None) for each in others.values_list("pk", flat=True)])

    def count(self, person: UUID) -> int:
        """Count the open requests that an erasure would end."""
        told = UnusedAccount.objects.filter(person=person).count()
        told += len(flags.on(person))
        return told + Request.objects.filter(person=person, kind=Kind.ACCESS).count()


def _flag(row: Flag) -> dict[str, object]:
    decided = Decision(row.decision).label if row.decision else None
    return {"because": FlagKind(row.kind).label, "since": row.put_at, "decided": decided, "on": row.decided_at}


def _row(row: Request) -> dict[str, object]:
    return {
        "number": row.number, "kind": row.kind, "state": row.state, "asked_at": row.asked_at, "due_at": row.due_at,
        "asked_by": row.asked_by, "channel": row.channel, "policy": row.policy,
    }  # fmt: skip


def register() -> None:
    """Register the store."""
    register_store(RequestsStore())
