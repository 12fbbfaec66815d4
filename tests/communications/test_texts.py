"""
Text messages: through the one door, to a real HTTP gateway on loopback and never to the relay; what becomes of each.

It bites; each was tried and seen to fail here: `deliver` that takes rows of any channel (the number then reached the relay,
as it did before there was a channel); an envelope that is not held against its row; a door that asks for no number; another
id each time; doubt that is written after the gateway was asked, or not at all; a redirect, or any 2xx, that counts as
taken; Retry-After that is not read; a wait past the code's end; a code sent after its end; a word to a registered number
that lasts longer than a code; a cap without its lock, and none; no limit by network; the number in our own log line, the
key in a repr or in an error; http to any host; the letters as they were written for mail; a session that waits for a code
which never went.
"""

import base64
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import parse_qs
from uuid import uuid4

import pytest
from django.conf import settings as house
from django.core.cache import cache
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.jobs import Job

from avow.communications import delivering, gateway, letters, runs, sending, stores, tasks, text_delivering, text_limit
from avow.communications.classes import Channel, Message, MessageClass, Topic
from avow.communications.gateway import Gateway
from avow.communications.models import Ledger, Outgoing
from avow.communications.text_delivering import Later
from avow.communications.text_limit import TooManyTexts
from avow.errors import BadInput, DoesNotOpen
from avow.evidence.acts import Act
from avow.host import text_settings
from avow.people import number_sign_up, phone_codes, ports
from avow.people.letter_limits import TooManyCodes
from avow.people.ports import Became
from avow.policy.promises import Promise
from avow.vault import attesting, wire
from tests.communications.gateway import (
    KEY,
    endless,
    half,
    hangs,
    hangs_up,
    resets,
    says,
    takes,
    takes_and,
)
from tests.people.walking import PASSWORD

pytestmark = [pytest.mark.proves(Promise.CONTACT_LIMIT)]
NUMBER, CODE = "+442079460958", "271828"
SHORT = 0.5  # seconds, for gateways that hang


def now():
    return datetime.now(UTC)


def queue(person=None, at=None):
    return ports.texts().send_code(CODE, number=NUMBER, person=person, now=at or now())


def fate(number):
    row = Ledger.objects.get(message=number)
    return row.state, row.reason


def deliver(number, at=None):
    return text_delivering.deliver(number, now=at or now(), patience=SHORT)


def jobs():
    from procrastinate.contrib.django.models import ProcrastinateJob

    return list(ProcrastinateJob.objects.values_list("task_name", "args"))


class TestTheWay:
    def test_a_code_goes_to_the_gateway_once_and_leaves_its_line(self, ada, texts):
        number = queue(ada.person)
        assert (tasks.deliver_text.name, {"message_id": str(number)}) in jobs() and fate(number)[0] == "waiting"
        tasks.deliver_text(str(number))
        tasks.deliver_text(str(number))  # twice, as after a crash of the worker
        [(headers, body)] = texts.raw
        said = json.loads(body)
        assert said == {
            "to": NUMBER, "from": "Optimibi", "id": said["id"],
            "text": "Your code for Optimibi\n271828\nValid for ten minutes. Nobody will ask you for it.",
        }  # fmt: skip
        assert headers["Authorization"] == f"Bearer {KEY}" and headers["Idempotency-Key"] == said["id"]
        assert headers["Content-Type"] == "application/json"
        assert fate(number) == ("sent", "") and not Outgoing.objects.filter(pk=number).exists()
        assert Act.MESSAGE_SENT in [one.act for one in attesting.acts_of(ada.person)]
        assert number.hex not in said["id"], "nobody at the gateway can find the ledger's line"

    def test_a_key_with_a_colon_is_user_and_password(self, policy, texts, monkeypatch):
        monkeypatch.setattr(
            house, "TEXT_GATEWAY", Gateway.read(texts.url, sender="+447700900123", key="us er:p:w".replace(" ", ""))
        )
        assert deliver(queue()) == "sent"
        sent = texts.raw[0][0]["Authorization"]
        assert base64.b64decode(sent.removeprefix("Basic ")) == b"user:p:w"

    def test_a_bridge_on_this_machine_needs_no_key(self, policy, texts, monkeypatch):
        monkeypatch.setattr(house, "TEXT_GATEWAY", Gateway.read(texts.url, sender="32075", key=""))
        assert deliver(queue()) == "sent" and "Authorization" not in texts.raw[0][0]

    def test_whoever_has_no_account_yet_gets_one_too(self, policy, texts):
        assert deliver(queue()) == "sent" and next(iter(texts.sent.values()))["to"] == NUMBER


