"""
§2.2 to §2.5: a change is announced, told and shown; going on accepts it; only then does it reach what is held.

Bites (each was tried): `may_accept` without its showing or without its date accepts too early (and the database refuses the
row); a middleware that takes every page for use makes the person who came to delete accept; `tell_one` without its lock or its
mark mails twice; a gate that reads the text in force alone uses old data for what was added.
"""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from avow.communications import acceptance, announcing, changes, delivering, notices, publishing, stores, telling
from avow.communications.models import Announcement, Ledger, PolicyNotice
from avow.communications.rendering import Rendered
from avow.errors import BadInput, BindingWrong
from avow.evidence import versions
from avow.policy.judging import Class
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import attesting, choices, persons
from avow.web import noticing
from tests.communications.changing import TWO, newer

pytestmark = [
    pytest.mark.proves(
        Promise.CHANGE_NOTICE, Promise.NOTICE_WITHOUT_MAIL, Promise.ACCEPTANCE_BY_USE, Promise.USE_UNDER_VERSION
    )
]
PAGE = "/data"
USE = "/accounts/password/change/"
DAY = timedelta(days=1)


def row(person):
    return PolicyNotice.objects.get(person=person)


def acts(person):
    return [str(one.act) for one in attesting.acts_of(person)]


def governed(person):
    return versions.read(persons.standing(person).governed_by).number


class TestPublishing:
    def test_it_is_frozen_announced_and_owed_to_everybody_who_lives(self, somebody, change, today):
        ada, bo = somebody().join(), somebody("bo@example.com").join()
        version = change()
        assert versions.all_versions()[-1] == version
        assert versions.in_force(today).number == 1
        assert announcing.of_version(version.sha256).text == "We may write about partners' offers."
        assert set(PolicyNotice.objects.values_list("person", flat=True)) == {ada.person, bo.person}

    @pytest.mark.parametrize(("days", "wording_only", "refused"), [
        (29, False, "date it"), (30, False, None), (0, True, None), (-1, True, "date it"),
    ])  # fmt: skip
    def test_more_than_wording_needs_its_time(self, policy, today, days, wording_only, refused):
        text = newer((today + days * DAY).date(), wording_only=wording_only)
        if refused:
            with pytest.raises(BadInput, match=refused):
                publishing.propose(*text, now=today)
        else:
            proposed = publishing.propose(*text, now=today)
            assert proposed.class_ is (Class.WORDING if wording_only else Class.WIDENING)

    def test_a_text_is_published_once_and_none_is_dated_before_it(self, policy, today):
        first = newer((today + 40 * DAY).date())
        publishing.publish(*first, by="a test", now=today, signed=TWO)
        with pytest.raises(BadInput, match="published already, as version 2"):
            publishing.publish(*first, by="a test", now=today, signed=TWO)
        with pytest.raises(BadInput, match="later date"):
            publishing.publish(*newer((today + 35 * DAY).date()), by="a test", now=today, signed=TWO)
        assert len(versions.all_versions()) == 2

    def test_a_sentence_without_a_clause_is_refused_and_nothing_is_written(self, policy, today):
        raw, table = newer((today + 40 * DAY).date())
        with pytest.raises(BindingWrong, match="no confirmed clause"):
            publishing.publish(raw + b"\nWe also like cats.\n", table, by="a test", now=today, signed=TWO)
        assert not Announcement.objects.exists() and len(versions.all_versions()) == 1

    def test_an_old_version_stays_readable_beside_what_changed(self, somebody, change, visitor):
        change()
        assert visitor.get("/policy/versions/1").status_code == 200
        page = visitor.get("/policy/changes/1/2").content.decode()
        assert "<ins>" in page and "partners" in page and "Widening" in page
        assert visitor.get("/policy/changes/2/1").headers["Location"] == "/policy/changes/1/2"
        assert visitor.get("/policy/changes/1/7").status_code == 404
        assert visitor.get("/policy/changes/1/1").status_code == 404


