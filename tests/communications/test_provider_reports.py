"""
What a mail provider reports: what follows from each, what a forger reaches, and that it leaves no trace of an address.

Tried by hand, each seen to fail here: a webhook without its password, or without Mailgun's signature; a number that is
not asked for, that never ends, or counts in another spelling; a report that counts as often as it comes, or by what
stands in it; a deferral that counts; a soft failure that counts as hard; an address that is not compared; an open that
is listened to; a kind that is unsubscribed and ends all.
"""

import json
import time
from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avow.communications import bounces, mailbox, opting_out, provider_number, provider_reports, return_path, runs
from avow.communications.classes import MessageClass, Topic
from avow.communications.models import Bounce, Incoming, PolicyNotice
from avow.communications.pace import Pace
from avow.communications.provider import last_heard
from avow.policy.promises import Promise
from tests.communications.provider_player import NAMES, OUTCOMES, basic, report, signed
from tests.communications.topics import fate, now, send

pytestmark = pytest.mark.proves(Promise.CONTACT_LIMIT)
ONE = pytest.mark.parametrize("provider", ["postmark"], indirect=True)  # where nothing hangs on which it is
MAILGUN = pytest.mark.parametrize("provider", ["mailgun"], indirect=True)
PLACE = "/mail/provider"
NEWS, NOTICE = Topic.ANNOUNCEMENTS, MessageClass.NOTICE


@pytest.fixture
def heard(provider):
    """The file that says when it last spoke; none at first."""
    from django.conf import settings as django

    path = last_heard(django.HOME.root)
    path.unlink(missing_ok=True)
    return path


@pytest.fixture
def mailed(reader, provider):
    """Have a mail of a kind go to a person; return what the provider was given with it."""

    def mail(person, kind=NEWS):
        send(person, kind)
        runs.carry_all(clock=now, pace=Pace(time.monotonic))
        return provider.letters[-1]["number"]

    return mail


def post(body, **more):
    more = {**basic(), **more} if more.pop("proves", True) else more
    body = body if isinstance(body, bytes | str) else json.dumps(body)
    return Client().post(PLACE, body, content_type=more.pop("content_type", "application/json"), **more)


def tell(provider, what, number, *, status=200, **more):
    answer = post(report(provider.name, what, number, **more))
    assert answer.status_code == status, answer.content
    return answer


def hear(player, body, at):
    """What a report changes at another time than now."""
    request = RequestFactory().post(PLACE, json.dumps(body), content_type="application/json", **basic())
    changed = [
        provider_reports.hear(one, player.provider(), now=at)
        for one in provider_reports.read(request, player.provider())
    ]
    return all(changed)


SOFT = {(name, "soft"): "5.2.2" for name in NAMES} | {("postmark", "blocked"): "5.7.1", ("mailgun", "blocked"): "5.7.1"}


def untouched(person):
    """Whether nothing is known of a person from reports, and every switch stands on."""
    on = all(opting_out.standing(person).values()) and opting_out.legal_mail(person)
    return on and not Bounce.objects.filter(person=person).exists() and not Incoming.objects.exists()