class TestTheChannel:
    """A number never reaches the relay, and an address never the gateway, whichever task is told of it."""

    def test_a_number_is_no_address_for_mail_and_an_address_no_number_for_a_text(self, ada, relay, texts):
        message = Message(MessageClass.CODE, "phone-code", {"code": CODE})
        before = Ledger.objects.count()
        for to, address in ((ada.person, NUMBER), (NUMBER, None), (NUMBER, NUMBER)):
            with pytest.raises(BadInput):
                sending.send(to, message, address=address, now=now())
        for to, address in (
            (ada.person, None),
            (ada.person, "ada@example.com"),
            ("ada@example.com", None),
            (NUMBER, "+44 20"),
        ):
            with pytest.raises(BadInput):
                sending.send(to, message, address=address, now=now(), channel=Channel.TEXT)
        assert Ledger.objects.count() == before

    def test_what_can_be_switched_off_is_no_text(self, ada, texts):
        for kind in (*Topic, MessageClass.NOTICE):
            message = Message(kind, "legal-notice", {"subject": "s", "body": "b"})
            with pytest.raises(BadInput):
                sending.send(ada.person, message, address=NUMBER, now=now(), channel=Channel.TEXT)

    def test_with_a_relay_beside_it_each_goes_its_own_way(self, ada, relay, texts):
        number = queue(ada.person)
        mail = sending.send(ada.person, Message(MessageClass.SECURITY, "password-changed"), now=now())
        assert {name for name, _ in jobs()} >= {tasks.deliver_text.name, tasks.deliver.name}
        assert delivering.deliver(number, now=now()) == "gone" and deliver(mail) == "gone"
        runs.carry_all(clock=now)
        assert (relay.taken, relay.recipients, texts.raw) == ([], [], [])
        assert delivering.deliver(mail, now=now()) == "sent" and deliver(number) == "sent"
        assert NUMBER.encode() not in b"".join(relay.taken) and len(texts.raw) == 1

    @pytest.mark.parametrize("person", [True, False], ids=["theirs", "nobodys"])
    def test_a_row_that_was_given_another_channel_does_not_open(self, ada, relay, texts, person):
        text = queue(ada.person if person else None)
        mail = sending.send(
            ada.person if person else "x@example.com", Message(MessageClass.SECURITY, "password-changed"), now=now()
        )
        Outgoing.objects.filter(pk=text).update(channel="mail")
        Outgoing.objects.filter(pk=mail).update(channel="text")
        with pytest.raises(DoesNotOpen):
            delivering.deliver(text, now=now())
        with pytest.raises(DoesNotOpen):
            deliver(mail)
        assert (relay.taken, texts.raw) == ([], [])

    def test_the_database_takes_no_other_channel_and_no_text_to_many(self, policy, texts):
        from django.db import IntegrityError, transaction

        number = queue()
        for wrong in (
            {"channel": "fax"},
            {"campaign": uuid4()},
            {"kind": "announcements"},
            {"run": uuid4(), "taken_at": now()},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                Outgoing.objects.filter(pk=number).update(**wrong)
        with pytest.raises(IntegrityError), transaction.atomic():
            Ledger.objects.filter(pk=number).update(channel="fax")

    def test_without_a_gateway_a_relay_alone_offers_no_text(self, ada, relay):
        assert not ports.texts().can_send()

    def test_a_gateway_alone_is_enough_and_the_demos_box_shows_no_text(self, ada, texts, box):
        number = queue(ada.person)
        assert ports.texts().can_send() and not box(NUMBER)
        house.DEMO = False
        assert ports.texts().can_send() and fate(number)[0] == "waiting"


class TestNothingIsGivenAway:
    ANSWERS = (
        says(500),
        says(404),
        says(301, Location="/"),
        says(429),
        hangs_up,
        resets,
        half,
        says(200, b"<p>"),
        hangs,
    )

    def test_neither_number_nor_code_nor_key_rest_or_are_logged_or_raised(self, ada, texts, every_byte, caplog):
        caplog.set_level(logging.DEBUG)
        for answer in self.ANSWERS:
            texts.answers = [answer]
            number = queue(ada.person)
            try:
                told = deliver(number)
            except Later as later:
                told = f"{later!r} {later} {later.__cause__} {later.__context__}"
            assert not any(secret in told for secret in (NUMBER, CODE, KEY))
        held, logged = every_byte(), caplog.text
        assert "the text gateway has not taken a message" in logged and "communications.deliver_text" in held
        for secret in (NUMBER, NUMBER[1:], CODE, KEY):
            assert secret not in held and secret not in logged
        assert KEY not in repr(house.TEXT_GATEWAY) and KEY not in str(vars(house).get("TEXT_GATEWAY"))

    def test_an_export_never_holds_a_live_code(self, ada, texts):
        queue(ada.person)
        exported, *_ = stores.MessageStore().export(ada.person, now=now())
        assert "phone-code" in repr(exported) and CODE not in repr(exported)

    def test_erasing_somebody_takes_their_text_back(self, ada, texts):
        number = queue(ada.person)
        exchanged = ports.texts().say_exchanged(number="+442079460959", person=ada.person, now=now())
        stores.MessageStore().forget(ada.person, request=uuid4(), now=now())
        assert deliver(number) == deliver(exchanged) == "gone" and texts.raw == []
        assert fate(number)[0] == fate(exchanged)[0] == "withdrawn"


AGAIN = {  # what has a text tried again, and what it is called at its end
    "500": (says(500), "failed"),
    "503": (says(503, b"<html>"), "failed"),
    "429": (says(429), "failed"),
    "408": (says(408), "failed"),
    "hangs": (hangs, "in-doubt"),
    "hangs up": (hangs_up, "in-doubt"),
    "resets": (resets, "in-doubt"),
    "dies mid-answer": (half, "in-doubt"),
    "no JSON": (says(200, b"<html>Welcome to the hotel</html>"), "in-doubt"),
    "JSON that is no object": (says(200, b"[1]"), "in-doubt"),
    "nothing": (says(204, b""), "in-doubt"),
    "huge": (endless, "in-doubt"),
}
AT_ONCE = {
    "400": says(400), "401": says(401), "403": says(403), "404": says(404), "422": says(422, b"no such number"),
    "301": says(301, Location="http://127.0.0.1:1/"), "307": says(307, Location="/v1/elsewhere"), "304": says(304, b""),
}  # fmt: skip


class TestBadGateways:
    def test_what_is_tried_again_goes_under_one_id_and_ends_as_stated(self, policy, texts):
        ends, states = {}, {}
        for name, (answer, end) in AGAIN.items():
            texts.raw.clear()
            texts.answers, at = [answer] * 2, now()
            number = queue(at=at)
            with pytest.raises(Later) as later:
                deliver(number, at)
            assert fate(number) == ("waiting", "") and ports.texts().became(number) is Became.TRIED_AGAIN, name
            late = at + timedelta(minutes=9, seconds=57)  # another try would come after its end
            ends[name], states[name] = (deliver(number, late), end), fate(number)
            assert later.value.seconds == 5 and len(texts.raw) == 2, name
            assert len({said["id"] for said in texts.taken}) == 1, name
        assert all(came == stated for came, stated in ends.values()), ends
        assert states == {name: (end, "gateway-away") for name, (_, end) in AGAIN.items()}

    def test_the_next_try_succeeds_and_the_phone_rings_once(self, policy, texts):
        texts.answers = [takes_and(hangs_up), takes_and(half), takes]
        number = queue()
        for _ in range(2):
            with pytest.raises(Later):
                deliver(number)
        assert deliver(number) == "sent" and len(texts.raw) == 3 and len(texts.sent) == 1
        assert ports.texts().became(number) is Became.HANDED_OVER

    def test_a_refusal_ends_it_at_once_and_nobody_is_led_elsewhere(self, policy, texts):
        for name, answer in AT_ONCE.items():
            texts.raw.clear()
            texts.answers = [answer]
            number = queue()
            assert deliver(number) == "failed" and fate(number) == ("failed", "gateway-refused"), name
            assert len(texts.raw) == 1 and ports.texts().became(number) is Became.NOT_SENT, name
            assert not Outgoing.objects.filter(pk=number).exists(), name

    def test_a_refusal_of_what_it_may_have_taken_before_is_in_doubt(self, policy, texts):
        texts.answers = [takes_and(hangs_up), says(409)]
        number = queue()
        with pytest.raises(Later):
            deliver(number)
        assert deliver(number) == "in-doubt" and ports.texts().became(number) is Became.UNCLEAR

    def test_a_port_where_nobody_listens_is_no_doubt(self, policy, texts, monkeypatch):
        monkeypatch.setattr(house, "TEXT_GATEWAY", Gateway.read("http://127.0.0.1:1/", sender="Optimibi", key=KEY))
        at = now()
        number = queue(at=at)
        with pytest.raises(Later):
            deliver(number, at)
        assert not Outgoing.objects.get(pk=number).doubtful
        assert deliver(number, at + timedelta(minutes=9, seconds=57)) == "failed"

    def test_a_setting_that_was_taken_away_meanwhile(self, policy, texts, monkeypatch):
        number = queue()
        monkeypatch.setattr(house, "TEXT_GATEWAY", None)
        with pytest.raises(Later):
            deliver(number)

    def test_a_huge_answer_is_not_read_to_its_end(self, policy, texts):
        texts.answers = [endless]
        with pytest.raises(Later):
            deliver(queue())
        assert texts.hung_up.wait(5)

    def test_one_that_drips_is_left(self, policy, texts):
        def drips(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            for _ in range(40):
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(0.05)

        texts.answers, began = [drips], time.monotonic()
        with pytest.raises(Later):
            deliver(queue())
        assert time.monotonic() - began < 1.9

    def test_it_waits_as_long_as_it_is_asked_to(self, policy, texts):
        at = now().replace(microsecond=0)
        date = format_datetime(at + timedelta(seconds=90), usegmt=True)
        for said, seconds in (("30", 30), (date, 90), ("-5", 5), ("soon", 5), ("", 5), ("3", 5)):
            texts.answers = [says(429, Retry_After=said)]
            with pytest.raises(Later) as later:
                deliver(queue(at=at), at)
            assert later.value.seconds == seconds, said
            job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="x", attempts=11)
            when = tasks.WhenItSays().get_retry_decision(exception=later.value, job=job).retry_at
            assert abs((when - now()).total_seconds() - seconds) < 3, said

    def test_a_code_that_would_wait_past_its_end_is_not_sent(self, policy, texts):
        for said in ("600", "9" * 40, "Fri, 31 Dec 2049 23:59:59 GMT"):
            texts.answers = [says(503, Retry_After=said)]
            number = queue()
            assert deliver(number) == "failed" and fate(number) == ("failed", "gateway-away"), said


@given(st.one_of(st.text(max_size=40), st.from_regex(r"[0-9]{1,30}"), st.datetimes().map(format_datetime)))
def test_whatever_a_gateway_says_the_wait_is_a_number(said):
    waits = gateway.waits({"rEtry-aFter": said}, datetime(2026, 11, 30, tzinfo=UTC))
    assert 0 <= waits <= gateway.LONGEST_WAIT


class TestTheEnd:
    def test_a_code_is_dead_after_ten_minutes(self, policy, texts):
        at = now()
        number = queue(at=at)
        assert deliver(number, at + timedelta(minutes=10)) == "expired" and texts.raw == []

    def test_what_nobody_came_for_is_cleared_and_what_may_have_gone_is_in_doubt(self, policy, texts):
        at = now()
        clear, doubtful = queue(at=at), queue(at=at)
        texts.answers = [hangs_up]
        with pytest.raises(Later):
            deliver(doubtful, at)
        assert delivering.clear_expired(at + timedelta(minutes=11)) == 2
        assert (fate(clear)[0], fate(doubtful)[0]) == ("expired", "in-doubt")

    def test_a_worker_that_is_killed_while_the_gateway_takes_it(self, policy, texts):
        """A real kill -9: the row waits, the next worker hands it over under the same id, the phone rings once."""
        number, child = queue(), {}

        def kills(handler):
            while "pid" not in child:
                time.sleep(0.01)
            os.kill(child["pid"], signal.SIGKILL)
            handler.close_connection = True

        texts.answers = [takes_and(kills)]
        connections.close_all()
        if not (pid := os.fork()):
            try:
                text_delivering.deliver(number, now=now())
            finally:
                os._exit(0)
        child["pid"] = pid
        assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
        row = Outgoing.objects.get(pk=number)
        assert row.doubtful and fate(number)[0] == "waiting"
        assert deliver(number) == "sent"
        assert len(texts.raw) == 2 and len(texts.sent) == 1 and len({said["id"] for said in texts.taken}) == 1

    def test_two_workers_hand_it_over_once(self, policy, texts):
        texts.answers = [lambda handler: (time.sleep(0.2), takes(handler))]
        number = queue()

        def one(_):
            try:
                return deliver(number)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(one, range(2))) == ["gone", "sent"]
        assert len(texts.raw) == 1