class TestTelling:
    def test_by_mail_where_there_is_an_address_and_in_the_account_for_all(self, somebody, change, box, today):
        from avow.people import canary

        ada = somebody().join()
        without = canary.fresh(today)
        change()
        PolicyNotice.objects.create(
            person=without, version=versions.all_versions()[-1].sha256, effective_at=today + DAY, due_at=today
        )
        telling.tell_of_changes()
        [letter] = [mail for mail in box(ada.address) if "changes on" in mail.subject]
        assert (
            "/policy/changes/1/2" in letter.text and "/data" in letter.text and "offers of our partners" in letter.text
        )
        assert row(ada.person).mailed_at and row(ada.person).account_at
        assert not row(without).mailed_at and row(without).account_at

    def test_told_twice_or_killed_midway_everybody_is_told_once(self, somebody, change, box, today, monkeypatch):
        people = [somebody(f"p{n}@example.com").join() for n in range(3)]
        change()
        send, sent = notices.send_each, []
        monkeypatch.setattr(notices, "AT_ONCE", 1)

        def dies_at_the_second(*positional, **named):
            sent.append(positional)
            if len(sent) == 2:
                raise SystemExit
            return send(*positional, **named)

        with monkeypatch.context() as killed, pytest.raises(SystemExit):
            killed.setattr(notices, "send_each", dies_at_the_second)
            telling.tell_of_changes()
        assert PolicyNotice.objects.filter(account_at__isnull=False).count() == 1
        telling.catch_up(0)
        telling.catch_up(0)
        assert Ledger.objects.filter(letter=notices.LETTER).count() == len(people)
        assert all(len([m for m in box(one.address) if "changes on" in m.subject]) == 1 for one in people)

    def test_workers_at_once_and_one_that_comes_late_tell_a_person_once(self, somebody, change, box, today):
        ada, found = somebody().join(), []
        change()
        number = row(ada.person).pk

        def worker():
            found.append(notices.tell_one(number, now=today))
            connections.close_all()

        workers = [threading.Thread(target=worker) for _ in range(3)]
        with transaction.atomic():
            persons.lock(ada.person)  # so that all have looked at the row before one of them may go on
            [one.start() for one in workers], [one.join(0.7) for one in workers]
        [one.join() for one in workers]
        found.append(notices.tell_one(number, now=today))
        assert sorted(found) == [False, False, False, True]
        assert len([mail for mail in box(ada.address) if "changes on" in mail.subject]) == 1

    def test_who_objected_to_being_written_to_has_it_in_the_account_alone(self, ada, change, today):
        choices.object_to(ada.person, Purpose.COMMUNICATION, now=today)
        change()
        telling.tell_of_changes()
        assert not row(ada.person).mailed_at and row(ada.person).account_at

    def test_who_is_erased_is_out_and_takes_the_rows_along(self, ada, change, today):
        from avow.vault import erasure

        change()
        erasure.begin(ada.person, now=today)
        assert not notices.tell(now=today)
        assert stores.NoticeStore().forget(ada.person, request=ada.person, now=today) == 1
        assert stores.NoticeStore().forget(ada.person, request=ada.person, now=today) == 0
        assert not Ledger.objects.filter(letter=notices.LETTER).exists()
        assert notices.draw_up(versions.all_versions()[-1].sha256, now=today) == 0

    def test_who_signs_up_while_it_is_coming_is_owed_it_and_who_comes_after_is_not(self, somebody, change, today):
        change(days=30)
        late = somebody("late@example.com").join()
        assert row(late.person).version == versions.all_versions()[-1].sha256
        assert governed(late.person) == 1

    def test_new_accounts_accept_the_text_they_sign_up_under(self, somebody, change):
        version = change(days=-1)
        new = somebody("new@example.com").join()
        assert persons.standing(new.person).governed_by == version.sha256
        assert not PolicyNotice.objects.exists()

    def test_a_start_that_froze_a_text_is_caught_up_with(self, ada, today):
        versions.freeze(*newer((today + 3 * DAY).date()), now=today, published_by="avow up")
        assert not Announcement.objects.exists()
        telling.catch_up(0)
        assert Announcement.objects.count() == 1
        assert row(ada.person).account_at

    def test_what_a_person_was_told_is_in_their_export(self, ada, change):
        change()
        telling.tell_of_changes()
        [listed] = stores.NoticeStore().export(ada.person, now=timezone.now())
        assert listed.rows[0]["mailed_at"] and listed.rows[0]["accepted_at"] is None
        assert stores.NoticeStore().count(ada.person) == 1


