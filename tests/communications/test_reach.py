"""
Whom a notice reached, and the receipt of whoever accepted.

Tried by hand, each seen to fail here: mail that came back counted as having reached somebody; a receipt whose notice is not
what the page carried; an acceptance without its receipt.
"""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from avow.communications import acceptance, hearing_back, notices, opting_out, rendering, return_path, telling
from avow.communications.classes import MessageClass
from avow.communications.models import PolicyNotice, RenderedNotice
from avow.communications.notices import Reach
from avow.communications.rendering import Rendered
from avow.communications.returned import Returned
from avow.evidence import versions
from avow.policy.promises import Promise
from avow.vault import choices, erasure
from tests.promises.everywhere import log  # noqa: F401 - a fixture

PAGE = "/accounts/password/change/"
DAY = timedelta(days=1)


def now():
    return datetime.now(UTC)


@pytest.mark.proves(Promise.CHANGE_NOTICE, Promise.NOTICE_WITHOUT_MAIL)
class TestWhomItReached:
    @pytest.fixture
    def everybody(self, reader, change):
        """One of each: with mail, opted out, without mail, whose mail comes back, erased, resting, and one who looks."""
        people = {
            name: reader(f"{name}@example.com", confirmed=name != "without-mail")
            for name in ("mail", "opted-out", "without-mail", "bounced", "erased", "resting", "looks", "locked-out")
        }
        opting_out.legal_mail_off(people["opted-out"], way="account", now=now())
        choices.freeze(people["resting"], now=now())
        version = change()
        return people, version.sha256

    def test_the_table_is_right_to_the_person(self, everybody):
        people, version = everybody
        assert notices.reach(version).due == len(people)
        erasure.begin(people["erased"], now=now())
        telling.tell_of_changes()
        back = Returned(
            return_path.Whose(people["bounced"], MessageClass.NOTICE), False, "5.1.1", ("bounced@example.com",)
        )
        assert hearing_back.note(back, now=now())
        acceptance.shown(people["looks"], {version: Rendered("page", b"x")}, now=now())
        stands = {person: self.stage(person) for person in people.values()}
        assert {name: stands[person] for name, person in people.items()} == {
            "mail": "mailed", "locked-out": "mailed", "opted-out": "account", "without-mail": "account",
            "resting": "account", "bounced": "bounced", "looks": "shown", "erased": "due",
        }  # fmt: skip
        assert notices.reach(version) == Reach(due=1, mailed=2, shown=1, accepted=0, account_only=3, bounced=1)

    def stage(self, person):
        row = PolicyNotice.objects.get(person=person)
        if row.shown_at:
            return "shown"
        if row.bounced_at:
            return "bounced"
        return "mailed" if row.mailed_at else "account" if row.account_at else "due"

    def test_whoever_it_did_not_reach_is_governed_by_what_they_accepted(self, everybody):
        from avow.vault import persons

        people, version = everybody
        telling.tell_of_changes()
        assert all(persons.standing(person).governed_by != version for person in people.values())

    def test_the_curve_rises_with_mails_and_showings_and_falls_with_what_came_back(self, everybody):
        people, version = everybody
        assert notices.coverage(version, now=now()) == [(now().date(), 0)]
        telling.tell_of_changes()
        assert notices.coverage(version, now=now()) == [(now().date(), 62)]  # five of eight were mailed
        back = Returned(
            return_path.Whose(people["bounced"], MessageClass.NOTICE), False, "5.1.1", ("bounced@example.com",)
        )
        hearing_back.note(back, now=now())
        assert notices.coverage(version, now=now())[-1][1] == 50
        tomorrow = now() + DAY
        acceptance.shown(people["without-mail"], {version: Rendered("page", b"x")}, now=tomorrow)
        assert notices.coverage(version, now=tomorrow) == [(now().date(), 50), (tomorrow.date(), 62)]


