"""
Mail through a provider's own interface, on both roads: what arrives there, what it may answer, what is in doubt.

Tried by hand, each seen to fail here: tracking left to the provider (both flags, and one); a number that is the
person's, or none; a mark in the journal after the request; a 504 or an empty yes that counts as a no; a 429 after which
the run goes on; a key that is not known counted against a mail; a redirect that is followed; a subject as it comes.
"""

import contextlib
import os
import re
import signal
import time
from datetime import timedelta
from uuid import uuid4

import pytest

from avow.communications import delivering, journal, provider_line, provider_number, runs, sending
from avow.communications.bounces import Severity
from avow.communications.classes import Message, MessageClass, Topic
from avow.communications.envelope import Mail
from avow.communications.models import Bounce, Ledger, Outgoing
from avow.communications.pace import HOLD, Pace
from avow.communications.relay import Lost, NotNow, Post, message_id
from avow.communications.return_path import Whose
from avow.errors import Unavailable
from avow.people.ports import Code
from avow.policy.promises import Promise
from tests.communications import sink
from tests.communications.topics import fate, now, read, send

NEWS, NOTICE = Topic.ANNOUNCEMENTS, MessageClass.NOTICE
CODE = Message(MessageClass.CODE, Code.PASSWORD_RESET, {"code": "ABC-123"})
BUSY, BROKEN, NOTHING = (429, {"message": "slow down"}), (500, {"message": "broken"}), (200, b"<html>hello</html>")
ONE = pytest.mark.parametrize("provider", ["postmark"], indirect=True)  # where nothing hangs on which it is
LISTED = (
    422,
    {
        "ErrorCode": 406,
        "Message": "You tried to send to a recipient that has been marked as inactive.\nFound inactive addresses: "
        "ada@example.com.\nInactive recipients are ones that have generated a hard bounce or a spam complaint.",
    },
)
NO_ADDRESS = (422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'ada@example.com'."})
REFUSED = {
    "postmark": (422, {"ErrorCode": 300, "Message": "Invalid 'From' address: 'info@optimibi.com'."}),
    "mailgun": (400, {"message": "'from' parameter is not a valid address"}),
    "mailjet": (400, {"Messages": [{"Status": "error", "Errors": [{"ErrorCode": "mj-0013", "StatusCode": 400}]}]}),
}


@pytest.fixture
def readers(reader, provider):
    """Six people, each with a letter of news that waits."""
    people = [reader(f"person-{at}@example.com") for at in range(6)]
    return {person: send(person) for person in people}


def carry(at=None, **more):
    return runs.carry_all(clock=lambda: at or now(), pace=more.pop("pace", Pace(time.monotonic)), **more)


def fates(numbers):
    return [fate(number) for number in numbers]


def give(person, message=CODE):
    number = sending.send(person, message, now=now())
    return number, delivering.deliver(number, now=now())


class TestWhatArrives:
    @pytest.mark.proves(Promise.OPT_OUT, Promise.CONTACT_LIMIT)
    @pytest.mark.parametrize("kind", [NEWS, NOTICE])
    def test_it_is_the_letter_that_a_relay_gets(self, reader, provider, monkeypatch, kind):
        """The same message by both roads: what a relay carries in headers and text, the provider is given."""
        from django.conf import settings

        person = reader()
        number = send(person, kind)
        row = Outgoing.objects.get(pk=number)
        from avow.communications import envelope

        by_relay = read(delivering.posted(row, envelope.unseal(row), sender="info@optimibi.com", now=now()).raw)
        assert carry() == 1
        [letter] = provider.letters
        assert letter["to"] == "ada@example.com" and letter["from"] == (settings.MAIL_FROM or "info@optimibi.com")
        assert letter["subject"] == by_relay["Subject"]
        assert letter["text"] == by_relay.get_content().replace("\r\n", "\n")
        headers = {name.lower(): value for name, value in letter["headers"].items()}
        assert headers.pop("x-pm-keepid", "true") == "true"
        for name in ("Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"):
            assert headers.pop(name.lower()) == by_relay[name], name
        assert re.fullmatch(r"<https?://\S+>, <mailto:\S+>", by_relay["List-Unsubscribe"])
        if provider.name == "mailjet":
            assert "message-id" not in headers  # it makes its own
        else:
            assert headers.pop("message-id") == by_relay["Message-ID"] == message_id(number, "info@optimibi.com")
        assert not headers

    @pytest.mark.proves(Promise.CONTACT_LIMIT)
    def test_nobody_is_watched_and_nothing_names_anybody(self, reader, provider):
        """Open and click tracking are off in so many words, also for a code; no tag, no name, no field beside the mail's."""
        person = reader()
        give(person)
        send(person)
        carry()
        assert len(provider.letters) == 2
        for letter, (headers, body) in zip(provider.letters, provider.raw, strict=True):
            assert (letter["opens"], letter["clicks"]) == (False, False)
            assert letter["tags"] is None and not letter["other"] and set(letter["metadata"]) == {"avow"}
            assert person.hex.encode() not in body and str(person).encode() not in body
            assert "optimibi" not in headers["User-Agent"]
        assert b"html" not in provider.raw[0][1].lower()

    def test_the_number_is_sealed_fits_and_leads_back_to_person_and_kind(self, reader, provider):
        person = reader()
        send(person)
        carry()
        [letter] = provider.letters
        assert len(letter["number"]) <= 80  # Postmark's bound for what it carries
        assert provider_number.read(letter["number"], now=now()) == Whose(person, NEWS)
        assert provider_number.write(person, NEWS, now=now()) != provider_number.write(person, NEWS, now=now())

    def test_a_code_to_an_address_that_is_nobodys_has_no_number(self, policy, provider):
        number = sending.send(None, CODE, now=now(), address="new@example.com")
        assert delivering.deliver(number, now=now()) == "sent"
        assert provider.letters[0]["number"] is None and not provider.letters[0]["metadata"]

    def test_a_header_is_one_line_whatever_is_in_a_subject(self, provider):
        """Not one of our letters can have such a subject (`letters.one_line`); if one had, it would still be one line."""
        raw = (
            b"From: x@example.com\r\nTo: ada@example.com\r\nSubject: =?utf-8?q?Hi=0D=0ABcc:_eve@example.com?=\r\n"
            b"Message-ID: <x@example.com>\r\nX-A: =?utf-8?q?b=0D=0ABcc:_eve@example.com?=\r\n\r\nText\r\n"
        )
        post = Post(uuid4(), "x@example.com", "ada@example.com", raw)
        assert provider_line.hand_over(post, provider=provider.provider()) == ""
        [letter] = provider.letters
        said = [letter["subject"], letter["to"], letter["from"], *letter["headers"].values()]
        assert not any(sign in text for text in said for sign in "\r\n\0")
        assert letter["to"] == "ada@example.com" and letter["subject"] == "Hi Bcc: eve@example.com"

    def test_letters_of_any_language_arrive(self, provider):
        from avow.communications import mime

        mail = Mail("ada@example.com", "Grüße – 你好 🙂", "Línea\n.\nFrom here\n" + "ä" * 2000)
        raw = mime.write(mail, number=uuid4(), sender="x@example.com", now=now())
        provider_line.hand_over(Post(uuid4(), "x@example.com", mail.to, raw), provider=provider.provider())
        [letter] = provider.letters
        assert (letter["subject"], letter["text"].strip()) == (mail.subject, mail.text.strip())

    def test_its_key_goes_to_it_and_is_in_nothing_that_is_printed(self, reader, provider, said):
        from tests.communications.provider_player import KEYS, SIGNING, WEBHOOK

        give(reader())
        assert provider.letters[0]["key"] == KEYS[provider.name]
        for secret in (KEYS[provider.name], WEBHOOK, SIGNING):
            assert secret not in repr(provider.provider()) and secret.encode() not in said()


class TestARun:
    def test_all_go_over_one_connection_and_leave_nothing(self, readers, provider):
        assert carry() == 6
        assert provider.to == [f"person-{at}@example.com" for at in range(6)]
        assert set(fates(readers.values())) == {("sent", "")}
        assert provider.connections == 1
        assert not Outgoing.objects.exists() and not list(journal.folder().iterdir())

    @ONE
    def test_batches_follow_each_other(self, readers, provider):
        assert carry(at_once=4) == 6

    @ONE
    @pytest.mark.proves(Promise.OPT_OUT)
    def test_a_choice_that_came_since_stops_it(self, readers, provider, monkeypatch):
        from avow.communications import opting_out

        person, number = next(iter(readers.items()))
        monkeypatch.setattr(opting_out, "_stop_waiting", lambda *_: 0)  # as if a worker held it at that moment
        opting_out.opt_out(person, None, way="link", now=now())
        carry()
        assert fate(number) == ("suppressed", "switched-off") and len(provider.letters) == 5

    @ONE
    def test_nothing_due_asks_nothing(self, reader, provider):
        assert carry() == 0 and provider.connections == 0

    @ONE
    def test_an_address_that_it_cannot_take_keeps_nobody_waiting(self, readers, reader, provider):
        number = send(reader("józef@example.com"))
        assert carry() == 7
        assert fate(number) == ("failed", "no-mail") and len(provider.letters) == 6


class TestWhatItSays:
    def test_a_code_goes_at_once_and_its_number_is_free(self, reader, provider):
        number, became = give(reader())
        assert became == "sent" and fate(number) == ("sent", "")
        assert "ABC-123" in provider.letters[0]["text"]

    @ONE
    @pytest.mark.parametrize("said", [BUSY, BROKEN, (503, b""), (408, b"")])
    def test_a_code_that_it_does_not_take_now_is_tried_again(self, reader, provider, said):
        provider.says = [said]
        number = sending.send(reader(), CODE, now=now())
        with pytest.raises(Unavailable) as refusal:
            delivering.deliver(number, now=now())
        assert fate(number)[0] == "waiting" and "ada@" not in str(refusal.value)
        assert delivering.deliver(number, now=now()) == "sent"

    @ONE  # the others say it in a report only; their answer is a yes
    @pytest.mark.parametrize(("said", "severity"), [(NO_ADDRESS, Severity.HARD), (LISTED, Severity.SOFT)])
    def test_a_recipient_who_is_none_or_on_its_list_is_refused_for_good(self, reader, provider, said, severity):
        person = reader()
        provider.says = [said] * 2
        number, became = give(person)
        assert became == "failed" and fate(number) == ("failed", "")
        letter = send(person)  # an address that is none is written to no more, one on its list counts on several days
        assert carry() == (0 if severity is Severity.HARD else 1)
        assert fate(letter) == (("in-account", "came-back") if severity is Severity.HARD else ("failed", ""))
        assert Bounce.objects.get().severity == severity

    def test_any_other_no_is_about_nobody_and_is_tried_again(self, readers, provider):
        provider.says = [REFUSED[provider.name]]
        carry()
        assert sorted(state for state, _ in fates(readers.values())) == ["sent"] * 5 + ["waiting"]
        assert not Bounce.objects.exists()
        left = Outgoing.objects.get()
        assert left.tries == 1 and left.not_before > now()
        assert carry(now() + timedelta(hours=2)) == 1

    @ONE
    def test_whoever_says_no_for_ever_ends_it(self, reader, provider):
        number = send(reader())
        Outgoing.objects.update(tries=runs.TRIES - 1)
        provider.says = [REFUSED[provider.name]]
        carry()
        assert fate(number) == ("failed", "")

    @ONE
    @pytest.mark.parametrize("said", [BUSY, BROKEN, (503, b"")])
    def test_later_is_later_for_all_and_for_its_domain_longer(self, readers, reader, provider, said):
        """It bites: a run that goes on asks for each mail of a queue, and is refused for each."""
        other = send(reader("ada@elsewhere.example"))
        provider.says = [said]
        pace = Pace(time.monotonic)
        with pytest.raises(NotNow):
            carry(pace=pace)
        assert len(provider.raw) == 1 and not provider.letters
        assert Outgoing.objects.filter(tries=1).count() == 1 and Outgoing.objects.count() == 7
        assert Outgoing.objects.get(tries=1).not_before > now() + timedelta(seconds=HOLD / 2)
        assert {state for state, _ in fates(readers.values())} == {"waiting"}
        carry(pace=pace)
        assert fate(other) == ("sent", "")
        carry(now() + timedelta(hours=2))
        assert not Outgoing.objects.exists() and len(set(provider.to)) == len(provider.to) == 7

    @ONE
    @pytest.mark.parametrize("said", [(401, b""), (403, b""), (404, b""), (302, b""), (307, b"")])
    def test_where_it_does_not_know_us_no_mail_is_to_blame(self, readers, provider, said):
        """Also a redirect: the mail, with the key, would go where nobody said."""
        provider.says = [said] * runs.TRIES
        for _ in range(runs.TRIES):
            with pytest.raises(NotNow, match="AVOW_MAIL_PROVIDER"):
                carry()
        assert set(Outgoing.objects.values_list("tries", flat=True)) == {0}
        assert not any("elsewhere" in place for place in provider.places)
        assert carry() == 6

    def test_with_another_key_nothing_goes(self, reader, provider, monkeypatch):
        from dataclasses import replace

        from django.conf import settings

        monkeypatch.setattr(settings, "MAIL_PROVIDER", replace(settings.MAIL_PROVIDER, key="another:key"))
        number = sending.send(reader(), CODE, now=now())
        with pytest.raises(NotNow):
            delivering.deliver(number, now=now())
        assert fate(number)[0] == "waiting"

    @ONE
    def test_nobody_at_its_address_leaves_all_as_it_was(self, readers, provider, monkeypatch):
        from django.conf import settings

        for _ in range(2):
            monkeypatch.setattr(settings, "MAIL_PROVIDER", provider.provider(url="http://127.0.0.1:9/"))
            with pytest.raises(NotNow):
                carry()
        assert set(fates(readers.values())) == {("waiting", "")}
        assert not Outgoing.objects.exclude(run=None).exists() and not Outgoing.objects.exclude(tries=0).exists()

    @ONE
    def test_a_full_disk_sends_nothing_that_it_could_not_note(self, readers, provider, monkeypatch):
        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(journal.os, "write", full)
        with pytest.raises(Lost):
            carry()
        monkeypatch.undo()
        assert not provider.raw
        assert {state for state, _ in fates(readers.values())} == {"waiting"}

    @ONE
    def test_a_failure_says_nothing_of_what_the_provider_wrote(self, reader, provider, said):
        from avow.communications import tasks
        from tests.communications.test_sending import tried

        provider.says = [(500, {"message": "could not deliver to ada@example.com"})] * 2
        number = sending.send(reader(), CODE, now=now())
        with pytest.raises(Unavailable) as refusal:
            tasks.deliver(tried(1), str(number))
        assert "ada@" not in f"{refusal.value!r} {refusal.value.__cause__!r}" and b"ada@" not in said()


class TestDoubt:
    SAYS = ("hangs", "ends", "drips", (502, b""), (504, b""))
    MALFORMED = (NOTHING, (200, b"null"), (200, b"5"), (200, b'{"id": 5}'))

    @pytest.fixture(autouse=True)
    def short(self, monkeypatch):
        monkeypatch.setattr(provider_line, "PATIENCE", 0.6)

    @ONE
    @pytest.mark.parametrize("said", SAYS, ids=str)
    def test_news_without_an_answer_is_not_sent_again(self, readers, provider, said):
        self.is_in_doubt(readers, provider, said)

    @pytest.mark.parametrize("said", MALFORMED, ids=str)
    def test_a_yes_that_says_nothing_is_no_answer(self, readers, provider, said):
        self.is_in_doubt(readers, provider, said)

    def is_in_doubt(self, readers, provider, said):
        provider.says, provider.takes_before = [(200, ok(provider)), said], True
        began = time.monotonic()
        with pytest.raises(Lost) as lost:
            carry()
        assert not isinstance(lost.value, NotNow) and time.monotonic() - began < 5
        assert sorted(state for state, _ in fates(readers.values())) == ["in-doubt", "sent", *["waiting"] * 4]
        carry()
        assert len(provider.to) == len(set(provider.to)) and len(provider.raw) == 6

    @ONE
    @pytest.mark.parametrize("takes", [True, False])
    def test_a_notice_goes_again_under_its_number(self, reader, provider, takes):
        people = [reader(f"person-{at}@example.com") for at in range(4)]
        numbers = [send(person, NOTICE) for person in people]
        provider.says, provider.takes_before = [(200, ok(provider)), "ends"], takes
        with pytest.raises(Lost):
            carry()
        carry()
        assert set(fates(numbers)) == {("sent", "")}
        assert len(provider.letters) == (5 if takes else 4)  # one is doubled at most, and a mailbox can tell
        assert (
            len(
                {
                    (one["to"], one["headers"].get("Message-Id", one["headers"].get("Message-ID")))
                    for one in provider.letters
                }
            )
            == 4
        )

    @ONE
    def test_a_code_without_an_answer_goes_again(self, reader, provider):
        provider.says = ["ends"]
        number = sending.send(reader(), CODE, now=now())
        with pytest.raises(Unavailable):
            delivering.deliver(number, now=now())
        assert delivering.deliver(number, now=now()) == "sent"

    @ONE
    def test_one_that_is_never_answered_lets_the_others_by_and_is_given_up(self, reader, provider, monkeypatch):
        first = send(reader("poison@example.com"), NOTICE)
        others = [send(reader(f"p{at}@example.com"), NOTICE) for at in range(3)]
        provider.says = Poisoned(provider)
        at = now()
        for _ in range(runs.TRIES + 2):
            with contextlib.suppress(Lost):
                carry(at)
            at += timedelta(hours=2)
        assert set(fates(others)) == {("sent", "")}
        assert fate(first) == ("failed", "")


class Poisoned(list):
    """What a player says that breaks off at one letter, each time."""

    def __init__(self, player):
        super().__init__(["any"])
        self.player = player

    def pop(self, _):
        return "ends" if b"poison" in self.player.raw[-1][1] else (200, ok(self.player))


def ok(player):
    from tests.communications.provider_player import READ

    return READ[player.name](*player.raw[-1])[1] if player.raw else OK[player.name]


OK = {
    "postmark": {"ErrorCode": 0, "Message": "OK", "MessageID": "x", "To": "person-0@example.com"},
    "mailgun": {"id": "<x@example.com>", "message": "Queued. Thank you."},
    "mailjet": {"Messages": [{"Status": "success", "To": [{"Email": "person-0@example.com", "MessageID": 1}]}]},
}


class TestACrash:
    """The process is killed while the provider waits; another looks at the journal."""

    def killed(self, provider, at):
        """Run until the provider has taken `at` mails, then kill -9."""
        from django.db import connections

        connections.close_all()
        child = os.fork()
        if child == 0:
            try:
                carry()
            finally:
                os._exit(0)
        until = time.monotonic() + 20
        while len(provider.letters) < at and time.monotonic() < until:
            time.sleep(0.0005)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    @ONE
    @pytest.mark.parametrize("at", [0, 1, 4])
    @pytest.mark.parametrize("kind", [NEWS, NOTICE])
    def test_nobody_is_forgotten_and_news_comes_once(self, reader, provider, kind, at):
        numbers = [send(reader(f"person-{n}@example.com"), kind) for n in range(6)]
        provider.slow = 0.02
        self.killed(provider, at)
        time.sleep(0.1)
        provider.slow = 0
        carry()
        carry()
        states = [state for state, _ in fates(numbers)]
        got = provider.to
        if kind is NEWS:
            assert states.count("in-doubt") <= 1 and set(states) <= {"sent", "in-doubt"}
            assert len(got) == len(set(got)) >= states.count("sent")
        else:
            assert set(states) == {"sent"}
            assert len(set(got)) == len(numbers) and len(got) - len(set(got)) <= 1
        assert not Outgoing.objects.exists() and not list(journal.folder().iterdir())


class TestWhatIsSet:
    def test_without_one_the_relay_has_it_as_before(self, reader, relay):
        give(reader())
        assert len(relay.taken) == 1

    @ONE
    def test_the_demos_box_is_shut_and_the_desk_asks_for_a_second_step(self, provider, policy, monkeypatch):
        from django.conf import settings

        from avow.communications import demo_box
        from avow.people import desk
        from avow.people.models import Account

        monkeypatch.setattr(settings, "DEMO", True)
        assert not demo_box.is_open() and not desk.has_second_step(Account())
        monkeypatch.setattr(settings, "MAIL_PROVIDER", None)
        assert demo_box.is_open() and desk.has_second_step(Account())

    @ONE
    def test_what_waits_is_settled_by_no_one_else(self, reader, provider):
        number = send(reader())
        assert Ledger.objects.get(pk=number).state == "waiting"
        with sink.running() as relay:
            assert carry() == 1 and not relay.taken