class TestShownAndAccepted:
    def test_the_page_that_carries_it_shows_it_and_the_next_use_accepts_it(self, ada, change):
        version = change(days=0)
        assert 'data-notice="' in ada.get(PAGE).content.decode()
        assert row(ada.person).shown_at and not row(ada.person).accepted_at
        assert governed(ada.person) == 1
        assert ada.get(USE).status_code == 200
        told = row(ada.person)
        assert told.accepted_at > told.shown_at
        assert persons.standing(ada.person).governed_by == version.sha256
        assert {"notice.shown", "version.accepted"} <= set(acts(ada.person))
        assert 'data-notice="' not in ada.get(PAGE).content.decode()

    def test_the_use_that_shows_it_first_accepts_nothing(self, ada, change):
        change(days=0)
        ada.get(USE)
        assert row(ada.person).shown_at and not row(ada.person).accepted_at

    def test_before_the_date_nothing_is_accepted(self, ada, change):
        change(days=1)
        ada.get(PAGE), ada.get(USE), ada.get(USE)
        assert row(ada.person).shown_at and not row(ada.person).accepted_at

    def test_everybody_sees_it_also_without_an_account(self, change, visitor):
        change()
        page = visitor.get("/").content.decode()
        assert "The privacy policy changes on" in page and "/policy/changes/1/2" in page
        assert "data-notice" not in page

    @pytest.mark.parametrize("headers", [
        {"HTTP_SEC_FETCH_DEST": "empty"}, {"HTTP_SEC_FETCH_DEST": "image"}, {"HTTP_SEC_PURPOSE": "prefetch"},
        {"HTTP_X_REQUESTED_WITH": "avow"},
    ])  # fmt: skip
    def test_what_scripts_and_browsers_fetch_by_themselves_neither_shows_nor_accepts(self, ada, change, headers):
        change(days=0)
        ada.client.get(PAGE, **headers)
        assert not row(ada.person).shown_at
        ada.get(PAGE)
        ada.client.get(USE, **headers)
        assert not row(ada.person).accepted_at

    def test_a_page_that_was_refused_showed_nothing(self, ada, change):
        change(days=0)
        assert "data-notice" in ada.get("/nothing/here").content.decode()
        assert ada.client.head(PAGE).status_code == 200
        assert not row(ada.person).shown_at

    def test_only_what_is_listed_is_use_and_the_two_lists_share_nothing(self):
        assert not noticing.USES & noticing.NEVER
        names = {pattern.name for pattern in get_resolver().url_patterns if isinstance(pattern, URLPattern)}
        assert {"my-data", "export", "delete", "policy", "changes", "messages"} <= names & noticing.NEVER

    def test_who_only_corrects_or_takes_back_what_they_gave_accepts_nothing(self, ada, change):
        change(days=0)
        for path in (PAGE, "/data/name", "/data/phone", "/data/email"):
            ada.get(path)
        ada.post("/data/name", value="Ada King")
        ada.post("/data/phone", value="")
        assert "version.accepted" not in acts(ada.person)

    @pytest.mark.parametrize("leaving", ["export", "delete"])
    def test_who_only_comes_to_take_a_copy_or_to_leave_accepts_nothing(self, ada, change, leaving):
        change(days=0)
        ada.sign_out()
        ada.sign_in()
        for path in ("/", PAGE, "/policy", "/policy/changes/1/2", "/messages", "/delete", PAGE):
            ada.get(path)
        ada.post("/data/export" if leaving == "export" else "/delete", password="four boats on a quiet river")
        assert "version.accepted" not in acts(ada.person)

    def test_two_tabs_at_once_accept_once(self, ada, change):
        change(days=0)
        ada.get(PAGE)
        person, at = ada.person, datetime.now(UTC) + timedelta(seconds=1)
        together, found = threading.Barrier(4), []

        def tab():
            together.wait()
            found.append(acceptance.used(person, by="give", now=at))
            connections.close_all()

        tabs = [threading.Thread(target=tab) for _ in range(4)]
        [one.start() for one in tabs], [one.join() for one in tabs]
        assert sorted(found) == [0, 0, 0, 1]
        assert acts(person).count("version.accepted") == 1

    def test_with_a_clock_that_was_set_back_nothing_is_accepted_until_it_has_passed_the_showing(
        self, ada, change, today
    ):
        change(days=-3)
        acceptance.shown(ada.person, {versions.all_versions()[-1].sha256: Rendered("page", b"x")}, now=today)
        assert acceptance.used(ada.person, by="give", now=today - DAY) == 0
        assert acceptance.used(ada.person, by="give", now=today) == 0
        assert acceptance.used(ada.person, by="give", now=today + DAY) == 1

    @pytest.mark.parametrize("wrong", ["never shown", "too early", "same moment"])
    def test_the_database_itself_refuses_an_acceptance_too_early(self, ada, change, today, wrong):
        change(days=1)
        at = {"never shown": today + 2 * DAY, "too early": today, "same moment": today + 2 * DAY}[wrong]
        seen = {"never shown": None, "too early": today - DAY, "same moment": at}[wrong]
        with pytest.raises(IntegrityError), transaction.atomic():
            PolicyNotice.objects.update(shown_at=seen, accepted_at=at)

    def test_the_companys_own_application_shows_it_and_accepts_it(self, ada, change, visitor):
        from avow.people import tickets
        from avow.web.api.host import host_key

        version = change(days=0)
        ticket = tickets.issue(ada.person, now=timezone.now())

        def use(ticket=ticket, key=None):
            return visitor.post(
                "/api/host/use", {"ticket": ticket, "page": "/reports"}, "application/json",
                headers={"Authorization": f"Bearer {key or host_key()}"},
            )  # fmt: skip

        assert use(key="wrong").status_code == 401
        assert use(ticket="nobody").json() == {"notice": None}
        told = use().json()["notice"]
        assert told["effective"] == version.effective_date.isoformat() and told["url"].endswith("/policy/changes/1/2")
        assert row(ada.person).shown_at and not row(ada.person).accepted_at
        assert use().json() == {"notice": None}
        assert row(ada.person).accepted_at
        assert governed(ada.person) == 2