class TestWhatFollows:
    @pytest.mark.parametrize("what", ["hard", "hard-without-a-code"])
    def test_no_such_mailbox_ends_letters_and_the_account_has_them(self, reader, provider, mailed, what):
        person = reader()
        tell(provider, what, mailed(person))
        assert bounces.is_dead(person, now=now())
        assert Bounce.objects.get().status == ("5.1.1" if what == "hard" else "5.0.0")
        assert fate(send(person)) == ("in-account", "came-back")
        assert set(Incoming.objects.values_list("state", "reason", "sealed", "sender")) == {
            ("filed", "returned", None, None)
        }

    @pytest.mark.parametrize("what", ["soft", "soft-without-a-code", "blocked"])
    def test_what_may_pass_counts_on_three_days_only(self, reader, provider, what):
        person = reader()
        for day in range(3):
            at = now() + timedelta(days=day)
            assert not bounces.is_dead(person, now=at)
            for _ in range(2):  # of two mails
                assert hear(provider, report(provider.name, what, provider_number.write(person, NEWS, now=at)), at)
        assert bounces.is_dead(person, now=at)
        assert set(Bounce.objects.values_list("severity", flat=True)) == {"soft"}
        assert Bounce.objects.filter(status=SOFT.get((provider.name, what), "")).count() == 3

    @pytest.mark.parametrize("what", ["deferred", "delivered", "opened", "clicked", "no-such-thing"])
    def test_a_delay_a_success_and_what_nobody_asked_for_change_nothing(self, reader, provider, mailed, what):
        person = reader()
        number = mailed(person)
        tell(provider, what, number)
        assert untouched(person)
        tell(provider, "hard", number)  # the search finds
        assert not untouched(person)

    @pytest.mark.proves(Promise.OPT_OUT)
    @pytest.mark.parametrize("kind", [NEWS, NOTICE])
    def test_a_call_for_spam_ends_what_it_ends_by_mail(self, reader, provider, mailed, kind):
        person = reader()
        tell(provider, "complaint", mailed(person, kind))
        assert set(opting_out.standing(person).values()) == {kind is NOTICE}
        assert opting_out.legal_mail(person) is (kind is NEWS)
        assert Bounce.objects.get().severity == "spam" and not bounces.is_dead(person, now=now())

    @pytest.mark.proves(Promise.OPT_OUT)
    @pytest.mark.parametrize("kind", [NEWS, NOTICE])
    def test_who_unsubscribes_there_gets_no_more_of_that_kind(self, reader, provider, mailed, kind):
        person = reader()
        tell(provider, "unsubscribed", mailed(person, kind))
        off = opting_out.standing_off(person, now())
        assert set(off) == {kind} and off[kind].way == "mail-provider"
        assert not Bounce.objects.exists()

    @ONE
    def test_of_a_code_there_is_nothing_to_unsubscribe(self, reader, provider):
        person = reader()
        tell(provider, "unsubscribed", provider_number.write(person, MessageClass.CODE, now=now()))
        assert not opting_out.standing_off(person, now())

    @ONE
    def test_a_notice_that_came_back_says_so(self, reader, provider, mailed):
        person = reader()
        row = PolicyNotice.objects.create(
            person=person, version="a" * 64, effective_at=now(), due_at=now(), mailed_at=now(), account_at=now()
        )
        tell(provider, "hard", mailed(person, NOTICE))
        row.refresh_from_db()
        assert row.bounced_at is not None

    def test_what_an_act_of_ones_own_asks_for_still_goes(self, reader, provider, mailed):
        from avow.communications import delivering
        from avow.communications.sending import send as ask
        from tests.communications.test_provider_line import CODE

        person = reader()
        tell(provider, "hard", mailed(person))
        assert delivering.deliver(ask(person, CODE, now=now()), now=now()) == "sent"

    def test_that_it_spoke_is_known(self, provider, policy, heard):
        post(report(provider.name, "delivered", ""), proves=False)
        assert not heard.exists()
        tell(provider, "delivered", "")
        assert heard.stat().st_mode & 0o777 == 0o600 and time.time() - heard.stat().st_mtime < 60

    @pytest.mark.parametrize("provider", ["mailjet"], indirect=True)
    def test_several_at_once_are_each_heard(self, reader, provider, mailed):
        people = [reader(f"person-{at}@example.com") for at in range(3)]
        numbers = [mailed(person) for person in people]
        assert (
            post(
                [report("mailjet", "hard", one, to=f"person-{at}@example.com") for at, one in enumerate(numbers)]
            ).status_code
            == 200
        )
        assert all(bounces.is_dead(person, now=now()) for person in people)