ONE = {
    "takes": takes,
    "later": says(503),
    "soon": says(429, Retry_After="120"),
    "unclear": hangs_up,
    "refuses": says(400),
}
TAKEN_UNSEEN = {"takes unseen": takes_and(hangs_up)}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*ONE, *TAKEN_UNSEEN]), max_size=14), st.sampled_from(["code", "exchanged"]))
def test_however_a_gateway_fares_the_ledger_is_true(reader, texts, answers, what):
    """A walk through any history: it ends, in time, under one id; and what the ledger says is what the phone knows."""
    texts.raw.clear()
    texts.sent.clear()
    texts.answers, at = [(ONE | TAKEN_UNSEEN)[one] for one in answers], now()
    if what == "code":
        number = queue(at=at)
    else:
        number = ports.texts().say_exchanged(number=NUMBER, person=reader(f"{uuid4().hex}@example.com"), now=at)
    until, outcome = Outgoing.objects.get(pk=number).ends_at, None
    while outcome is None:
        assert at < until
        try:
            outcome = text_delivering.deliver(number, now=at, patience=SHORT)
        except Later as later:
            assert later.seconds >= 5
            at += timedelta(seconds=later.seconds)
    assert fate(number)[0] == outcome and len(texts.raw) <= text_delivering.TRIES
    assert len({said["id"] for said in texts.taken}) == 1
    assert (outcome == "sent") <= (len(texts.sent) == 1)
    assert (outcome == "failed") <= (len(texts.sent) == 0), "what is called failed did not go"
    assert outcome in {"sent", "failed", "in-doubt"}


