"""
What follows from a mail that came back: an address that is written to no more, or letters that end.

Why apart from `bounces`: that is asked at the door; this acts, and stands above the switches.

Holds:    a report about another address than the person's, or about somebody who was erased, changes nothing; twice
          is once. Who calls a letter of a topic spam gets none of any topic; who calls a notice spam gets no
          mail of notices. Both are switches, which their person sees, and can turn back.
"""

from datetime import datetime

from django.db import transaction

from avow.communications import bounces, opting_out
from avow.communications.bounces import Severity
from avow.communications.classes import OPTIONAL, MessageClass, Topic
from avow.communications.return_path import Whose
from avow.communications.returned import Returned
from avow.errors import BadInput
from avow.vault.normalising import EMAIL, normalise

WAY = "spam"
BY_PROVIDER = "mail-provider"


@transaction.atomic
def note(returned: Returned, *, now: datetime) -> bool:
    """Take note of a mail that came back; False when it changes nothing."""
    current = bounces.address_of(returned.whose.person, now)
    if current is None:
        return False
    if returned.complaint:
        bounces.keep(returned.whose.person, current, Severity.SPAM, "", now=now)
        _end_letters(returned.whose, now)
        return True
    if not any(_is(current, recipient) for recipient in returned.recipients):
        return False
    bounces.failed(returned.whose, current, returned.status, now=now)
    return True


def unwanted(whose: Whose, *, now: datetime) -> None:
    """End letters of one mail's kind, as its link does; what answers an act of one's own has no switch."""
    if whose.kind is MessageClass.NOTICE:
        opting_out.legal_mail_off(whose.person, way=BY_PROVIDER, now=now)
    elif whose.kind in OPTIONAL:
        opting_out.opt_out(whose.person, [Topic(whose.kind)], way=BY_PROVIDER, now=now)


def _end_letters(whose: Whose, now: datetime) -> None:
    if whose.kind is MessageClass.NOTICE:
        opting_out.legal_mail_off(whose.person, way=WAY, now=now)
    else:
        opting_out.opt_out(whose.person, None, way=WAY, now=now)


def _is(address: str, said: str) -> bool:
    try:
        return normalise(EMAIL, said) == normalise(EMAIL, address)
    except BadInput:
        return False
