"""A message that is asked for while its person is being erased: nothing of theirs comes after what was forgotten."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from avow.communications.models import Ledger, Outgoing
from avow.errors import Erased
from avow.people import queries
from avow.requests import erasing, saga
from avow.requests.states import State
from avow.vault import sealing
from avow.vault.actor import THE_PERSON


def now():
    return datetime.now(UTC)


@pytest.fixture
def half_erased(ada):
    """Ada, whose messages were forgotten and whose key still lives, with her request."""
    person, request = ada.person, erasing.ask(ada.person, by=THE_PERSON, now=now()).pk
    saga.begin(erasing.find(request), now=now())
    while erasing.find(request).acks.filter(store="messages", state="holding").exists():
        saga.forget_next(erasing.find(request), now=now())
    assert not Outgoing.objects.filter(person=person).exists()
    return person, request


def finish(request):
    progress = [erasing.push(request, now=now()) for _ in range(3)][-1]
    assert progress.state in {State.ERASED, State.COMPLETE}


def test_a_reset_asked_for_during_an_erasure_leaves_nothing_of_the_person(half_erased):
    """It bites: with `person_at` in the adapter's `_person` the letter is sealed for the person, or refused aloud."""
    person, request = half_erased
    before = Outgoing.objects.count()
    assert queries.person_at("ada@example.com") == person  # the account is closed last
    answer = Client(SERVER_NAME="127.0.0.1").post("/accounts/password/reset/", {"email": "ada@example.com"})
    assert answer.status_code == 302
    assert Outgoing.objects.filter(person=None).count() == before + 1  # answered as a stranger is
    assert not Outgoing.objects.filter(person=person).exists()
    finish(request)
    assert not Outgoing.objects.filter(person=person).exists()


def test_no_blob_is_sealed_for_whom_an_erasure_has_begun(half_erased):
    with pytest.raises(Erased):
        sealing.seal_blob(half_erased[0], "message", b"late", now=now())


def test_what_came_after_a_store_acknowledged_goes_before_the_key(half_erased):
    """It bites: without the last count in `saga` this row outlives its person."""
    person, request = half_erased
    number = uuid4()
    Ledger.objects.create(message=number, kind="security", letter="late", state="waiting", queued_at=now())
    Outgoing.objects.create(
        id=number, person=person, sealed=b"late", kind="security", queued_at=now(), ends_at=now() + timedelta(days=3)
    )
    finish(request)
    assert not Outgoing.objects.filter(person=person).exists()
    assert Ledger.objects.get(message=number).state == "withdrawn"