class TestThePage:
    """Who waits for a code learns how it fares, and what they can do; the same of a number that is registered."""

    SAYS = {
        "tried-again": (says(503), "has not gone out yet"), "not-sent": (says(400), "could not be sent"),
        "unclear": (takes_and(half), None),
    }  # fmt: skip

    def trouble(self, person):
        """What the page says of the message; what was said of earlier acts is not that."""
        page = person.get("/data/phone/code").content.decode().partition("<h1>Enter the code")[2]
        return "".join(re.findall(r'<div class="word" role="status"><p>(.*?)</p>', page))

    @pytest.mark.parametrize("name", SAYS)
    def test_at_ones_own_data(self, ada, texts, name):
        texts.answers, sentence = [self.SAYS[name][0]], self.SAYS[name][1] or "has not gone out yet"
        ada.post("/data/phone/send")
        assert self.trouble(ada) == ""
        number = Outgoing.objects.get(channel="text").pk
        try:
            deliver(number)
        except Later:
            pass
        assert sentence in self.trouble(ada)
        page = ada.get("/data/phone/code").content.decode()
        assert "Send another code" in page and NUMBER not in page
        texts.answers = []
        assert ada.post("/data/phone/send").headers["Location"] == "/data/phone/code"
        deliver(Outgoing.objects.filter(channel="text").latest("queued_at").pk)
        assert self.trouble(ada) == ""
        code = list(texts.sent.values())[-1]["text"].split("\n")[1]
        assert ada.post("/data/phone/code", code=code).headers["Location"] == "/data"

    def test_in_doubt_is_said_as_such(self, ada, texts):
        texts.answers = [takes_and(hangs_up), says(409)]
        ada.post("/data/phone/send")
        number = Outgoing.objects.get(channel="text").pk
        with pytest.raises(Later):
            deliver(number)
        deliver(number)
        assert "is not known" in self.trouble(ada)

    @pytest.mark.parametrize("answer", [takes, says(503), says(400), hangs_up], ids=["takes", "503", "400", "unclear"])
    def test_a_sign_up_learns_nothing_of_whether_the_number_is_registered(self, ada, somebody, texts, answer):
        """At any moment of the ten minutes: a word that lasts longer than a code would be told by its page at their end."""
        from avow.people import numbers

        numbers.take(ada.person, NUMBER, now=now())
        for at in (0, 30, 400, 599):
            known, unknown = (
                self.page(somebody(""), texts, number, answer, at) for number in (NUMBER, "+442079460959")
            )
            assert known == unknown
            assert (b'role="status"' in known) == (answer is not takes)

    def page(self, person, texts, number, answer, at):
        """What somebody reads who signs up with this number, so many seconds later."""
        cache.clear()
        texts.answers = [answer] * 20
        assert person.post("/accounts/signup/number/", phone=number, password1=PASSWORD).status_code == 302
        row = Outgoing.objects.filter(channel="text").latest("queued_at")
        moment, until = row.queued_at, row.queued_at + timedelta(seconds=at)
        while moment <= until:
            try:
                deliver(row.pk, moment)
            except Later as later:
                moment += timedelta(seconds=later.seconds)
            else:
                break
        return person.get("/accounts/signup/number/code/").content.split(b"csrf")[0]

    def test_the_way_by_an_address_is_there_for_whom_no_text_reaches(self, somebody, texts):
        one = somebody("")
        one.post("/accounts/signup/number/", phone=NUMBER, password1=PASSWORD)
        assert 'href="/accounts/signup/"' in one.get("/accounts/signup/number/code/").content.decode()


