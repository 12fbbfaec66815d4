"""An export holds everything, says why, verifies, and leaves nothing behind.

Tried: leaving one field out of `gathering`, or one store, fails the completeness tests; a store that keeps a row
back is seen by `test_a_store_that_withholds_a_row_is_seen`; keeping the zip anywhere fails `..._leaves_nothing`.
"""

import io
import json
import threading
import zipfile
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connections, transaction

from avow.errors import Erased, NotFound
from avow.evidence import finding, verifier
from avow.evidence.acts import Act
from avow.policy.purposes import Purpose
from avow.requests import erasing, exporting, gathering, saga, writing
from avow.requests.gathering import HASHED
from avow.requests.models import Request
from avow.requests.states import State
from avow.vault import attesting, catalogue, choices, sealing, stores
from avow.vault.actor import THE_PERSON


@pytest.fixture
def exported(take_up):
    """Export, with the log taking entries up while the export waits for it."""

    def export(person, now, **given):
        return exporting.export(person, now=now, sleep=lambda _: take_up(now), **given)

    return export


def members(export):
    with zipfile.ZipFile(io.BytesIO(export.content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_every_declared_field_and_every_store_is_in_it(someone, exported, now):
    person = someone()
    planted = {
        field.name: f"planted {field.name} {n}"
        for n, field in enumerate(catalogue.fields())
        if field.category not in HASHED
    }
    for name, value in planted.items():
        sealing.put(person, name, f"older {value}", source="a test", now=now)
        sealing.put(person, name, value, source="a test", now=now)
    choices.object_to(person, Purpose.ANALYSIS, now=now)
    inside = members(exported(person, now))
    page, fields, why = (
        inside["index.html"].decode(),
        json.loads(inside["data/fields.json"]),
        json.loads(inside["why.json"])["fields"],
    )
    assert planted and {field["field"] for field in fields} == set(why) == {field.name for field in catalogue.fields()}
    for field in fields:
        if field["field"] in planted:
            assert field["now"]["value"] == planted[field["field"]] and field["now"]["value"] in page
            assert f"older {planted[field['field']]}" in [past["value"] for past in field["earlier"]]
            assert f"older {planted[field['field']]}" in page
        else:
            assert field["instead"] and field["instead"] in page
    told = {store["store"]: store for store in json.loads(inside["data/stores.json"])}
    assert set(told) == {store.name for store in stores.stores()}
    assert all(store["given"] >= store["counted"] and set(store["files"]) <= set(inside) for store in told.values())
    assert told["vault"]["counted"] > len(planted) and "analysis" in inside["data/vault-choices.json"].decode()


def test_a_store_that_withholds_a_row_is_seen(someone, exported, monkeypatch, now):
    person = someone()
    honest = exported(person, now)
    assert "counted here and not listed" not in members(honest)["index.html"].decode()
    vault = stores._STORES["vault"]
    monkeypatch.setattr(
        type(vault), "export", lambda self, person, *, now: [stores.Exported("vault-fields", "Fields", ())]
    )
    inside = members(exported(person, now))
    assert "counted here and not listed" in inside["index.html"].decode()
    [vault] = [store for store in json.loads(inside["data/stores.json"]) if store["store"] == "vault"]
    assert vault["given"] < vault["counted"]


def test_every_use_names_the_sentence_that_allows_it(optimibi, someone, exported, now):
    inside = members(exported(someone(), now))
    published = {sentence.id: sentence.text for sentence in optimibi.bound.document}
    for field in json.loads(inside["why.json"])["fields"].values():
        assert field["until"] and field["category"] and isinstance(field["recipients"], list)
        for use in field["uses"]:
            assert use["standing"] == "not allowed" or published[use["clause"]] == use["says"]
    assert json.loads(inside["why.json"])["fields"]["name"]["uses"][0]["clause"] in published
    assert inside["policy.md"] == optimibi.raw


def test_it_verifies_and_any_change_is_refused(someone, exported, log_key, now):
    export = exported(someone(), now)
    found = verifier.verify(export.content, log_key.vkey)
    assert found["kind"] == "export" and found["body"]["number"] == export.number and not export.pending
    for at in range(0, len(export.content), max(1, len(export.content) // 200)):
        changed = export.content[:at] + bytes([export.content[at] ^ 1]) + export.content[at + 1 :]
        with pytest.raises((verifier.Refused, verifier.Unreadable)):
            verifier.verify(changed, log_key.vkey)


def test_the_log_says_that_it_was_made_and_only_the_person_can_tell_for_whom(someone, exported, take_up, now):
    person = someone()
    exported(person, now)
    take_up()
    lines = json.loads(members(exported(person, now))["data/log.json"])
    made = next(line for line in lines if line["act"] == "export.made")
    assert made["number"] is not None and set(made["opening"]) == {"nonce", "log_key"}
    opened = attesting.subject(bytes.fromhex(made["opening"]["log_key"]), bytes.fromhex(made["opening"]["nonce"]))
    assert finding.find([UUID(made["entry"])])[UUID(made["entry"])].entry.subject == opened


def test_a_slow_log_does_not_hold_up_the_data(someone, now):
    waited = []
    export = exporting.export(someone(), now=now, sleep=waited.append)
    inside = members(export)
    assert export.pending and "MANIFEST" not in inside and export.number in inside["PENDING.txt"].decode()
    assert len(inside["SALT"]) == 64
    assert sum(waited) <= exporting.PATIENCE + 1 and b"Ada Lovelace" in inside["index.html"]


def test_the_request_is_answered_and_leaves_nothing(someone, exported, now):
    person = someone()
    export = exported(person, now)
    row = Request.objects.get(number=export.number)
    assert (row.kind, row.state, row.person, row.sealed) == ("access", State.COMPLETE, None, None)
    assert row.statement and row.moved_at == now
    again = exported(person, now + timedelta(minutes=1))
    assert again.number != export.number and Request.objects.count() == 2


def test_of_two_exports_at_once_each_answers_a_request_of_its_own(someone, take_up, monkeypatch, log_key, now):
    """It bites: moving the request without looking refuses the second, although it exercises a right."""
    person, gather, made = someone(), gathering.gather, []

    def meanwhile(*given, **named):
        copy = gather(*given, **named)
        if not made:
            made.append(None)  # once
            made[0] = exporting.export(person, now=now, sleep=lambda _: take_up(now))
        return copy

    monkeypatch.setattr(gathering, "gather", meanwhile)
    made.append(exporting.export(person, now=now, sleep=lambda _: take_up(now)))
    assert len({each.number for each in made}) == 2
    for each in made:
        assert verifier.verify(each.content, log_key.vkey)["body"]["number"] == each.number
        assert each.number in members(each)["index.html"].decode()
    assert set(Request.objects.values_list("number", "state")) == {(each.number, State.COMPLETE) for each in made}


def test_exports_in_threads_are_all_answered(someone, now):
    person, start, made, broken = someone(), threading.Barrier(3), [], []

    def run():
        start.wait()
        try:
            made.append(exporting.export(person, now=now, patience=0).number)
        except Exception as fault:
            broken.append(fault)
        connections.close_all()

    running = [threading.Thread(target=run) for _ in range(3)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert not broken and len(set(made)) == 3
    assert set(Request.objects.values_list("state", flat=True)) == {State.COMPLETE}


def test_an_act_that_was_rolled_back_is_not_in_the_copy(someone, exported, take_up, now):
    """Its row in the person's index stays, since two databases do not commit together. It bites: listing every row."""
    person = someone()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        gone = attesting.attest(person, Act.SIGNED_IN, now=now).entry_id
        _ = 1 / 0
    waits = attesting.attest(person, Act.SIGNED_IN, now=now).entry_id
    assert gone in {act.entry_id for act in attesting.acts_of(person)}
    waiting = {line.entry: line for line in gathering.gather(person, number="0", by=THE_PERSON, now=now).lines}
    assert gone not in waiting and waiting[waits].number is None
    take_up()
    lines = json.loads(members(exported(person, now))["data/log.json"])
    assert str(gone) not in {line["entry"] for line in lines}
    assert next(line for line in lines if line["entry"] == str(waits))["number"] is not None


def test_an_export_that_broke_stays_open_and_the_next_one_answers_it(someone, exported, monkeypatch, now):
    person = someone()
    vault = stores._STORES["vault"]
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr(type(vault), "export", lambda self, person, *, now: 1 / 0)
        exported(person, now)
    assert Request.objects.get().state == State.ASKED
    assert exported(person, now).number == Request.objects.get().number


def test_nobody_who_is_being_erased_or_was_or_is_unknown_is_exported(someone, exported, complete, now):
    person = someone()
    asked = erasing.ask(person, by=THE_PERSON, now=now)
    exported(person, now)  # asking destroys nothing yet
    saga.begin(asked, now=now)  # and freezing does not either: the key is still there
    with pytest.raises(Erased):
        exported(person, now)
    complete(asked.pk)
    with pytest.raises(Erased):
        exported(person, now)
    with pytest.raises(NotFound):
        exported(uuid4(), now)


def test_an_erasure_that_begins_during_an_export_cancels_it(someone, exported, monkeypatch, now):
    person = someone()
    asked = erasing.ask(person, by=THE_PERSON, now=now)
    files = writing.files

    def slowly(copy):
        saga.begin(asked, now=now)
        return files(copy)

    monkeypatch.setattr(writing, "files", slowly)
    with pytest.raises(Erased):
        exported(person, now)
    erasing.push(asked.pk, now=now)
    assert set(Request.objects.filter(kind="access").values_list("state", flat=True)) == {State.WITHDRAWN}


@pytest.mark.parametrize("value", ["<script>alert(1)</script>", "=1+1", "\u202egpj", "x" * 100_000, "Zoë\n漢字"])
def test_hostile_values_survive_the_whole_way(someone, exported, value, now):
    inside = members(exported(someone(name=value), now))
    [name] = [field for field in json.loads(inside["data/fields.json"]) if field["field"] == "name"]
    assert name["now"]["value"] == value
    assert b"<script>alert" not in inside["index.html"]


def test_another_person_is_not_in_it(someone, exported, now):
    someone("bob@example.com", name="Bob Marker")
    packed = exported(someone(), now).content
    assert b"Bob Marker" not in packed and b"bob@example.com" not in packed
    assert b"Ada Lovelace" in packed


def test_what_the_person_refused_and_what_the_policy_does_not_allow_is_said(
    optimibi, someone, exported, monkeypatch, now
):
    person = someone()
    choices.object_to(person, Purpose.PERSONALISATION, now=now)
    name = catalogue.field("name")
    wider = replace(name, purposes=name.purposes | {Purpose.LEGAL, Purpose.AGENT_DELIVERY})
    monkeypatch.setitem(catalogue.FIELDS, "name", wider)
    inside = members(exported(person, now))
    uses = {use["purpose"]: use["standing"] for use in json.loads(inside["why.json"])["fields"]["name"]["uses"]}
    assert uses["account"] == "used" and uses["personalisation"] == "refused"
    for purpose in ("legal", "agent-delivery"):
        assert uses[purpose] == ("used" if Purpose(purpose) in optimibi.bound.purposes else "not allowed")
    assert "you said no." in inside["index.html"].decode()


def test_the_page_keeps_its_own_style(someone, exported, now):
    page = members(exported(someone(), now))["index.html"].decode()
    assert "font: 1.0625rem/1.55 var(--sans)" in page and "&quot;" not in page.split("</style>")[0]
