"""
What a person is told to keep their account safe: a sign-in from elsewhere, and that few recovery codes are left.

Holds:    an alert is of the topic that the policy names; switched off, it is shown in the account instead. It says the
          network and the family of the browser, not the whole address.
          A sign-in whose alert cannot be written does not happen: both commit together.
"""

from datetime import datetime

from django.db import transaction

from avow.people import families, known_browsers, ports, second_step
from avow.people.models import Account
from avow.people.ports import Alert

FEW = 3  # recovery codes
BROWSERS = {families.OTHER: "A browser of another kind"}


@transaction.atomic
def signed_in(account: Account, address: str, agent: str, *, now: datetime) -> None:
    """Tell of a sign-in from where nobody signed in before."""
    if known_browsers.seen(account, address, agent, now=now):
        family = families.family(agent)
        said = {"browser": BROWSERS.get(family, family), "network": known_browsers.network(address)}
        ports.messages().send_alert(Alert.NEW_BROWSER, person=account.person, gaps=said, now=now)


def code_used(account: Account, *, now: datetime) -> None:
    """Tell that few recovery codes are left, when one was used."""
    left = second_step.recovery_codes(account)
    if left <= FEW:
        said = {"left": "None is left" if not left else f"{left} {'is' if left == 1 else 'are'} left"}
        ports.messages().send_alert(Alert.CODES_LOW, person=account.person, gaps=said, now=now)