class TestTollFraud:
    """No more texts than the limits allow: to a number, from a network, in all."""

    def test_to_one_number(self, policy, somebody, texts):
        answers = [
            somebody("").post("/accounts/signup/number/", phone=NUMBER, password1=PASSWORD).status_code
            for _ in range(6)
        ]
        assert answers == [302] * 3 + [429] * 3 and len(texts_queued()) == 3

    def test_from_one_network_to_a_number_each(self, policy, somebody, texts):
        for at in range(30):
            one = somebody("")
            one.extra = {"REMOTE_ADDR": f"198.51.100.{at}"}
            one.post("/accounts/signup/number/", phone=f"+4420794601{at:02}", password1=PASSWORD)
        assert len(texts_queued()) == 20
        eve = somebody("")
        eve.extra = {"REMOTE_ADDR": "192.0.2.1"}
        assert eve.post("/accounts/signup/number/", phone="+442079460199", password1=PASSWORD).status_code == 302

    def test_from_one_network_with_an_account(self, ada, texts):
        cache.clear()
        for at in range(20):
            phone_codes.letter_limits.count_text(None, f"+4420794601{at:02}", ada.extra["REMOTE_ADDR"])
        assert "wait ten minutes" in (ada.post("/data/phone/send"), ada.get("/data"))[1].content.decode()
        assert texts_queued() == []

    def test_in_all_by_many_from_everywhere(self, policy, somebody, texts, monkeypatch, caplog):
        monkeypatch.setattr(house, "TEXTS_AN_HOUR", 5)
        pages = []
        for at in range(8):
            one = somebody("")
            one.extra = {"REMOTE_ADDR": f"198.51.{at}.7"}
            pages.append(one.post("/accounts/signup/number/", phone=f"+4420794601{at:02}", password1=PASSWORD))
        assert [page.status_code for page in pages] == [302] * 5 + [429] * 3 and len(texts_queued()) == 5
        assert "try again later, or use an e-mail address" in pages[-1].content.decode()
        assert "security: texts-used-up" in caplog.text
        assert not number_sign_up.is_waiting(one.client.session, now=now()), "nothing is awaited that never went"

    def test_in_all_also_for_many_at_once(self, policy, texts, monkeypatch):
        monkeypatch.setattr(house, "TEXTS_AN_HOUR", 4)

        def one(at):
            try:
                ports.texts().send_code(CODE, number=f"+4420794601{at:02}", person=None, now=now())
            except TooManyTexts:
                return 0
            finally:
                connections.close_all()
            return 1

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(one, range(16))) == 4
        assert len(texts_queued()) == 4

    def test_an_hour_later_there_is_room_again(self, policy, texts, monkeypatch):
        monkeypatch.setattr(house, "TEXTS_AN_HOUR", 1)
        at = now()
        queue(at=at)
        with pytest.raises(TooManyTexts):
            queue(at=at + timedelta(minutes=59))
        queue(at=at + timedelta(minutes=61))
        assert text_limit.in_the_last_hour(at + timedelta(minutes=61)) == 1

    def test_a_person_is_told_and_what_follows_a_code_is_not_held_back(self, ada, texts, monkeypatch):
        monkeypatch.setattr(house, "TEXTS_AN_HOUR", 1)
        queue()
        assert ada.post("/data/phone/send").headers["Location"] == "/data"
        assert "try again later" in ada.get("/data").content.decode()
        assert not phone_codes.is_waiting(ada.person, now=now())
        ports.texts().say_exchanged(number=NUMBER, person=ada.person, now=now())
        assert len(texts_queued()) == 2

    def test_by_one_person(self, ada, texts):
        for _ in range(3):
            phone_codes.begin(ada.person, now=now(), place="192.0.2.1")
        with pytest.raises(TooManyCodes):
            phone_codes.begin(ada.person, now=now(), place="192.0.2.1")
        assert len(texts_queued()) == 3


