"""
The live check of notices in pages: a canary without mail is shown a change, and its next use of the service accepts it.

Why in this room: being shown means that a page carried the notice, and pages are made here.
"""

from datetime import datetime, timedelta
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import resolve, reverse

from avow.communications import changes, notices
from avow.communications.changes import Changed
from avow.evidence import pretending, versions
from avow.people import canary
from avow.people.in_vain import in_vain
from avow.people.models import Account
from avow.policy.promises import Promise, watches
from avow.vault import persons
from avow.web import noticing
from avow.web.public import announcements

A_SECOND = timedelta(seconds=1)


@watches(Promise.NOTICE_WITHOUT_MAIL, Promise.ACCEPTANCE_BY_USE, every=timedelta(minutes=5))
def a_canary_without_mail_is_shown_and_accepts_by_use(now: datetime) -> str | None:
    """Owe a canary the notice of a pretended version, then open pages as it: shown at once, accepted by later use."""
    account = canary.account(now)
    with in_vain():
        one = _pretend(now)
        at = one.effective_at
        notices.tell_one(notices.owe(account.person, one, now=at - 3 * A_SECOND), now=at - 3 * A_SECOND)
        _visit(account, "announcements", at - 2 * A_SECOND)
        if not notices.of(account.person)[0].shown_at:
            return "a page that somebody without mail opens does not show them the change"
        for place, when in (("account_change_password", at - A_SECOND), ("delete", at), ("my-data", at)):
            _visit(account, place, when)
            if notices.of(account.person)[0].accepted_at:
                return f"opening {place} counts as acceptance, although it is too early or no use of the service"
        _visit(account, "account_change_password", at + A_SECOND)
        if persons.standing(account.person).governed_by != one.version.sha256:
            return "use after the change was shown and in effect is not kept as acceptance"
    return None


def _pretend(now: datetime) -> Changed:
    """Publish what is in force once more with one more sentence, from today on."""
    newest = versions.all_versions()[-1]
    raw = newest.raw + f"\nThis sentence stands here for a live check at {now.timestamp():.6f}.\n".encode()
    version = pretending.publish(raw, newest.clauses, effective=now.date(), now=now - timedelta(days=2))
    return changes.changed(version.sha256)


def _visit(account: Account, name: str, now: datetime) -> None:
    """Answer a page as the service does, and take the same note of it; only a page that is all frame is really made."""
    request = HttpRequest()
    request.method, request.user, request.path = "GET", account, reverse(name)
    request.resolver_match = resolve(request.path)
    made = announcements.page(request) if name == "announcements" else HttpResponse(status=HTTPStatus.OK)
    noticing.take_note(request, made, account.person, now)
