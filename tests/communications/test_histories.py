"""
Random histories of choices, letters, deliveries, returned mail, versions, showings, use and erasures, of two people at once.

Whatever happens: nobody receives what their choice forbids, every line of the ledger explains itself, and no acceptance comes
before its notice. A model beside the service says what may have been received; a real SMTP server says what was.

Tried by hand, each seen to fail here: switches, or a dead address, that are not asked about; `may_accept` that always says
yes. A run that does not ask again is caught in test_runs.py: here the gate, and the opt-out's own stop, would hold as well.
"""

import re
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avow.communications import acceptance, bounces, links, notices, opting_out, runs
from avow.communications.bounces import Severity
from avow.communications.classes import MessageClass, Topic
from avow.communications.deciding import Reason
from avow.communications.models import Ledger, PolicyNotice
from avow.communications.pace import Pace
from avow.communications.rendering import Rendered
from avow.evidence import versions
from avow.policy.promises import Promise
from avow.vault import choices, erasure, persons
from avow.vault.models import Person
from tests.communications.topics import now, read, send

pytestmark = [pytest.mark.proves(Promise.OPT_OUT, Promise.ACCEPTANCE_BY_USE, Promise.CONTACT_LIMIT)]
KINDS = (Topic.ANNOUNCEMENTS, Topic.SECURITY_ALERTS, MessageClass.NOTICE)
STEPS = ("send", "carry", "off", "on", "freeze", "thaw", "returned", "works", "show", "use", "erase", "pass")
HISTORIES = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 1), st.sampled_from(KINDS)), min_size=12, max_size=30
)
NOT_A_REASON = {"waiting", "sent", "kept", "in-doubt", "failed", "expired", "withdrawn"}


class Model:
    """What a person said, and what may therefore have reached them."""

    def __init__(self, person, address):
        self.person, self.address = person, address
        self.off, self.frozen, self.dead, self.erased = set(), False, False, False
        self.forbidden_since = {}

    def allows(self, kind):
        return not (self.erased or self.frozen or self.dead or kind in self.off)


class History:
    """One run of the service beside its model."""

    def __init__(self, reader, relay, older, version):
        self.relay, self.version, self.clock = relay, version, now()
        self.two = [Model(reader(address), address) for address in (f"{uuid4().hex}@example.com" for _ in range(2))]
        Person.objects.filter(person__in=[one.person for one in self.two]).update(signed_up_under=older)

    def step(self, what, who, kind):
        self.clock += timedelta(minutes=1)
        getattr(self, f"do_{what}")(self.two[who], kind)

    def do_send(self, one, kind):
        if not one.erased:
            send(one.person, kind)

    def do_carry(self, *_):
        """Whatever arrives must be allowed at this moment: the choice is asked again here."""
        before = len(self.relay.taken)
        runs.carry_all(clock=now, pace=Pace(time.monotonic))
        for raw in self.relay.taken[before:]:
            mail = read(raw)
            for one in self.two:
                if one.address != mail["To"]:
                    continue
                assert not one.erased and not one.frozen
                assert self.kind_of(mail) not in one.off, "a letter came that was switched off"

    def kind_of(self, mail):
        return links.read(re.search(r"/unsubscribe/([A-Za-z0-9_-]+)>", mail["List-Unsubscribe"])[1]).kind

    def do_off(self, one, kind):
        if kind is MessageClass.NOTICE:
            opting_out.legal_mail_off(one.person, way="account", now=now())
        else:
            opting_out.opt_out(one.person, [kind], way="account", now=now())
        one.off |= {kind} if not one.erased else set()

    def do_on(self, one, kind):
        if kind is MessageClass.NOTICE:
            opting_out.legal_mail_on(one.person, way="account", now=now())
        else:
            opting_out.opt_in(one.person, [kind], way="account", now=now())
        one.off -= {kind}

    def do_freeze(self, one, _):
        if not one.erased:
            choices.freeze(one.person, now=now())
            one.frozen = True

    def do_thaw(self, one, _):
        if not one.erased:
            choices.lift_freeze(one.person, now=now())
            one.frozen = False

    def do_returned(self, one, _):
        if not one.erased:
            bounces.keep(one.person, one.address, Severity.HARD, "5.1.1", now=now())
            one.dead = True

    def do_works(self, one, _):
        if not one.erased:
            bounces.lift(one.person, now=now())
            one.dead = False

    def do_show(self, one, _):
        if not one.erased:
            acceptance.shown(one.person, {self.version: Rendered("page", b"x")}, now=self.clock)

    def do_use(self, one, _):
        if not one.erased:
            acceptance.used(one.person, by="give", now=self.clock)

    def do_erase(self, one, _):
        if not one.erased:
            erasure.begin(one.person, now=now())
            one.erased = True

    def do_pass(self, one, kind):
        """A letter that is sent now has the fate that the model says."""
        if not one.erased:
            row = Ledger.objects.get(message=send(one.person, kind))
            assert (row.state == "waiting") == one.allows(kind), (row.state, row.reason)

    def adds_up(self):
        for row in Ledger.objects.all():
            assert (row.reason == Reason.NONE) == (row.state in NOT_A_REASON), (row.state, row.reason)
            assert (row.settled_at is None) == (row.state == "waiting")
        for row in PolicyNotice.objects.exclude(accepted_at=None):
            assert row.shown_at < row.accepted_at and row.effective_at <= row.accepted_at and row.receipt
        for one in self.two:
            if persons.standing(one.person).governed_by == self.version:
                assert PolicyNotice.objects.filter(person=one.person, accepted_at__isnull=False).exists()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HISTORIES)
def test_whatever_happens_nobody_receives_what_they_forbade(reader, relay, change, history):
    if len(versions.all_versions()) == 1:
        change(days=-1)  # in effect since yesterday
    run = History(reader, relay, *(version.sha256 for version in versions.all_versions()))
    notices.draw_up(run.version, now=now())
    try:
        for what, who, kind in [*history, ("carry", 0, KINDS[0]), ("carry", 0, KINDS[0])]:
            run.step(what, who, kind)
    except IntegrityError as refused:  # the database's own word that something came too early
        raise AssertionError(str(refused)) from None
    run.adds_up()