@pytest.mark.proves(Promise.ACCEPTANCE_BY_USE)
class TestTheReceipt:
    def accepted(self, somebody, change):
        ada = somebody().join()
        change(days=0)
        page = ada.get(PAGE)
        ada.get(PAGE)
        return ada, page.content, PolicyNotice.objects.get(person=ada.person)

    def test_it_says_what_was_shown_and_what_was_done(self, somebody, change):
        _, page, row = self.accepted(somebody, change)
        version = versions.all_versions()[-1].sha256
        assert row.accepted_at and row.receipt
        carried = re.search(rb'<aside class="changing".*?</aside>', page, re.DOTALL)[0]
        assert row.shown_as == hashlib.sha256(carried).hexdigest()
        kept = RenderedNotice.objects.get(sha256=row.shown_as)
        assert (bytes(kept.content), kept.version, kept.channel) == (carried, version, "page")
        assert (row.shown_by, row.accepted_by) == ("page", "account_change_password")

    def test_the_person_carries_it_away_and_anybody_verifies_it(self, somebody, change, log):  # noqa: F811
        from avow.evidence import verifier

        ada, _, row = self.accepted(somebody, change)
        log.record()
        page = ada.get(f"/history/{row.receipt}").content.decode()
        assert "What the receipt says" in page and row.shown_as in page
        raw = ada.get(f"/history/{row.receipt}/receipt.avow").content
        body = verifier.verify(raw, log.vkey)["body"]
        assert body["of"] == "acceptance" and body["notice"] == row.shown_as and body["by"] == "account_change_password"
        assert set(body) == {"of", "kind", "version", "effective", "notice", "channel", "shown", "accepted", "by"}
        assert body["shown"] < body["accepted"] or body["shown"] == body["accepted"]
        with pytest.raises(verifier.Refused):
            verifier.verify(raw.replace(b'"channel":"page"', b'"channel":"mail"'), log.vkey)
        assert ada.person.hex.encode() not in raw and ada.address.encode() not in raw

    def test_the_notice_is_read_by_its_hash(self, somebody, change):
        ada, page, row = self.accepted(somebody, change)
        answer = ada.get(f"/policy/notice/{row.shown_as}")
        assert answer.headers["Content-Type"].startswith("text/plain") and answer.content in page
        assert ada.get(f"/policy/notice/{'0' * 64}").status_code == 404

    def test_nobody_else_takes_it(self, somebody, change, log):  # noqa: F811
        _, _, row = self.accepted(somebody, change)
        log.record()
        eve = somebody("eve@example.com").join()
        assert eve.get(f"/history/{row.receipt}/receipt.avow").status_code == 404

    def test_the_mail_is_kept_as_it_was_rendered_too(self, ada, change, box):
        change()
        telling.tell_of_changes()
        kept = RenderedNotice.objects.get(channel="mail")
        [letter] = [mail for mail in box(ada.address) if "changes on" in mail.subject]
        subject, _, text = bytes(kept.content).decode().partition("\n\n")
        assert (letter.subject, letter.text.startswith(text.rstrip())) == (subject, True)
        assert rendering.find(kept.sha256).pk == kept.pk

    def test_it_goes_with_the_person_but_names_nobody(self, somebody, change):
        from avow.communications import stores
        from avow.evidence.models import Statement

        ada, _, row = self.accepted(somebody, change)
        said = json.loads(bytes(Statement.objects.get(entry_id=row.receipt).body))
        assert str(ada.person) not in json.dumps(said)
        stores.NoticeStore().forget(ada.person, request=ada.person, now=now())
        assert not PolicyNotice.objects.exists()

    def test_an_application_that_shows_it_has_its_own_rendering(self, ada, change):
        from avow.people import tickets

        change(days=0)
        from avow.web.api import host

        body = host.Use(ticket=tickets.issue(ada.person, now=now()))
        notice = host.use(None, body)["notice"]
        row = PolicyNotice.objects.get(person=ada.person)
        kept = RenderedNotice.objects.get(sha256=row.shown_as)
        assert (row.shown_by, kept.channel) == ("api", "api")
        assert json.loads(bytes(kept.content))["title"] == notice["title"]