class TestOnTheSite:
    def test_the_page_both_feeds_and_the_snippet_say_it_to_every_site(self, change, visitor):
        version = change()
        assert "partners" in visitor.get("/announcements").content.decode()
        feed = visitor.get("/announcements.json")
        assert feed.headers["Access-Control-Allow-Origin"] == "*"
        assert feed.json()["items"][0]["url"].endswith("/policy/changes/1/2")
        atom = visitor.get("/announcements.atom")
        assert atom.headers["Access-Control-Allow-Origin"] == "*" and b"changes its privacy policy" in atom.content
        script = visitor.get("/announce.js")
        assert b"data-avow-announcement" in script.content and not script.cookies
        assert visitor.post("/announcements.json").status_code == 405
        assert announcing.announce("policy", "Again", "Again.", now=timezone.now(), version=version.sha256)
        assert Announcement.objects.count() == 1  # one a version

    def test_news_of_a_product_stand_there_too_and_an_empty_one_is_refused(self, policy, visitor, today):
        announcing.announce("product", "Charts\nare here", "<b>Reports</b> have charts.", now=today)
        page = visitor.get("/announcements").content.decode()
        assert "Charts are here" in page and "&lt;b&gt;" in page
        announcing.announce("product", "Pasted", "From a\x0b word processor\x00.\nNext line.", now=today)
        atom = visitor.get("/announcements.atom")
        assert atom.status_code == 200 and b"From a  word processor .\nNext line." in atom.content
        for title, text in (("", "text"), ("title", " "), ("title", "x" * 5000)):
            with pytest.raises(BadInput):
                announcing.announce("product", title, text, now=today)


class TestReach:
    def test_it_counts_each_person_once_at_the_furthest_point(self, somebody, change, today):
        people = [somebody(f"p{n}@example.com").join() for n in range(4)]
        choices.object_to(people[0].person, Purpose.COMMUNICATION, now=today)
        version = change(days=0)
        assert notices.reach(version.sha256).due == 4
        telling.tell_of_changes()
        people[1].get(PAGE)
        people[2].get(PAGE), people[2].get(USE)
        reach = notices.reach(version.sha256)
        assert (reach.due, reach.account_only, reach.mailed, reach.shown, reach.accepted) == (0, 1, 1, 1, 1)
        assert reach.all == 4


def test_a_letter_that_waits_is_withdrawn_with_its_person(ada, change, today):
    change()
    telling.tell_of_changes()
    message = Ledger.objects.get(letter=notices.LETTER).message
    stores.MessageStore().forget(ada.person, request=message, now=today)
    assert delivering.deliver(message, now=today) == "gone"


def test_what_changed_is_told_in_the_words_of_both_texts(policy, change):
    one = changes.changed(change().sha256)
    said = changes.in_words(one.changes)
    assert "It said: " in said and "It says: " in said and "offers of our partners" in said
