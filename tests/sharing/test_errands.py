"""
An agent receives what it was granted and nothing else, signed; is told of corrections and deletion; and a bad endpoint
ends in a state that says so.

Tried: opening every field of the person in `_compose`, leaving `egress.permit` out of `may_have`, taking a redirect for
an answer, and ordering deletion with fields in it each fail one of these. Leaving `may_have` out of the hand-over alone does
not, since `egress.leave` asks again (tried): two guards.
"""

import base64
import hashlib
import hmac
import json
import socket
import threading
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given as drawn
from hypothesis import strategies as st

from avow.errors import BadInput, Erased, NoGrant, NotFound, PurposeRefused, Unavailable
from avow.people import settings_change
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.requests import erasing
from avow.sharing import agents, errands, errands_delivering, errands_queries
from avow.sharing.errands_models import Errand
from avow.sharing.errands_states import MEANING, MOVES, TRIES, Kind, State, may
from avow.vault import choices, egress, erasure, pseudonyms, recipients, stores
from avow.vault.actor import THE_PERSON
from avow.vault.models import Egress
from tests.sharing.endpoint import drips, hangs, running, says, signs

pytestmark = [pytest.mark.proves(Promise.AGENT_NECESSITY, Promise.AGENT_STANDARDS, Promise.SHARING_LIMIT)]


def carry(number, now, **more):
    return errands_delivering.deliver(number, now=now, **more)


def carry_all(now):
    waiting = Errand.objects.filter(state=State.WAITING).order_by("queued_at")
    return [carry(number, now) for number in list(waiting.values_list("pk", flat=True))]


def sent(agent, person, now, fields=("name", "email")):
    number = errands.give(agent, person, fields, now=now)
    assert carry(number, now) is State.DELIVERED
    return number


def test_it_receives_exactly_the_fields_that_were_asked_and_granted(agent, endpoint, ada, now):
    sent(agent, ada.person, now, ["email"])
    [body] = endpoint.taken
    assert body["fields"] == {"email": "ada@example.com"}
    assert body["person"] == pseudonyms.for_recipient(ada.person, agent) != str(ada.person)
    assert set(body) == {"errand", "kind", "to", "until", "person", "fields", "purpose"}


def test_whom_it_is_for_and_when_its_grant_ends_stand_under_the_signature(agent, endpoint, ada, now):
    """It bites: another recipient's number, or the end of nothing, in `_compose` (tried)."""
    sent(agent, ada.person, now, ["email"])
    [body], [grant] = endpoint.taken, agents.grants_of(agent)
    assert body["to"] == str(agent)
    assert body["until"] == grant.until.strftime("%Y-%m-%dT%H:%M:%SZ")
    with pytest.raises(NoGrant):  # past it, Avow sends nothing either
        errands.give(agent, ada.person, ["email"], now=grant.until)


def test_the_ledger_has_the_digest_of_the_very_bytes_and_the_signature_is_over_them(agent, endpoint, ada, now):
    sent(agent, ada.person, now)
    [(headers, body)], line = endpoint.raw, Egress.objects.get()
    assert bytes(line.digest) == hashlib.sha256(bytes(line.salt) + body).digest()
    at, mac = headers["Avow-Signature"].removeprefix("t=").split(",v1=")
    key = agents.secret_of(agents.find(agent))
    assert mac == hmac.new(key, at.encode() + b"." + body, hashlib.sha256).hexdigest()


def test_two_agents_know_a_person_by_two_names(add_agent, endpoint, ada, now):
    one, other = add_agent(endpoint.url, "One"), add_agent(endpoint.url, "Other")
    assert len({pseudonyms.for_recipient(ada.person, agent) for agent in (one, other)}) == 2