def texts_queued():
    return list(Ledger.objects.filter(channel="text"))


GSM = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
TWO = "^{}\\[~]|€"  # each takes two places (3GPP TS 23.038 §6.2.1.1)


def segments(text):
    """How many messages a phone is charged for, by 3GPP TS 23.038 and 23.040."""
    if set(text) <= set(GSM + TWO):
        places = sum(2 if one in TWO else 1 for one in text)
        return 1 if places <= 160 else -(-places // 153)
    places = len(text.encode("utf-16-be")) // 2
    return 1 if places <= 70 else -(-places // 67)


class TestItFits:
    """It bites: with the letters as they were written for mail, two of three need more."""

    LETTERS = ("phone-code", "number-registered", "number-exchanged")

    def text(self, letter, company):
        written = letters.write(letter, {"company": company, "code": CODE})
        return text_delivering.words(written.subject, written.text)

    def test_the_counting_counts(self):
        assert [segments("a" * 160), segments("a" * 161), segments("€" * 80), segments("€" * 81)] == [1, 2, 1, 2]
        assert [segments("ж" * 70), segments("ж" * 71), segments("😀" * 35), segments("😀" * 36)] == [1, 2, 1, 2]

    def test_in_one_segment_with_an_ordinary_name_and_its_own_words_are_in_the_alphabet(self):
        for letter in self.LETTERS:
            assert segments(self.text(letter, "Optimibi")) == 1
            assert set(self.text(letter, "")) <= set(GSM)

    @given(st.sampled_from(LETTERS), st.text(st.sampled_from(sorted(set(GSM + TWO) - set("\n\r"))), max_size=80))
    def test_in_two_with_any_long_name_of_the_alphabet(self, letter, company):
        assert segments(self.text(letter, company)) <= 2

    @given(
        st.sampled_from(LETTERS), st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=30)
    )
    def test_in_two_with_a_name_in_any_script(self, letter, company):
        assert segments(self.text(letter, company)) <= 2


class TestSettings:
    @pytest.fixture
    def key(self, tmp_path):
        path = tmp_path / "key"
        path.write_text(f"{KEY}\n")
        return str(path)

    def test_nothing_set_is_no_gateway(self):
        assert text_settings.gateway("", key_file="", sender="") is None

    def test_it_is_read(self, key):
        found = text_settings.gateway("https://sms.example/v1", key_file=key, sender="Optimibi")
        assert found == Gateway("https://sms.example/v1", "Optimibi", f"Bearer {KEY}") and KEY not in repr(found)

    @pytest.mark.parametrize(
        "url",
        [
            "sms.example", "http://sms.example/", "ftp://sms.example", "https://", "https://u:p@sms.example/",
            "https://sms.example/#x", "https://sms.example:0/", "https://sms.example:x/", "https://[::1", "x",
            "https://sms.example/a b", "https://sms.example/\r\nX: y", "http://127.0.0.1.evil.example/", "https://ä.example/",
        ],
    )  # fmt: skip
    def test_an_address_that_is_none_or_not_safe_stops_the_start(self, key, url):
        with pytest.raises(BadInput, match="AVOW_TEXT_GATEWAY begins with https") as refused:
            text_settings.gateway(url, key_file=key, sender="Optimibi")
        assert len(url) < 9 or url not in str(refused.value)

    @pytest.mark.parametrize("sender", ["", "a name too long", "Ünïcode", "+12", "a\nb", "1" * 16, "   "])
    def test_a_sender_that_phones_do_not_show_stops_the_start(self, key, sender):
        with pytest.raises(BadInput, match="AVOW_TEXT_SENDER"):
            text_settings.gateway("https://sms.example/", key_file=key, sender=sender)

    @pytest.mark.parametrize("written", ["", "two\nlines", "with space", "ünïcode", "x" * 5000])
    def test_a_key_that_is_none_stops_the_start_and_is_not_repeated(self, tmp_path, written):
        path = tmp_path / "key"
        path.write_text(written)
        with pytest.raises(BadInput, match="AVOW_TEXT_GATEWAY_KEY") as refused:
            text_settings.gateway("https://sms.example/", key_file=str(path), sender="Optimibi")
        assert not written or written not in str(refused.value)

    def test_who_writes_the_key_where_its_file_belongs_does_not_read_it_in_an_error(self):
        with pytest.raises(BadInput) as refused:
            text_settings.gateway("https://sms.example/", key_file=KEY, sender="Optimibi")
        assert KEY not in str(refused.value) and refused.value.__cause__ is None
        with pytest.raises(BadInput, match="AVOW_TEXT_GATEWAY_KEY"):
            text_settings.gateway("https://sms.example/", key_file="", sender="Optimibi")

    def test_what_does_nothing_is_said(self, key):
        with pytest.raises(BadInput, match="do nothing without"):
            text_settings.gateway("", key_file=key, sender="")

    @pytest.mark.parametrize("written", ["", "0", "-1", "many", "1.5", "1000000", "²"])
    def test_how_many_is_a_whole_number(self, written):
        with pytest.raises(BadInput, match="AVOW_TEXTS_AN_HOUR"):
            text_settings.most(written)
        assert text_settings.most("250") == 250


def test_the_address_is_all_that_is_spoken_to(policy, texts, monkeypatch):
    """A proxy of the environment is not used, and a certificate that nobody vouches for is not taken."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert deliver(queue()) == "sent"
    with pytest.raises(wire.NotReached):
        wire.post(texts.url.replace("http:", "https:"), b"{}", {}, patience=SHORT)
    assert len(texts.raw) == 1


def test_the_bridge_of_the_howto_carries_a_text_and_its_refusals(policy, texts, monkeypatch):
    """Run as its page has it: what a gateway of other names gets, and how its no comes back."""
    page = (Path(__file__).parents[2] / "docs" / "howto" / "send-text-messages.md").read_text()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1].replace("8025", str(port))
    texts.answers = [says(201), says(400), says(503)]
    given = {"GATEWAY": texts.url, "GATEWAY_AUTHORIZATION": "Basic eDp5", "PATH": os.environ["PATH"]}
    bridge = subprocess.Popen([sys.executable, "-c", program], env=given, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        monkeypatch.setattr(house, "TEXT_GATEWAY", Gateway.read(f"http://127.0.0.1:{port}/", sender="Optimibi", key=""))
        assert [text_delivering.deliver(queue(), now=now()) for _ in range(2)] == ["sent", "failed"]
        with pytest.raises(Later):
            text_delivering.deliver(queue(), now=now())
    finally:
        bridge.kill()
        bridge.wait()
    headers, body = texts.raw[0]
    assert parse_qs(body.decode())["To"] == [NUMBER] and CODE in body.decode()
    assert headers["Authorization"] == "Basic eDp5"


def wait_for(port):
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the bridge did not start")