class TestAForger:
    @pytest.mark.parametrize("what", ["hard", "complaint", "unsubscribed"])
    def test_without_the_password_nothing_changes(self, reader, provider, mailed, heard, what):
        person = reader()
        body = report(provider.name, what, mailed(person))
        for forged in (
            {},
            basic("reports:another-password-of-20"),
            basic("reports:"),
            {"HTTP_AUTHORIZATION": "Bearer x"},
        ):
            assert post(body, proves=False, **forged).status_code == 401
        assert untouched(person) and not heard.exists()

    @MAILGUN
    def test_with_the_password_and_without_its_signature_nothing_changes(self, reader, provider, mailed, heard):
        person = reader()
        said = report("mailgun", "hard", mailed(person))
        for forged in (
            signed(said["event-data"], key="another key"), {**said, "signature": {}}, {"event-data": said["event-data"]},
            {**said, "signature": {**said["signature"], "timestamp": "1"}}, {**said, "signature": None},
        ):  # fmt: skip
            assert post(forged).status_code in {400, 401}
        assert untouched(person) and not heard.exists()

    @MAILGUN
    def test_its_signature_alone_is_enough_where_no_password_is_set(self, reader, provider, mailed, monkeypatch):
        from dataclasses import replace

        from django.conf import settings as django

        person = reader()
        number = mailed(person)
        monkeypatch.setattr(django, "MAIL_PROVIDER", replace(django.MAIL_PROVIDER, webhook=""))
        said = report("mailgun", "hard", number)
        for forged in (signed(said["event-data"], key=""), signed(said["event-data"], key="key-of-mailgun")):
            assert post(forged, proves=False).status_code == 401
        assert untouched(person)
        assert post(said, proves=False).status_code == 200
        assert bounces.is_dead(person, now=now())

    @MAILGUN
    def test_a_signature_that_was_seen_carries_no_other_report(self, reader, provider, mailed):
        """Mailgun signs a time and a word, and nothing of the report: without our password it is worth nothing."""
        person, other = reader(), reader("bob@example.com")
        seen = report("mailgun", "delivered", mailed(other))
        stolen = {**report("mailgun", "hard", mailed(person)), "signature": seen["signature"]}
        assert post(stolen, proves=False).status_code == 401
        assert untouched(person)

    @pytest.mark.parametrize("what", ["hard", "complaint", "unsubscribed"])
    def test_a_report_by_an_address_alone_is_about_nobody(self, reader, provider, what):
        """Whoever has the password, and a list of addresses, has nothing."""
        person = reader()
        altered = provider_number.write(person, NEWS, now=now())
        altered = altered[:10] + ("A" if altered[10] != "A" else "B") + altered[11:]
        back = return_path.TOKEN.write(person.bytes + b"\0")
        for number in ("", str(person), person.hex, altered, back, altered + "\n", "ä", 5, None, ["x"], {"avow": "x"}):
            tell(provider, what, number)
        assert untouched(person)

    @ONE
    def test_metadata_of_another_form_is_about_nobody(self, reader, provider):
        person = reader()
        for metadata in (None, [], "x", 5, {"avow": {}}):
            assert post({**report("postmark", "hard", ""), "Metadata": metadata}).status_code in {200, 400}
        assert untouched(person)

    def test_a_failure_at_another_address_than_the_present_one_changes_nothing(self, reader, provider, mailed):
        from avow.people import given

        person = reader()
        number = mailed(person)
        tell(provider, "hard", number, to="bob@example.com")
        assert not Bounce.objects.exists()
        given.keep(person, "email", "new@example.com", source="sign-up", now=now())
        tell(provider, "hard", mailed(person), to="ada@example.com")
        assert not bounces.is_dead(person, now=now()) and not Bounce.objects.exists()

    def test_the_same_report_again_changes_nothing_whatever_else_is_in_it(self, reader, provider, mailed):
        """It bites: a report that somebody kept would take the address away again, after its person had it back."""
        person = reader()
        number = mailed(person)
        body = report(provider.name, "hard", number)
        for _ in range(2):
            assert post(body).status_code == 200
        assert Bounce.objects.count() == 1 and bounces.lift(person, now=now()) == 1
        assert post(body).status_code == 200
        for spelled in (
            number,
            number + "\n",
            f"{number[:9]} {number[9:]}",
            number + "=",
            number[:-1] + chr(ord(number[-1]) ^ 1),
        ):
            tell(provider, "hard-without-a-code", spelled)
        assert not bounces.is_dead(person, now=now())
        tell(provider, "hard", mailed(person))  # of a later mail, it counts
        assert bounces.is_dead(person, now=now())

    def test_one_of_long_ago_changes_nothing(self, reader, provider):
        """After a month the report is forgotten (`mailbox.sweep`), and so its number is nobody's."""
        assert provider_number.LASTS <= mailbox.REMEMBERED
        person = reader()
        old = provider_number.write(person, NEWS, now=now() - provider_number.LASTS - timedelta(seconds=1))
        tell(provider, "hard", old)
        assert untouched(person)
        tell(provider, "hard", provider_number.write(person, NEWS, now=now() - timedelta(days=29)))
        assert bounces.is_dead(person, now=now())

    @ONE
    def test_whoever_was_erased_stays_erased(self, reader, provider, mailed):
        from uuid import uuid4

        from avow.vault import erasure
        from avow.vault.actor import SERVICE

        person = reader()
        number = mailed(person)
        erasure.erase(person, request=uuid4(), asked_by=SERVICE, now=now())
        for what in ("hard", "complaint", "unsubscribed"):
            tell(provider, what, number)
        tell(provider, "hard", provider_number.write(uuid4(), NEWS, now=now()))
        assert not Bounce.objects.exists()

    BAD = (b"", b"{", b"null", b"5", b"[]", b"[[]]", b'"x"', b"{}", b"\xff\xfe", b"[" * 100_000, b'{"event": {}}', b'{"RecordType": {}}',
           b'{"RecordType": "Bounce", "Type": []}', b'{"FromFull": {}}', b'{"signature": 5}', b'[{"event": null}]')  # fmt: skip

    def test_what_is_no_report_is_refused_and_changes_nothing(self, reader, provider, said):
        person = reader()
        for body in self.BAD:
            assert post(body).status_code in {200, 400, 401}, body[:40]
            for form in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain"):
                assert post(body, content_type=form).status_code in {200, 400, 401}, body[:40]
        assert untouched(person) and b"Traceback" not in said()

    def test_what_is_too_large_is_not_read(self, reader, provider):
        person = reader()
        body = report(provider.name, "hard", provider_number.write(person, NEWS, now=now()))
        body["more"] = "x" * 1_100_000
        assert post(body).status_code in {400, 401}
        assert untouched(person)

    def test_no_address_is_in_what_is_answered_logged_or_kept(self, reader, provider, mailed, said, every_byte):
        person = reader()
        number = mailed(person)
        for proves in (True, False):
            for what in OUTCOMES[provider.name]:
                answer = post(report(provider.name, what, number, to="ada@example.com"), proves=proves)
                assert b"ada@" not in answer.content
        post(b'{"Email": "ada@example.com"')
        assert b"security: refused (401 provider-reports)" in said(), "the search finds"
        assert b"ada@" not in said() and number.encode() not in said()
        assert "ada@example.com" not in every_byte() and number not in every_byte()

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.sampled_from(NAMES), st.sampled_from(sorted(OUTCOMES["postmark"])), st.booleans(), st.booleans(),
        st.recursive(st.none() | st.integers() | st.text(), lambda some: st.lists(some) | st.dictionaries(st.text(), some)),
        st.sampled_from(["Email", "event", "event-data", "Metadata", "Payload", "signature", "Type", "RecordType", "user-variables"]),
    )  # fmt: skip
    def test_any_report_with_anything_in_it_is_taken_or_refused_and_touches_nobody_else(  # noqa: PLR0917
        self, policy, monkeypatch, name, what, proves, alters, anything, where
    ):
        """Whatever a report says, it reaches nobody but the person whose number it carries; here nobody is."""
        from django.conf import settings as django

        from avow.communications.provider import Provider
        from tests.communications.provider_player import KEYS, SIGNING, WEBHOOK

        monkeypatch.setattr(django, "MAIL_PROVIDER", Provider(name, KEYS[name], "", WEBHOOK, SIGNING))
        body = report(name, what, "x" * 67)
        if alters:
            (body["event-data"] if name == "mailgun" and where in {"event", "user-variables"} else body)[where] = (
                anything
            )
        assert post(body, proves=proves).status_code in ({200, 400, 401} if proves else {401})
        assert not Bounce.objects.exists() and not Incoming.objects.exists()


class TestTheAddress:
    def test_it_is_there_only_where_a_provider_may_report(self, policy, provider, monkeypatch):
        from dataclasses import replace

        from django.conf import settings as django

        assert Client().head(PLACE).status_code == 200
        assert Client().get(PLACE).status_code == 405
        body = report(provider.name, "delivered", "")
        for nothing in (replace(django.MAIL_PROVIDER, webhook="", signing=""), None):
            monkeypatch.setattr(django, "MAIL_PROVIDER", nothing)
            assert post(body).status_code == 404 and Client().head(PLACE).status_code == 404