def test_nothing_else_of_a_person_reaches_an_agent_in_any_dress(agent, endpoint, ada, now):
    """The sink: the phone number was not granted; the name was, so the search is known to find."""
    sent(agent, ada.person, now)
    settings_change.change(ada.person, "name", "Ada King", now=now)
    settings_change.change(ada.person, "phone", "+41 44 668 18 00", now=now)
    carry_all(now)
    heard = b"\n".join(body + repr(headers).encode() for headers, body in endpoint.raw)
    assert any(dress in heard for dress in dresses("Ada Lovelace"))
    for secret in ("+442079460958", "442079460958", "+41446681800", str(ada.person), ada.person.hex):
        assert not [dress for dress in dresses(secret) if dress in heard], secret


def dresses(value):
    raw = value.encode()
    yield from (raw, raw.hex().encode(), base64.b64encode(raw).rstrip(b"="), quote(value).encode(), raw[::-1])
    yield json.dumps(value)[1:-1].encode()
    yield from (hash_(raw).hexdigest().encode() for hash_ in (hashlib.md5, hashlib.sha1, hashlib.sha256))


@pytest.mark.parametrize("fields", [["phone"], ["name", "phone"], []])
def test_one_field_more_than_granted_is_refused_and_nothing_is_queued(agent, endpoint, ada, now, fields):
    with pytest.raises(NoGrant):
        errands.give(agent, ada.person, fields, now=now)
    assert not Errand.objects.exists() and not Egress.objects.exists() and not endpoint.raw


def test_an_unknown_field_an_unknown_agent_and_a_password_are_refused(agent, ada, now):
    with pytest.raises(BadInput, match="shoe"):
        errands.give(agent, ada.person, ["shoe"], now=now)
    with pytest.raises(NotFound):
        errands.give(uuid4(), ada.person, ["name"], now=now)
    with pytest.raises(BadInput, match="not declared for agents"):
        agents.grant(agent, ["password"], contract="c", until=now + timedelta(days=1), now=now)


def test_who_objects_is_not_sent(agent, endpoint, ada, now):
    number = errands.give(agent, ada.person, ["name"], now=now)
    choices.object_to(ada.person, Purpose.AGENT_DELIVERY, now=now)
    assert carry(number, now) is State.REFUSED
    with pytest.raises(PurposeRefused):
        errands.give(agent, ada.person, ["name"], now=now)
    assert not endpoint.raw


def test_a_contract_that_expires_or_a_grant_that_ends_on_the_way_stops_it(agent, endpoint, ada, now):
    first, second = (errands.give(agent, ada.person, ["name"], now=now) for _ in range(2))
    assert carry(first, now + timedelta(days=91)) is State.REFUSED
    recipients.end_grant(agents.grants_of(agent)[0].id, now=now)
    assert carry(second, now + timedelta(seconds=1)) is State.REFUSED
    assert not endpoint.raw and not Egress.objects.exists()


@pytest.mark.parametrize(
    "trouble",
    [says(500), says(302, Location="http://127.0.0.1:1/elsewhere"), hangs, drips, lambda handler: None],
    ids=["500", "redirect", "hangs", "drips", "hangs-up"],
)  # fmt: skip
def test_a_bad_answer_leaves_it_waiting_and_at_the_last_try_failed(agent, endpoint, ada, now, trouble):
    endpoint.answer = trouble
    number = errands.give(agent, ada.person, ["name"], now=now)
    with pytest.raises(Unavailable):
        carry(number, now, patience=0.3)
    row = Errand.objects.get(pk=number)
    assert (row.state, row.tries) == (State.WAITING, 1)
    Errand.objects.filter(pk=number).update(tries=TRIES - 1)
    assert carry(number, now, patience=0.3) is State.FAILED
    assert errands_queries.newest()[0].state is State.FAILED
    assert Egress.objects.count() == 1  # the same bytes, tried again, are one row


def test_an_endpoint_that_is_down_for_a_while_gets_it_when_it_is_back(add_agent, ada, now):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    agent = add_agent(f"http://127.0.0.1:{port}/hook")
    number = errands.give(agent, ada.person, ["name"], now=now)
    with pytest.raises(Unavailable):
        carry(number, now)
    settings_change.change(ada.person, "name", "Ada King", now=now)
    with running(port) as back:
        assert carry(number, now) is State.DELIVERED
        assert carry(number, now) is None  # the job runs twice
        assert [body["fields"] for body in back.taken] == [{"name": "Ada King"}]


