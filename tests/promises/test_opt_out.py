"""§3a.6, §7.2: the link in each letter ends letters of its kind, also what waits, and for good.

It bites (each was tried): `is_off` that always says no; delivery that does not ask again; an opt-out that leaves what
waits; a letter without footer; an erasure that does not remember; mail to an address that nobody confirmed.
"""

import re
from uuid import uuid4

import pytest
from django.test import Client

from avow.communications import deciding, delivering, links, opting_out, stores, suppression, unsubscribing
from avow.communications.classes import MessageClass, Topic
from avow.communications.models import Outgoing, Suppression, Switch
from avow.communications.opting_out import EVERYTHING
from avow.evidence.acts import Act
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import choices
from avow.vault.attesting import acts_of
from tests.communications.conftest import reader, relay  # noqa: F401 - fixtures
from tests.communications.topics import fate, now, read, send

pytestmark = [pytest.mark.proves(Promise.OPT_OUT)]
STRANGER = {"SERVER_NAME": "127.0.0.1"}


def acts(person):
    return [attested.act for attested in acts_of(person)]


class TestTheWholeWay:
    def test_from_the_header_of_a_received_mail_to_the_next_one_that_does_not_come(self, reader, relay):  # noqa: F811
        """Real SMTP: a letter is received, its one click is posted as a provider does, and what waits is stopped."""
        person = reader()
        delivering.deliver(send(person), now=now())
        [received] = map(read, relay.taken)
        url = re.search(r"<(http[^>]+)>", received["List-Unsubscribe"])[1]
        assert url in received.get_content()
        waiting = send(person)
        provider = Client(enforce_csrf_checks=True, **STRANGER)
        answer = provider.post(url, {"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.cookies) == (200, {})
        assert fate(waiting) == ("suppressed", "switched-off")
        assert delivering.deliver(waiting, now=now()) == "gone"
        assert fate(send(person)) == ("suppressed", "switched-off")
        assert fate(send(person, Topic.NEW_VERSIONS))[0] == "waiting"  # of its kind, and no other
        assert len(relay.taken) == 1
        assert {Act.OPTED_OUT, Act.MESSAGE_SUPPRESSED} <= set(acts(person))

    def test_what_a_worker_took_before_the_click_is_asked_again_at_handing_over(self, reader, relay):  # noqa: F811
        person = reader()
        number = send(person)
        Switch.objects.create(person=person, kind=Topic.ANNOUNCEMENTS, way="link", off_since=now())  # beside the act
        assert delivering.deliver(number, now=now()) == "suppressed"
        assert relay.taken == []
        assert fate(number) == ("suppressed", "switched-off")

    @pytest.mark.parametrize("topic", list(Topic))
    def test_every_topic_has_its_switch_security_alerts_included(self, reader, topic):  # noqa: F811
        person = reader()
        opting_out.opt_out(person, [topic], way="account", now=now())
        state = "in-account" if topic is Topic.SECURITY_ALERTS else "suppressed"
        assert fate(send(person, topic)) == (state, "switched-off")
        assert not Outgoing.objects.filter(person=person).exists()
        assert opting_out.standing(person) == {other: other is not topic for other in Topic}

    def test_mail_of_legal_notices_has_a_switch_and_the_notice_still_reaches_the_account(self, reader):  # noqa: F811
        from avow.communications import keeping

        person = reader()
        opting_out.legal_mail_off(person, way="account", now=now())
        assert not opting_out.legal_mail(person)
        assert fate(send(person, MessageClass.NOTICE)) == ("in-account", "switched-off")
        assert "Something new" in keeping.shown_to(person, now())[0].text
        assert opting_out.legal_mail_on(person, way="account", now=now()) == 1
        assert fate(send(person, MessageClass.NOTICE))[0] == "kept"

    def test_all_is_one_click_and_opting_in_brings_them_back(self, reader):  # noqa: F811
        person = reader()
        opting_out.opt_out(person, None, way="mail", now=now())
        assert not any(opting_out.standing(person).values())
        assert opting_out.legal_mail(person)  # all four topics; legal notices have their own
        assert opting_out.opt_in(person, None, way="account", now=now()) == 4
        assert all(opting_out.standing(person).values())

    def test_a_second_time_changes_nothing_and_records_nothing(self, reader):  # noqa: F811
        person = reader()
        for _ in range(2):
            opting_out.opt_out(person, [Topic.USAGE], way="link", now=now())
        assert acts(person).count(Act.OPTED_OUT) == 1
        for _ in range(2):
            opting_out.opt_in(person, [Topic.USAGE], way="account", now=now())
        assert acts(person).count(Act.OPTED_IN) == 1


class TestOtherChoices:
    def test_an_objection_stops_every_topic_and_leaves_receipts(self, ada, box):
        choices.object_to(ada.person, Purpose.COMMUNICATION, now=now())
        assert {fate(send(ada.person, topic)) for topic in Topic} == {("suppressed", "objected")}
        assert fate(send(ada.person, MessageClass.NOTICE)) == ("in-account", "objected")
        before = len(box())
        ada.post("/accounts/password/reset/", email=ada.address)
        assert len(box()) == before + 1

    def test_a_freeze_stops_also_what_waits(self, reader, relay):  # noqa: F811
        person = reader()
        number = send(person)
        choices.freeze(person, now=now())
        assert delivering.deliver(number, now=now()) == "suppressed"
        assert (fate(number), relay.taken) == (("suppressed", "frozen"), [])

    def test_nothing_optional_goes_to_whom_an_erasure_has_begun(self, reader):  # noqa: F811
        from avow.vault import erasure

        person = reader()
        erasure.begin(person, now=now())
        for kind in EVERYTHING:
            assert fate(send(person, kind)) == ("suppressed", "erasing")
        assert stores.MessageStore().count(person) == 0

    def test_an_address_that_another_account_also_holds_but_nobody_confirmed_gets_no_mail(self, reader):  # noqa: F811
        reader("ada@example.com")
        other = reader("ada@example.com", confirmed=False)
        assert fate(send(other)) == ("in-account", "no-address")


class TestAfterErasure:
    def test_the_wish_outlives_the_person_as_a_keyed_hash_and_only_a_later_opt_in_lifts_it(self, reader, every_byte):  # noqa: F811
        first = reader()
        opting_out.opt_out(first, [Topic.NEW_VERSIONS], way="account", now=now())
        token = links.token_for(first, Topic.NEW_VERSIONS)
        erase(first)
        assert "ada@example.com" not in every_byte()
        assert Suppression.objects.count() == 1
        later = reader("Ada@Example.COM")
        assert fate(send(later, Topic.NEW_VERSIONS)) == ("suppressed", "asked-earlier")
        assert fate(send(later, Topic.USAGE))[0] == "kept"
        assert not opting_out.standing(later)[Topic.NEW_VERSIONS]
        unsubscribing.undo(token, now=now())  # an old link lifts nothing
        assert Suppression.objects.count() == 1
        opting_out.opt_in(later, [Topic.NEW_VERSIONS], way="account", now=now())
        assert not Suppression.objects.exists()
        assert fate(send(later, Topic.NEW_VERSIONS))[0] == "kept"

    def test_who_merely_typed_an_address_neither_leaves_a_wish_for_it_nor_lifts_one(self, reader):  # noqa: F811
        suppression.remember("ada@example.com", [Topic.USAGE], now=now())
        stranger = reader(confirmed=False)
        opting_out.opt_in(stranger, None, way="account", now=now())
        assert Suppression.objects.count() == 1
        opting_out.opt_out(stranger, None, way="account", now=now())
        erase(stranger)
        assert Suppression.objects.count() == 1

    def test_a_link_of_somebody_erased_answers_as_any_other(self, reader):  # noqa: F811
        person = reader()
        url = f"/unsubscribe/{links.token_for(person, Topic.USAGE)}"
        erase(person)
        client = Client(enforce_csrf_checks=True, **STRANGER)
        assert "You get no more of these" in client.get(url).content.decode()
        assert client.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
        assert "You get no more of these" in client.post(url, {"end": "all"}).content.decode()
        assert not Switch.objects.exists()

    def test_a_hash_cannot_be_tested_without_its_secret(self, reader, monkeypatch):  # noqa: F811
        suppression.remember("ada@example.com", [Topic.USAGE], now=now())
        assert suppression.among("ada@example.com", [Topic.USAGE])
        monkeypatch.setattr(suppression, "secret", lambda _: bytes(32))
        assert not suppression.among("ada@example.com", [Topic.USAGE])


def erase(person):
    from avow.vault import erasure
    from avow.vault.actor import SERVICE
    from avow.vault.stores import stores as all_stores

    request = uuid4()
    erasure.begin(person, now=now())
    for store in reversed(all_stores()):
        store.forget(person, request=request, now=now())
    erasure.erase(person, request=request, asked_by=SERVICE, now=now())


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    from avow.communications import footers

    with shown_to_fail(
        "opt-out-works",
        how="a switch is not asked at sending; what waits is left; delivery does not ask; a letter has no link; "
        "opting in brings nothing back",
    ) as trial:
        trial.holds()
        broken_by = [
            (deciding, "who_switched_off", lambda *_: set(), ""),
            (opting_out, "_stop_waiting", lambda *_: 0, "a mail that waits"),
            (delivering, "stopped", lambda *_: deciding.Reason.NONE, ""),
            (footers.Footers, "of", lambda *_: footers.Footer("", "", ""), "has no link"),
            (opting_out, "opt_in", lambda *_, **__: 0, "opts in again"),
            (links, "token_for", lambda *_: "x" * 62, ""),
        ]
        for where, name, instead, says in broken_by:
            with monkeypatch.context() as broken:
                broken.setattr(where, name, instead)
                assert says in trial.fails(), name
        trial.holds()
    assert footers and not Switch.objects.exists() and not Outgoing.objects.exists()
