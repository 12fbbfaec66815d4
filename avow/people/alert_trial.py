"""
Try on the canary whether a stranger's sign-in is noticed, for the live check; and whether its link shuts everybody out.

Holds:    nothing of it remains (`in_vain`), and no letter is written: the acts below the letters are asked.
"""

import secrets
from datetime import datetime

from django.db import connection

from avow.errors import NotFound
from avow.people import known_browsers, not_me
from avow.people.in_vain import in_vain
from avow.people.models import Account, KnownBrowser, Session

HOME, ELSEWHERE = ("192.0.2.7", "Mozilla/5.0 Firefox/140.0"), ("198.51.100.9", "curl/8.0")  # RFC 5737
STORED = "SELECT encode(sealed, 'escape') FROM people_knownbrowser WHERE person = %s"


def fault(account: Account, *, now: datetime) -> str | None:
    """Sign in from two places in vain; say what is not noticed, or not sealed, or not shut."""
    with in_vain():
        KnownBrowser.objects.filter(person=account.person).delete()
        Account.objects.filter(pk=account.pk).update(opened_at=now)
        account.refresh_from_db()
        if known_browsers.seen(account, *HOME, now=now):
            return "the browser of a sign-up is taken for a stranger"
        if not known_browsers.seen(account, *ELSEWHERE, now=now):
            return "a sign-in from elsewhere is not noticed"
        if known_browsers.seen(account, *ELSEWHERE, now=now):
            return "a browser that signed in before is taken for a stranger"
        if _is_readable(account):
            return "the address of a browser lies in clear"
        return _fault_of_link(account, now)


def _fault_of_link(account: Account, now: datetime) -> str | None:
    Session.objects.create(
        key=secrets.token_hex(32), sealed=b"-", person=account.person, signed_in_at=now, idle_ends_at=now, ends_at=now
    )
    token = not_me.link(account.person, at=now).rsplit("/", 1)[1]
    try:
        not_me.act(not_me.read(token, now=now), now=now)
    except NotFound:
        return "the link in an alert opens nothing"
    if Session.objects.filter(person=account.person).exists():
        return "the link in an alert leaves a session open"
    return None


def _is_readable(account: Account) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(STORED, [account.person])
        return any(part in row[0] for row in cursor.fetchall() for part in (*HOME, *ELSEWHERE))