def test_what_failed_is_taken_up_again_once(agent, endpoint, ada, now):
    endpoint.answer = says(500)
    number = errands.give(agent, ada.person, ["name"], now=now)
    Errand.objects.filter(pk=number).update(tries=TRIES - 1)
    carry(number, now)
    errands.again(number)
    errands.again(number)
    endpoint.answer = says(200)
    assert carry(number, now) is State.DELIVERED


def test_a_correction_goes_to_who_has_the_field_and_to_nobody_else(add_agent, endpoint, ada, now):
    has, never = add_agent(endpoint.url, "Has"), add_agent(endpoint.url, "Never")
    sent(has, ada.person, now, ["name"])
    settings_change.change(ada.person, "name", "Ada King", now=now)
    settings_change.change(ada.person, "phone", "", now=now)
    assert carry_all(now) == [State.DELIVERED]
    assert (endpoint.taken[-1]["kind"], endpoint.taken[-1]["fields"]) == ("correction", {"name": "Ada King"})
    assert not Errand.objects.filter(agent=never).exists()


def test_a_correction_that_no_grant_covers_is_on_record_and_does_not_stop_its_person(agent, endpoint, ada, now):
    sent(agent, ada.person, now, ["name"])
    recipients.end(agent, now=now)
    settings_change.change(ada.person, "name", "Ada King", now=now)
    assert Errand.objects.get(kind=Kind.CORRECTION).state == State.REFUSED
    assert len(endpoint.raw) == 1


def test_an_erased_person_is_deleted_at_the_agent_by_its_own_name_for_them(agent, endpoint, ada, now, erased):
    person, known_as = ada.person, pseudonyms.for_recipient(ada.person, agent)
    sent(agent, person, now)
    recipients.end(agent, now=now)  # the order must reach also an agent that we have left
    request = erased(person)
    endpoint.answer = signs(agents.secret_of(agents.find(agent)))
    assert carry_all(now) == [State.DELIVERED]
    told = {"errand": endpoint.taken[-1]["errand"], "kind": "deletion", "to": str(agent), "person": known_as}
    assert endpoint.taken[-1] == told
    order = Errand.objects.get(request=request)
    assert (order.person, order.pseudonym, order.signed) == (None, "", True)
    assert not Errand.objects.filter(person=person).exists()


def test_an_order_survives_an_endpoint_that_is_down_while_the_key_is_destroyed(agent, endpoint, ada, now, erased):
    sent(agent, ada.person, now)
    endpoint.answer = says(500)
    erased(ada.person)
    with pytest.raises(Unavailable):
        carry_all(now)
    endpoint.answer = says(200)
    assert carry_all(now) == [State.DELIVERED]


def test_forgetting_twice_orders_once_and_who_received_nothing_is_told_nothing(agent, add_agent, endpoint, ada, now):
    add_agent(endpoint.url, "Never")
    sent(agent, ada.person, now)
    waits, request = errands.give(agent, ada.person, ["name"], now=now), uuid4()
    store = next(store for store in stores.stores() if store.name == "agents")
    assert store.forget(ada.person, request=request, now=now) == 2
    assert store.forget(ada.person, request=request, now=now) == 0 == store.count(ada.person)
    assert Errand.objects.filter(request=request).count() == 1 and not Errand.objects.filter(pk=waits).exists()


def test_an_erasure_beside_a_hand_over_orders_deletion_of_what_is_just_leaving(agent, ada, now):
    """Tried: without locking the errands first, the agent keeps what it was sent, and nobody tells it."""
    errand, request = Errand.objects.get(pk=errands.give(agent, ada.person, ["name"], now=now)), uuid4()

    def forget():
        errands.order_deletion(ada.person, request=request, now=now)
        connection.close()

    beside = threading.Thread(target=forget)
    with transaction.atomic():
        assert errands_delivering.let_go(errand, agents.find(agent), now)
        beside.start()
        beside.join(0.5)
    beside.join()
    assert Errand.objects.filter(request=request, agent=agent).exists()


