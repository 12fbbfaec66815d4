"""§3a.5: letters have one of the four topics that the policy names, each says which sentence allows it, and no other goes.

It bites (each was tried): a `kind_of` that takes any name; a ledger row of a kind that is in no list; a
policy whose table no longer binds the sentence.
"""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from avow.communications import deciding, sending, summaries
from avow.communications.classes import ABOUT, Message, Topic
from avow.communications.models import Ledger
from avow.errors import BadInput, Refused
from avow.policy.promises import Promise
from tests.communications.topics import fate, message, now, send

pytestmark = [pytest.mark.proves(Promise.CLOSED_TOPICS)]


@pytest.mark.parametrize("topic", list(Topic))
def test_each_topic_goes_with_the_sentence_that_allows_it(ada, box, policy, topic):
    send(ada.person, topic)
    text = " ".join(box("ada@example.com")[0].text.split())
    (clause,) = policy.bound.by_promise(Promise.CLOSED_TOPICS)
    sentence = policy.bound.sentence_of(clause.name)
    assert sentence.text in text
    assert f"§{sentence.id}" in text
    assert f"No more mails about {ABOUT[topic]}:" in text
    assert "any of the four topics" in text


def test_another_topic_is_refused_and_leaves_nothing(ada):
    before = Ledger.objects.count()
    with pytest.raises(BadInput):
        sending.send(ada.person, Message("promotion", "announcement", {"subject": "x", "body": "y"}), now=now())
    assert Ledger.objects.count() == before


def test_a_topic_goes_to_a_person_and_never_to_a_bare_address(policy):
    with pytest.raises(Refused, match="person"):
        send("somebody@example.com")


def test_a_policy_without_the_sentence_lets_no_topic_out(ada, monkeypatch):
    from avow.policy.binding import BoundPolicy

    monkeypatch.setattr(BoundPolicy, "by_promise", lambda *_: ())
    with pytest.raises(Refused, match="names no topics"):
        deciding.decide(ada.person, Topic.USAGE, address=None, now=now())


def test_usage_information_is_about_ones_own_use(ada, box):
    summaries.send_usage(ada.person, month=now().date(), days=3, most=[("/reports", 3)], now=now())
    assert "on 3 days" in box("ada@example.com")[0].text and "/reports: 3" in box("ada@example.com")[0].text


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    from avow.policy.binding import BoundPolicy

    with shown_to_fail(
        "every-message-has-a-topic-of-the-policy",
        how="any name passes for a topic; a line has another kind; the policy has no sentence for topics",
    ) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(sending, "kind_of", lambda name: Topic.USAGE if name == "promotion" else Topic(name))
            assert "does not name" in trial.fails()
        stray = Ledger.objects.create(
            message=uuid4(), kind="promotion", letter="x", state="waiting", queued_at=datetime.now(UTC)
        )
        assert "neither list" in trial.fails()
        stray.delete()
        with monkeypatch.context() as broken:
            broken.setattr(BoundPolicy, "by_promise", lambda *_: ())
            assert "no sentence" in trial.fails()
        trial.holds()
    assert not Ledger.objects.exists()


def test_what_is_sent_has_its_topic_in_the_ledger(ada):
    for topic in Topic:
        number = send(ada.person, topic)
        assert (Ledger.objects.get(pk=number).kind, fate(number)) == (topic, ("kept", ""))
        assert message(topic).kind == topic
