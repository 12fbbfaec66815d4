"""
The mail that a mail program writes at its own unsubscribe button ends letters of that kind, whoever sends it, and is not answered.

It bites: leaving the look at the subject out of `taking_up` makes a case of it, or files it as a mail without words (tried).
"""

import pytest

from avow.communications import links, opting_out
from avow.communications.classes import MessageClass, Topic
from avow.communications.models import Ledger
from avow.policy.promises import Promise
from avow.requests.models import Case
from tests.requests.asking import NOW
from tests.requests.test_mails import ADA, take, written

pytestmark = pytest.mark.proves(Promise.OPT_OUT)


@pytest.mark.parametrize("sender", [ADA, "somebody.else@example.org"])
@pytest.mark.parametrize("text", ["", "Sent from a telephone."])
def test_it_ends_its_kind_at_once(someone, sender, text):
    person = someone(ADA)
    take(written(sender, f"unsubscribe {links.token_for(person, Topic.USAGE)}", text))
    assert [topic for topic, on in opting_out.standing(person, NOW).items() if not on] == [Topic.USAGE]
    assert not Case.objects.exists() and not Ledger.objects.exists()


def test_one_of_legal_notices_ends_those(someone):
    person = someone(ADA)
    take(written(ADA, f"Unsubscribe  {links.token_for(person, MessageClass.NOTICE)}", ""))
    assert not opting_out.legal_mail(person, NOW) and all(opting_out.standing(person, NOW).values())


def test_a_spoilt_one_is_a_mail_like_any_other(someone):
    person = someone(ADA)
    take(written(ADA, f"unsubscribe {links.token_for(person, None)[:-2]}xx", "Please stop writing to me."))
    assert Case.objects.exists()
