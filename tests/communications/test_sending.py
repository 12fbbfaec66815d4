"""The one door and what lies behind it: what is refused, how a message rests, how it goes, and how it ends."""

import email
import email.policy
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.mail import send_mail
from hypothesis import given, settings
from hypothesis import strategies as st
from procrastinate import JobContext
from procrastinate.jobs import Job

from avow.communications import delivering, demo_box, relay, sending, stores, tasks
from avow.communications.classes import LASTS, Message, MessageClass
from avow.communications.envelope import Mail
from avow.communications.models import MOVES, STATES, Ledger, Outgoing
from avow.communications.relay import Relay
from avow.errors import BadInput, DoesNotOpen, NotFound, Refused, Unavailable
from avow.people.ports import Code, Notice

CODE = Message(MessageClass.CODE, Code.PASSWORD_RESET, {"code": "ABC-123"})
NOTICE = Message(MessageClass.SECURITY, Notice.PASSWORD_CHANGED)


def now():
    return datetime.now(UTC)


def jobs():
    from procrastinate.contrib.django.models import ProcrastinateJob

    return list(ProcrastinateJob.objects.filter(task_name=tasks.deliver.name).values_list("args", flat=True))


def tried(before):
    """The context of a run before which there were so many."""
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name=tasks.deliver.name, attempts=before)
    return JobContext(app=tasks.app, job=job, start_timestamp=0.0, abort_reason=lambda: None)


def state(number):
    return Ledger.objects.get(message=number).state


def read(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


class TestTheDoor:
    def test_djangos_own_functions_are_shut(self, db):
        with pytest.raises(Refused, match=r"sending\.send"):
            send_mail("subject", "text", "from@example.com", ["ada@example.com"])

    def test_a_message_rests_sealed_with_a_line_that_names_nobody(self, ada, every_byte):
        sending.send(ada.person, NOTICE, now=now())
        held = every_byte()
        assert "ada@example.com" not in held
        assert "The password of your account" not in held
        assert "password-changed" in held  # the ledger's line: what went, not to whom

    def test_an_address_without_a_person_is_sealed_too(self, policy, every_byte):
        sending.send("stranger@example.com", Message(MessageClass.SECURITY, Notice.NO_ACCOUNT), now=now())
        assert "stranger@example.com" not in every_byte()

    def test_a_code_needs_an_address_and_a_receipt_reaches_the_account(self, policy):
        from avow.communications import keeping
        from avow.people import canary

        person = canary.account(now()).person
        with pytest.raises(NotFound):
            sending.send(person, CODE, now=now())
        number = sending.send(person, NOTICE, now=now())
        assert state(number) == "in-account"
        assert [shown.message for shown in keeping.shown_to(person, now())] == [number]

    def test_a_message_moved_into_another_row_does_not_open(self, ada, box):
        one, two = (sending.send(ada.person, NOTICE, now=now()) for _ in range(2))
        Outgoing.objects.filter(pk=one).update(sealed=Outgoing.objects.get(pk=two).sealed)
        with pytest.raises(DoesNotOpen):
            box()

    def test_what_is_undone_leaves_neither_message_nor_job(self, ada, relay):
        from avow.people.in_vain import in_vain

        before = Ledger.objects.count()
        with in_vain():
            sending.send(ada.person, NOTICE, now=now())
            assert len(jobs()) == 1
        assert (Ledger.objects.count(), jobs()) == (before, [])


class TestTheRelay:
    def test_the_worker_is_told_a_number_and_the_mail_arrives_once(self, ada, relay):
        number = sending.send(ada.person, CODE, now=now())
        assert jobs() == [{"message_id": str(number)}]
        assert state(number) == "waiting"
        tasks.deliver(tried(0), str(number))
        tasks.deliver(tried(0), str(number))  # twice, as after a crash of the worker
        [taken] = map(read, relay.taken)
        assert taken["To"] == "ada@example.com"
        assert taken["From"] == "info@optimibi.com"
        assert "ABC-123" in taken["Subject"] and "ABC-123" in taken.get_content()
        assert taken["Auto-Submitted"] == "auto-generated"
        assert state(number) == "sent"
        assert not Outgoing.objects.filter(pk=number).exists()

    def test_a_relay_that_refuses_is_tried_again_and_its_answer_is_not_repeated(self, ada, relay):
        relay.refuses = True
        number = sending.send(ada.person, CODE, now=now())
        with pytest.raises(Unavailable) as failed:
            delivering.deliver(number, now=now())
        assert "ada" not in str(failed.value) and failed.value.__cause__ is None
        relay.refuses = False
        assert delivering.deliver(number, now=now()) == "sent"

    def test_a_message_that_is_refused_at_every_try_is_given_up_and_the_ledger_says_so(self, ada, relay):
        relay.refuses = True
        number = sending.send(ada.person, NOTICE, now=now())
        for before in range(tasks.TRIES_AGAIN + 1):
            assert state(number) == "waiting"
            with pytest.raises(Unavailable) as refusal:
                tasks.deliver(tried(before), str(number))
            again = tasks.AGAIN.get_retry_decision(exception=refusal.value, job=tried(before).job)
            assert (again is None) == (before == tasks.TRIES_AGAIN)
        assert state(number) == "failed"
        assert not Outgoing.objects.filter(pk=number).exists()
        assert delivering.give_up(number, now=now()) == "gone"

    def test_no_relay_at_all_is_the_same(self, ada, relay, monkeypatch):
        from django.conf import settings as house

        number = sending.send(ada.person, CODE, now=now())
        monkeypatch.setattr(house, "MAIL_RELAY", "127.0.0.1:1")
        with pytest.raises(Unavailable):
            delivering.deliver(number, now=now())
        assert state(number) == "waiting"

    def test_the_same_message_has_the_same_id_however_often_it_is_sent(self):
        number, mail = uuid4(), Mail("a@example.com", "s", "t")
        ids = {relay.compose(mail, number=number, sender="x@example.com", now=now())["Message-ID"] for _ in range(2)}
        assert len(ids) == 1
        assert relay.compose(mail, number=uuid4(), sender="x@example.com", now=now())["Message-ID"] not in ids

    def test_an_old_code_is_not_sent_any_more(self, ada, relay):
        number = sending.send(ada.person, CODE, now=now() - LASTS[MessageClass.CODE])
        assert delivering.deliver(number, now=now()) == "expired"
        assert relay.taken == []
        assert state(number) == "expired"

    def test_a_message_to_an_erased_person_is_withdrawn(self, ada, relay):
        number = sending.send(ada.person, NOTICE, now=now())
        store = stores.MessageStore()
        kept = store.count(ada.person)
        assert kept >= 1
        assert store.forget(ada.person, request=uuid4(), now=now()) == kept
        assert (store.count(ada.person), state(number)) == (0, "withdrawn")
        assert store.forget(ada.person, request=uuid4(), now=now()) == 0
        assert delivering.deliver(number, now=now()) == "gone"
        assert relay.taken == []

    def test_an_export_shows_a_persons_messages_and_never_a_live_code(self, ada, box):
        """It bites: an export that opens codes too hands whoever holds it the reset of the password."""
        sending.send(ada.person, NOTICE, now=now())
        sending.send(ada.person, CODE, now=now())
        exported, *_ = stores.MessageStore().export(ada.person, now=now())
        told = {row["letter"]: row for row in exported.rows}
        assert "was changed" in told["password-changed"]["text"]
        assert told["password-changed"]["to"] == "ada@example.com"
        assert (told["password-reset"]["kind"], "to" in told["password-reset"]) == ("code", False)
        assert "still works" in told["password-reset"]["text"]
        assert told["password-reset"]["at"] <= now()
        assert "ABC-123" not in repr(exported)

    def test_a_login_goes_to_this_machine_or_over_tls(self, ada, relay, monkeypatch):
        from django.conf import settings as house

        monkeypatch.setattr(house, "MAIL_RELAY", f"smtp://us%40er:pass@{relay.address}")
        delivering.deliver(sending.send(ada.person, CODE, now=now()), now=now())
        assert relay.logins == [b"AHVzQGVyAHBhc3M="]
        monkeypatch.setattr("avow.communications.relay.LOOPBACK", frozenset())
        with pytest.raises(Unavailable):
            delivering.deliver(sending.send(ada.person, CODE, now=now()), now=now())
        assert len(relay.logins) == 1

    @pytest.mark.parametrize("wrong", ["", "host:port", "http://host:25", "smtp://", "host:0", "host:99999"])
    def test_a_setting_that_is_no_relay_says_what_to_write(self, wrong):
        with pytest.raises(BadInput, match="AVOW_MAIL_RELAY"):
            Relay.read(wrong)

    def test_a_setting_can_be_short_or_whole(self):
        assert Relay.read("mail.example.com:2525") == Relay("mail.example.com", 2525)
        assert Relay.read("smtps://u:p%3A@mail.example.com") == Relay("mail.example.com", 465, "u", "p:", tls=True)


@settings(max_examples=50)
@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=300))
def test_nothing_that_is_filled_in_becomes_a_header(subject, to, text):
    """Header injection: whatever is typed, the mail has our headers and one body, or is refused."""
    from avow.communications.letters import one_line

    try:
        message = relay.compose(Mail(to, one_line(subject), text), number=uuid4(), sender="x@example.com", now=now())
        raw = message.as_bytes()
    except (ValueError, UnicodeEncodeError):
        return  # refused by the standard library
    allowed = {
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "auto-submitted",
        "content-type",
        "content-transfer-encoding",
        "mime-version",
    }
    assert {name.lower() for name in read(raw)} <= allowed


