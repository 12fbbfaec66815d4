"""
Mail that comes back: what is read as a report, what it changes, how it ends, and what a forger reaches.

Tried by hand, each seen to fail here and in the live check: `deciding` without its question about bounces;
`hearing_back.note` without the comparison of addresses; `bounces.stands` that counts soft ones as hard.
"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.communications import bounces, delivering, mailbox, opting_out, return_path, returned, stores
from avow.communications.bounces import Severity
from avow.communications.classes import MessageClass, Topic
from avow.communications.models import Bounce, Incoming, Outgoing, PolicyNotice
from avow.errors import BadInput
from avow.host.mail_settings import bounce_address
from avow.policy.promises import Promise
from tests.communications.returned_mails import arf, dsn
from tests.communications.topics import fate, now, read, send

pytestmark = pytest.mark.proves(Promise.CONTACT_LIMIT)


@pytest.fixture(autouse=True)
def comes_back(monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "BOUNCE_ADDRESS", "b@optimibi.example")


def back(person, kind=Topic.ANNOUNCEMENTS):
    return return_path.address(person, kind)


def come(raw, at=None):
    return mailbox.leave(raw, now=at or now())


class TestTheReturnPath:
    def test_it_fits_what_mail_servers_take_and_says_whose_it_is(self, reader):
        person = reader()
        for kind in (*MessageClass, *Topic):
            written = back(person, kind)
            assert len(written.partition("@")[0]) <= 64
            token = written.partition("+")[2].partition("@")[0]
            assert return_path.read(token) == return_path.Whose(person, kind)

    def test_two_of_one_person_do_not_look_alike(self, reader):
        person = reader()
        assert back(person) != back(person)

    def test_an_altered_one_is_nobodys(self, reader):
        token = back(reader()).partition("+")[2].partition("@")[0]
        assert all(return_path.read(token[:at] + "A" + token[at + 1 :]) is None for at in range(62) if token[at] != "A")

    def test_without_an_address_for_it_mail_comes_back_to_its_sender(self, reader, monkeypatch):
        from django.conf import settings

        monkeypatch.setattr(settings, "BOUNCE_ADDRESS", "")
        assert back(reader()) == ""

    @pytest.mark.parametrize("written", ["bounces@example.com", "b", "@example.com", "B@example.com", "b@", "b @x"])
    def test_one_that_cannot_carry_a_token_stops_the_start(self, written):
        with pytest.raises(BadInput, match="AVOW_BOUNCE_ADDRESS"):
            bounce_address(written)

    def test_the_relay_is_told_it(self, reader, relay):
        person = reader()
        number = send(person)
        assert delivering.deliver(number, now=now()) == "sent"
        assert relay.senders[0].lower().startswith("mail from:<b+")
        [taken] = map(read, relay.taken)
        assert taken["From"] == "info@optimibi.com"


class TestAFailure:
    def test_no_such_mailbox_ends_letters_and_the_account_has_them(self, reader):
        person = reader()
        row = come(dsn(back(person)))
        assert (row.state, row.reason, row.sealed, row.sender) == ("filed", "returned", None, None)
        assert bounces.is_dead(person, now=now())
        for kind in (*Topic, MessageClass.NOTICE):
            assert fate(send(person, kind)) == ("in-account", "came-back")

    def test_what_answers_an_act_of_ones_own_still_goes(self, reader):
        from avow.communications import sending
        from avow.communications.classes import Message
        from avow.people.ports import Code, Notice

        person = reader()
        come(dsn(back(person)))
        for message in (
            Message(MessageClass.CODE, Code.PASSWORD_RESET, {"code": "ABC"}), Message(MessageClass.SECURITY, Notice.PASSWORD_CHANGED)
        ):  # fmt: skip
            assert fate(sending.send(person, message, now=now()))[0] == "kept"

    def test_the_same_report_twice_is_one(self, reader):
        person = reader()
        mail = dsn(back(person))
        assert come(mail).pk == come(mail).pk
        assert Bounce.objects.count() == 1

    def test_a_full_mailbox_counts_on_three_days_only(self, reader):
        person, at = reader(), now()
        for day in range(3):
            assert not bounces.is_dead(person, now=at)
            for ident in "ab":
                come(dsn(back(person), status="5.2.2", ident=f"{day}{ident}"), at + timedelta(days=day))
        assert bounces.is_dead(person, now=at + timedelta(days=2))
        assert not bounces.is_dead(person, now=at + timedelta(days=15))

    @pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("delivered", "2.0.0"), ("relayed", "2.0.0")])
    def test_a_delay_or_a_success_is_no_failure(self, reader, action, status):
        person = reader()
        come(dsn(back(person), action=action, status=status))
        assert not Bounce.objects.exists()

    def test_the_link_in_the_header_that_it_brings_along_is_proof_too(self, reader, relay):
        """For a company whose relay writes its own return path."""
        person = reader()
        delivering.deliver(send(person), now=now())
        head = relay.taken[0].decode().replace("\r\n", "\n").partition("\n\n")[0]
        come(dsn("info@optimibi.com", mail=head))
        assert bounces.is_dead(person, now=now())
        come(dsn("info@optimibi.com", mail=head, enclosed="message/rfc822", ident="2"))
        assert Bounce.objects.count() == 1

    @pytest.mark.parametrize("status", ["5.1.1", "5.1.10", "5.2.1"])
    def test_a_relay_that_says_at_once_that_there_is_no_mailbox_is_believed(self, reader, relay, status):
        person = reader()
        relay.refuses = f"550 {status} no such user"
        number = send(person)
        assert delivering.deliver(number, now=now()) == "failed"
        assert not Outgoing.objects.filter(pk=number).exists()
        assert bounces.is_dead(person, now=now())

    def test_a_notice_whose_mail_came_back_says_so(self, reader):
        person = reader()
        row = PolicyNotice.objects.create(
            person=person, version="a" * 64, effective_at=now(), due_at=now(), mailed_at=now(), account_at=now()
        )
        come(dsn(back(person, MessageClass.NOTICE)))
        row.refresh_from_db()
        assert row.bounced_at is not None

    def test_a_storm_leaves_one_row_and_keeps_nobodys_mail_waiting(self, reader, monkeypatch):
        monkeypatch.setattr(mailbox, "MOST_AN_HOUR", 20)
        person = reader()
        for number in range(30):
            come(dsn(back(person), ident=str(number)))
            come(dsn("info@optimibi.com", ident=f"not-ours-{number}"))
        assert Bounce.objects.count() == 1
        assert not mailbox.is_full(now())


class TestAForger:
    def test_a_report_about_another_address_changes_nothing(self, reader):
        person = reader()
        come(dsn(back(person), recipient="bob@example.com"))
        assert not Bounce.objects.exists()

    def test_a_report_without_proof_changes_nothing(self, reader):
        reader()
        come(dsn("b+" + "A" * 62 + "@optimibi.example"))
        come(dsn("info@optimibi.com", ident="2"))
        come(arf(ident="3"))
        assert not Bounce.objects.exists()
        assert set(Incoming.objects.values_list("reason", flat=True)) == {"bounce"}

    def test_an_address_that_the_person_left_long_ago_does_not_count(self, reader):
        from avow.people import given

        person = reader()
        come(dsn(back(person)))
        given.keep(person, "email", "new@example.com", source="sign-up", now=now())
        assert not bounces.is_dead(person, now=now())
        come(dsn(back(person), ident="late"))
        assert not bounces.is_dead(person, now=now())

    def test_whoever_was_erased_stays_erased(self, reader):
        from uuid import uuid4

        from avow.vault import erasure
        from avow.vault.actor import SERVICE

        person = reader()
        written = back(person)
        erasure.erase(person, request=uuid4(), asked_by=SERVICE, now=now())
        assert come(dsn(written)).reason == "returned"
        assert not Bounce.objects.exists()

    @given(st.binary(max_size=400))
    def test_any_bytes_are_no_report_or_one_and_never_an_error(self, raw):
        assert returned.read(raw) is None
        returned.read(dsn("b+x@y")[:300] + raw)


class TestACallForSpam:
    @pytest.mark.proves(Promise.OPT_OUT)
    def test_it_ends_letters_of_the_topics_as_their_link_does(self, reader):
        person = reader()
        come(arf(back(person)))
        assert not any(opting_out.standing(person).values())
        assert opting_out.legal_mail(person)
        assert opting_out.standing_off(person, now())[Topic.USAGE].way == "spam"
        assert not bounces.is_dead(person, now=now())
        assert fate(send(person)) == ("suppressed", "switched-off")

    def test_about_a_notice_it_ends_mail_of_notices_alone(self, reader):
        person = reader()
        come(arf(back(person, MessageClass.NOTICE)))
        assert all(opting_out.standing(person).values())
        assert not opting_out.legal_mail(person)

    def test_that_it_is_no_spam_changes_nothing(self, reader):
        person = reader()
        come(arf(back(person), feedback="not-spam"))
        assert all(opting_out.standing(person).values())

    def test_the_letter_in_it_is_proof_too(self, reader, relay):
        person = reader()
        delivering.deliver(send(person), now=now())
        come(arf(mail=relay.taken[0].decode().replace("\r\n", "\n")))
        assert not any(opting_out.standing(person).values())


class TestItEnds:
    def test_at_the_persons_word(self, reader):
        person = reader()
        come(dsn(back(person)))
        assert bounces.lift(person, now=now()) == 1
        assert fate(send(person))[0] == "kept"
        come(dsn(back(person), ident="again"))
        assert fate(send(person)) == ("in-account", "came-back")

    def test_when_the_address_is_confirmed_by_its_code(self, reader):
        from allauth.account.models import EmailAddress
        from allauth.account.signals import email_confirmed

        person = reader()
        come(dsn(back(person)))
        email_confirmed.send(EmailAddress, request=None, email_address=EmailAddress.objects.get())
        assert not bounces.is_dead(person, now=now())

    def test_with_the_person_and_the_copy_shows_it_before(self, reader):
        from uuid import uuid4

        person = reader()
        come(dsn(back(person)))
        store = stores.MessageStore()
        shown = {part.name: part.rows for part in store.export(person, now=now())}["mail-that-came-back"]
        assert [(row["how"], row["status"]) for row in shown] == [("hard", "5.1.1")]
        store.forget(person, request=uuid4(), now=now())
        assert not Bounce.objects.exists()

    def test_nothing_of_a_report_rests_in_clear(self, reader, every_byte):
        come(dsn(back(reader())))
        assert "ada@example.com" not in every_byte()


@pytest.mark.parametrize("status", ["", "5.2.2", "5.7.1", "4.4.7", "5.3.4", "9.9.9"])
def test_what_does_not_say_that_there_is_no_mailbox_may_pass(status):
    assert bounces.severity(status) is Severity.SOFT


def test_the_first_code_in_an_answer_counts():
    assert returned.status_in("5.1.1 <ada@example.com>: 5.7.1") == "5.1.1"
    assert returned.status_in("mx 5.1.1.9 said no") == ""
    assert returned.status_in("550 no") == ""
