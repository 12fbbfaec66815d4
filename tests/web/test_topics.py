"""
The pages of topics: the link in a letter, Messages and choices, and the desk's composer.

It bites (each was tried): a GET that acts; a POST that needs a proof of origin.
"""

import pytest
from django.test import Client

from avow.communications import campaigns, links, opting_out
from avow.communications.classes import MessageClass, Topic
from avow.communications.models import Campaign, Kept, Ledger, Outgoing, Switch
from avow.evidence.acts import Act
from avow.vault.attesting import acts_of
from tests.communications.topics import now, send


@pytest.fixture
def link(ada):
    return f"/unsubscribe/{links.token_for(ada.person, Topic.USAGE)}"


@pytest.fixture
def provider():
    """Who posts as a mailbox provider does: no cookie, and proof of origin demanded of whoever needs it."""
    return Client(enforce_csrf_checks=True)


class TestTheLink:
    def test_scanners_that_follow_it_change_nothing(self, ada, link, provider):
        for _ in range(3):
            assert provider.get(link).status_code == 200
            assert provider.head(link).status_code == 200
            assert provider.options(link).status_code == 405
        assert not Switch.objects.exists()
        assert Act.OPTED_OUT not in [a.act for a in acts_of(ada.person)]

    @pytest.mark.parametrize("form", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
    def test_one_click_acts_in_either_form_and_twice_is_once(self, ada, link, provider, form):
        body = "List-Unsubscribe=One-Click"
        if "multipart" in form:
            body = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
        for _ in range(2):
            answer = provider.post(link, body, content_type=form)
            assert (answer.status_code, dict(answer.cookies)) == (200, {})
            assert "no more" in answer.content.decode()
        assert [row.kind for row in Switch.objects.all()] == [Topic.USAGE]

    @pytest.mark.parametrize("body", ["", "List-Unsubscribe=Two-Clicks", "end=everything", "x=y"])
    def test_a_post_with_another_body_changes_nothing_and_says_so(self, ada, link, provider, body):
        answer = provider.post(link, body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 400
        assert "nothing was changed" in answer.content.decode()
        assert not Switch.objects.exists()

    def test_its_buttons_end_this_kind_then_all_and_undo(self, ada, link, provider):
        assert "You get no more of these" in provider.post(link, {"end": "this"}).content.decode()
        assert not opting_out.standing(ada.person)[Topic.USAGE]
        provider.post(link, {"end": "all"})
        assert not any(opting_out.standing(ada.person).values())
        assert "They come again" in provider.post(link, {"end": "undo"}).content.decode()
        assert all(opting_out.standing(ada.person).values())

    @pytest.mark.parametrize(
        "spoil",
        [lambda t: t[:-1], lambda t: t[:20] + ("B" if t[20] == "A" else "A") + t[21:], lambda t: t + "=", str.lower],
    )
    def test_a_link_that_is_not_whole_changes_nothing_and_says_how_to_go_on(self, ada, link, provider, spoil):
        path = "/unsubscribe/" + spoil(link.rpartition("/")[2])
        for answer in (provider.get(path), provider.post(path, {"List-Unsubscribe": "One-Click"})):
            assert answer.status_code == 404
        assert "Copy all of it" in provider.get(path).content.decode()
        assert not Switch.objects.exists()

    def test_the_page_of_legal_notices_says_what_still_comes(self, ada, provider):
        page = provider.get(f"/unsubscribe/{links.token_for(ada.person, MessageClass.NOTICE)}").content.decode()
        assert "still reach you in your account" in page

    def test_nothing_of_the_person_stands_on_it(self, ada, link, provider):
        page = provider.get(link).content.decode()
        assert "ada" not in page.lower() and str(ada.person) not in page


class TestMessagesAndChoices:
    def test_each_switch_stands_beside_its_sentence(self, ada, house):
        page = ada.get("/messages").content.decode()
        for kind in opting_out.EVERYTHING:
            assert f'name="on" value="{kind}"' in page
        assert page.count(" checked>") == 5
        assert house.version.bound.sentence_of("topics").text in page
        assert "nothing else to switch off" not in page

    def test_one_form_turns_them_and_says_when(self, ada):
        ada.post("/messages/choices", {"on": [Topic.USAGE, Topic.NEW_VERSIONS]})
        assert opting_out.standing(ada.person)[Topic.USAGE]
        assert not opting_out.standing(ada.person)[Topic.ANNOUNCEMENTS]
        assert not opting_out.legal_mail(ada.person)
        page = ada.get("/messages").content.decode()
        assert "Saved at" in page and page.count("Off since") == 3 and "by you, here" in page
        since = Switch.objects.get(kind=Topic.ANNOUNCEMENTS).off_since
        ada.post("/messages/choices", {"on": [Topic.USAGE]})
        assert Switch.objects.get(kind=Topic.ANNOUNCEMENTS).off_since == since

    def test_everything_goes_off_and_on_at_one_click(self, ada):
        ada.post("/messages/choices", {"on": [Topic.USAGE], "all": "off"})
        assert ada.get("/messages").content.decode().count("Off since") == 5
        ada.post("/messages/choices", {"all": "on"})
        assert ada.get("/messages").content.decode().count("Off since") == 0

    def test_a_queued_mail_that_was_stopped_is_counted(self, ada, settings_with_relay):
        send(ada.person)
        ada.post("/messages/choices", {"all": "off"})
        page = ada.get("/messages").content.decode()
        assert "1 queued mail stopped" in page and "stopped: you switched its mail off" in page
        assert not Outgoing.objects.exists()

    @pytest.mark.parametrize("wrong", ["promotion", "code", "security"])
    def test_an_unknown_switch_turns_none(self, ada, wrong):
        answer = ada.post("/messages/choices", {"on": [Topic.USAGE, wrong]})
        assert answer.status_code == 400
        assert not Switch.objects.exists()

    def test_an_alert_whose_mail_is_off_is_still_read_here(self, ada):
        ada.post("/messages/choices", {"all": "off"})
        number = send(ada.person, Topic.SECURITY_ALERTS)
        page = ada.get("/messages").content.decode()
        assert "Something new." in page and "1 message not marked" in page
        assert ada.post(f"/messages/{number}/read").status_code == 302
        assert "All of them are read" in ada.get("/messages").content.decode()

    def test_an_address_that_asked_earlier_is_told(self, ada):
        from avow.communications import suppression

        suppression.remember("ada@example.com", [Topic.USAGE], now=now())
        page = ada.get("/messages").content.decode()
        assert "This address earlier asked not to be written to" in page
        ada.post("/messages/choices", {"all": "on"})
        assert "earlier asked" not in ada.get("/messages").content.decode()

    def test_a_link_in_a_message_says_when_it_leads_out(self, ada):
        from avow.communications.classes import Message
        from avow.communications.sending import send as write

        said = {
            "subject": "News",
            "body": "Read https://elsewhere.example/<b>x</b> or http://127.0.0.1:8000/policy today.",
        }
        write(ada.person, Message(Topic.ANNOUNCEMENTS, "announcement", said), now=now())
        page = ada.get("/messages").content.decode()
        assert page.count("(leaves ") == 1 and "<b>x</b>" not in page
        assert 'href="https://elsewhere.example/' in page and 'rel="external noopener noreferrer"' in page

    def test_markup_in_a_message_is_text(self, ada):
        from avow.communications import sending
        from avow.communications.classes import Message

        gaps = {"subject": "<b>x</b>", "body": "<script>alert(1)</script>"}
        sending.send(ada.person, Message(Topic.ANNOUNCEMENTS, "announcement", gaps), now=now())
        assert "<script>alert" not in ada.get("/messages").content.decode()


@pytest.fixture
def settings_with_relay(monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "MAIL_RELAY", "127.0.0.1:1")


class TestTheComposer:
    def test_it_is_the_desks_alone(self, ada):
        draft = campaigns.compose(Topic.ANNOUNCEMENTS, "News", "text", now=now()).pk
        assert ada.get("/desk/messages/write").status_code == 404
        assert ada.post(f"/desk/messages/{draft}").status_code == 404
        assert campaigns.find(draft).started_at is None

    def test_a_draft_first_then_whom_it_reaches_then_the_sending(self, officer):
        form = {"topic": Topic.ANNOUNCEMENTS, "subject": "News", "text": "Something\n\nnew."}
        answer = officer.post("/desk/messages/write", form)
        page = officer.get(answer.headers["Location"]).content.decode()
        assert "1, and in their accounts" in page and "Nothing has gone yet" in page
        assert not Ledger.objects.filter(kind=Topic.ANNOUNCEMENTS).exists()
        for _ in range(2):
            officer.post(answer.headers["Location"])
        row = Campaign.objects.get()
        campaigns.push(row.pk, now=now())
        assert Kept.objects.filter(campaign=row.pk).count() == 1
        assert "1 person decided about" in officer.get(answer.headers["Location"]).content.decode()
        assert Act.CAMPAIGN_STARTED in [a.act for a in acts_of(officer.person)]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"text": ""},
            {"subject": " "},
            {"subject": "News\r\nBcc: all@example.com"},
            {"topic": "promotion"},
            {"topic": "usage"},
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_kept(self, officer, wrong):
        form = {"topic": Topic.ANNOUNCEMENTS, "subject": "News", "text": "text", **wrong}
        answer = officer.post("/desk/messages/write", form)
        assert answer.status_code == 422
        assert "errorlist" in answer.content.decode()
        assert not Campaign.objects.exists()

    def test_another_begins_with_what_an_earlier_one_said(self, officer):
        said = {"topic": "new-versions", "subject": "Version 2", "text": "It is here."}
        officer.post("/desk/messages/write", said)
        earlier = Campaign.objects.latest("composed_at")
        assert f"/desk/messages/write?like={earlier.pk}" in officer.get(f"/desk/messages/{earlier.pk}").content.decode()
        page = officer.get(f"/desk/messages/write?like={earlier.pk}").content.decode()
        assert "Version 2" in page and "It is here." in page and Campaign.objects.count() == 1

    @pytest.mark.parametrize("like", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
    def test_beginning_from_one_that_is_not_there_is_an_empty_form(self, officer, like):
        assert officer.get(f"/desk/messages/write?like={like}").status_code == 200

    def test_a_draft_that_is_not_there_says_so(self, officer):
        assert officer.get("/desk/messages/00000000-0000-4000-8000-000000000000").status_code == 404


class TestTheMonitor:
    @pytest.fixture
    def going(self, officer):
        form = {"topic": Topic.ANNOUNCEMENTS, "subject": "News", "text": "Something new."}
        where = officer.post("/desk/messages/write", form).headers["Location"]
        officer.post(where)
        return where

    def test_a_picture_and_a_table_say_what_became_of_it(self, officer, going):
        campaigns.push(Campaign.objects.get().pk, now=now())
        page = officer.get(going).content.decode()
        assert "Kept: there is no relay" in page and "<svg" in page
        assert 'name="act"' not in page  # it has ended

    def test_it_is_stopped_goes_on_and_is_ended_by_its_buttons(self, officer, going):
        assert "Stop it for now" in officer.get(going).content.decode()
        assert "Stopped." in officer.post(going, {"act": "stop"}, follow=True).content.decode()
        page = officer.get(going).content.decode()
        assert "somebody at the desk stopped it" in page and "Let it go on" in page
        officer.post(going, {"act": "go-on"})
        assert "Stop it for now" in officer.get(going).content.decode()
        officer.post(going, {"act": "stop"})
        officer.post(going, {"act": "end-here"})
        assert Campaign.objects.get().ended_at is not None

    def test_what_is_no_button_or_not_now_is_refused(self, officer, going):
        assert officer.post(going, {"act": "delete"}).status_code == 400
        assert officer.post(going, {"act": "go-on"}).status_code == 403

    def test_ending_withdraws_what_waits_under_the_desks_own_role(self, officer, going, settings_with_relay):
        campaigns.push(Campaign.objects.get().pk, now=now())
        Campaign.objects.update(ended_at=None)
        officer.post(going, {"act": "stop"})
        assert officer.post(going, {"act": "end-here"}).status_code == 302
        assert not Outgoing.objects.exists()

    def test_the_list_leads_to_it_and_says_how_mail_arrives(self, officer, going):
        page = officer.get("/desk/messages").content.decode()
        assert going in page and "on its way" in page
        assert "How mail arrives" in page


class TestMailThatCameBack:
    def test_the_page_says_so_and_its_button_has_us_write_again(self, ada):
        from avow.communications import bounces
        from avow.communications.bounces import Severity

        assert "came back" not in ada.get("/messages").content.decode()
        bounces.keep(ada.person, "ada@example.com", Severity.HARD, "5.1.1", now=now())
        send(ada.person)
        page = ada.get("/messages").content.decode()
        assert "Mail to your address came back to us" in page
        assert "shown here alone: mail to your address came back" in page
        assert ada.post("/messages/write-again").status_code == 302
        assert "came back to us" not in ada.get("/messages").content.decode()
        assert not bounces.is_dead(ada.person, now=now())

    def test_nobody_else_lifts_it(self, ada, provider):
        assert provider.post("/messages/write-again").status_code in {302, 403}