class TestTheDemosBox:
    def test_it_shows_the_newest_first_and_forgets(self, ada, box):
        sending.send(ada.person, CODE, now=now())
        assert "ABC-123" in box()[0].text
        assert demo_box.read(now() + timedelta(days=4)) == []

    def test_it_is_shut_where_there_is_a_relay_and_outside_the_demo(self, ada, box, monkeypatch):
        from django.conf import settings as house

        with monkeypatch.context() as m:
            m.setattr(house, "DEMO", False)
            with pytest.raises(NotFound):
                box()
        with monkeypatch.context() as m:
            m.setattr(house, "MAIL_RELAY", "127.0.0.1:25")
            with pytest.raises(NotFound):
                box()


class TestTheLedger:
    def test_each_move_is_allowed_once_and_no_other(self, db):
        assert set(MOVES) == set(STATES)
        for start in STATES:
            for to in STATES:
                settled = None if start == "waiting" else now()
                row = Ledger.objects.create(
                    message=uuid4(), kind="code", letter="x", state=start, queued_at=now(), settled_at=settled
                )
                if to in MOVES[start]:
                    delivering.move(row.message, to, now())
                    assert state(row.message) == to
                else:
                    with pytest.raises(Refused):
                        delivering.move(row.message, to, now())

    def test_what_is_past_its_end_is_removed(self, ada):
        sending.send(ada.person, NOTICE, now=now() - timedelta(days=4))
        before = Outgoing.objects.count()
        assert delivering.clear_expired(now()) == 1
        assert Outgoing.objects.count() == before - 1