def test_an_errand_that_was_forgotten_since_it_was_read_does_not_leave(agent, ada, now):
    errand = Errand.objects.get(pk=errands.give(agent, ada.person, ["name"], now=now))
    errands.order_deletion(ada.person, request=uuid4(), now=now)
    assert errands_delivering.let_go(errand, agents.find(agent), now) is None
    assert not Egress.objects.exists()


def test_nothing_leaves_about_somebody_whose_erasure_has_begun(agent, endpoint, ada, now):
    number = errands.give(agent, ada.person, ["name"], now=now)
    erasure.begin(ada.person, now=now)
    assert carry(number, now) is State.REFUSED
    assert not endpoint.raw and not Egress.objects.exists()


def test_an_errand_whose_person_is_erased_while_the_endpoint_answers_ends_quietly(agent, endpoint, ada, now, erased):
    number = errands.give(agent, ada.person, ["name"], now=now)
    endpoint.answer = lambda handler: (erased(ada.person), connection.close(), says(200)(handler))
    carry(number, now)
    assert Errand.objects.get(agent=agent).kind == Kind.DELETION


def test_an_erased_person_has_no_errands(agent, ada, now, erased):
    person = ada.person
    erased(person)
    with pytest.raises(Erased):
        errands.give(agent, person, ["name"], now=now)


def test_the_export_says_who_received_what(agent, endpoint, ada, now):
    sent(agent, ada.person, now)
    [listed] = next(store for store in stores.stores() if store.name == "agents").export(ada.person, now=now)
    [row] = listed.rows
    assert (row["to"], row["fields"], row["state"]) == ("Parcel & Post", "email, name", "delivered")


@pytest.mark.parametrize(
    "url", ["http://parcel.example/hook", "ftp://parcel.example", "https://", "https://a:b@parcel.example", "http://127.0.0.1.example/x", "file:///etc/passwd",
     "https://parcel.example:99999/x", "https://[::1", "https://:b@parcel.example/"],
)  # fmt: skip
def test_an_endpoint_that_would_carry_data_in_clear_is_refused(add_agent, url):
    with pytest.raises(BadInput, match="https"):
        add_agent(url)


@pytest.fixture
def erased(now):
    """Erase a person as far as it goes without the log; return the request."""

    def erase(person):
        asked = erasing.ask(person, by=THE_PERSON, now=now)
        erasing.push(asked.pk, now=now)
        return asked.pk

    return erase


@drawn(st.lists(st.sampled_from(State), max_size=6))
def test_only_moves_of_the_table_are_made_and_each_open_state_reaches_an_end(wishes):
    state = State.WAITING
    for wish in wishes:
        if may(state, wish):
            state = wish
    ends, edge = set(), {state}
    while edge:
        ends |= edge
        edge = {to for one in edge for to in MOVES[one]} - ends
    assert State.WITHDRAWN in ends or not MOVES[state]
    assert set(MOVES) == set(State) == set(MEANING)


def test_the_database_refuses_an_order_that_names_a_person(agent, ada, now):
    with pytest.raises(IntegrityError), transaction.atomic():
        Errand.objects.create(
            id=uuid4(), agent=agent, kind=Kind.DELETION, person=ada.person, request=uuid4(), fields=[], queued_at=now
        )


def test_egress_is_the_only_way(agent, ada, now, monkeypatch):
    """An errand whose bytes the gate has not let go does not go."""
    monkeypatch.setattr(egress, "leave", lambda *_, **__: (_ for _ in ()).throw(NoGrant("no")))
    number = errands.give(agent, ada.person, ["name"], now=now)
    assert carry(number, now) is State.REFUSED
