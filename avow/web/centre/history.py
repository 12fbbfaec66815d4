"""
What happened to one's account: every act that the log holds, by whom, under which sentence, and its proof.

Holds:    nobody sees an act about somebody else: it is found among one's own acts alone. What is shown as the entry is
          the entry, byte for byte.
"""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from avow.errors import NotFound
from avow.evidence import receipts, statements, versions
from avow.evidence.acts import Act
from avow.evidence.versions import Version
from avow.requests import account_log
from avow.vault import opening_cases
from avow.vault.opening_cases import OpeningReason
from avow.web.centre.gate import person_of

AT_ONCE = 200


@dataclass(frozen=True)
class Sentence:
    """Where the policy says so."""

    id: str
    path: str


@login_required
def history(request: HttpRequest) -> HttpResponse:
    """List what happened, the newest first."""
    person, now = person_of(request), timezone.now()
    start = int(asked) if (asked := request.GET.get("from", "0")).isdecimal() and len(asked) < 8 else 0  # noqa: PLR2004 - digits
    every = account_log.of(person)
    version = versions.in_force(now)
    shown = {
        "lines": [(one, sentence(one.clause, version)) for one in every[start : start + AT_ONCE]],
        "total": len(every),
        "older": start + AT_ONCE if len(every) > start + AT_ONCE else None,
        "looked": [(case, OpeningReason(case.reason).label) for case in opening_cases.on(person)],
    }
    return render(request, "avow/history.html", shown)


@login_required
def act(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Show one act, with what proves it."""
    one = account_log.one(person_of(request), entry_id)
    found = receipts.receipt(entry_id)
    if one.index is None:
        raise NotFound("This act is being recorded; look again in a second.")
    entry = found.entry.decode() if found else ""
    says = statements.says(entry_id) if one.act is Act.RECEIPT_ISSUED else None
    return render(request, "avow/history_act.html", {"one": one, "receipt": found, "entry": entry, "says": says})


@login_required
def entry(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Hand out the entry, byte for byte."""
    account_log.one(person_of(request), entry_id)
    return _file(receipts.receipt_now(entry_id).entry + b"\n", "entry.json", "application/json")


@login_required
def receipt(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Hand out its receipt."""
    account_log.one(person_of(request), entry_id)
    return _file(receipts.receipt_now(entry_id).text.encode(), "receipt.txt", "text/plain; charset=utf-8")


@login_required
def statement(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Hand out what a receipt says, tied to the log: `avow verify` checks it without us."""
    account_log.one(person_of(request), entry_id)
    return _file(statements.render(entry_id), "receipt.avow", "text/plain; charset=utf-8")


def sentence(clause: str | None, version: Version) -> Sentence | None:
    """Return the sentence that an act is bound to, where the policy in force has it."""
    found = next((one for one, bound in version.bound.clauses if bound and bound.name == clause), None)
    return Sentence(found.id, reverse("sentence", args=[found.id])) if found else None


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    named = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=named)
