"""People receive all that is held about them, and can have it erased; both are proved to who asks.

Every test says in its docstring what was broken to see it fail.
"""

import io
import zipfile
from datetime import timedelta

import pytest

from avow.evidence import verifier
from avow.people.models import Account
from avow.policy.promises import Promise
from avow.requests import certificates, checks, erasing, exporting, gathering, rehearsal, saga
from avow.requests.models import Request
from avow.vault import catalogue, erasure, stores
from avow.vault.actor import THE_PERSON

pytestmark = [pytest.mark.proves(Promise.ACCESS_AND_ERASE)]
RECEIVES, LATE = "a-person-receives-and-can-erase-everything", "no-request-is-late"


def read(export):
    with zipfile.ZipFile(io.BytesIO(export.content)) as packed:
        return b"".join(packed.read(name) for name in packed.namelist())


def test_a_person_receives_what_was_given_and_the_proof(someone, take_up, log_key, now):
    """It bites: an empty `catalogue.fields()` in gathering, or a manifest over other files, fails it."""
    export = exporting.export(someone(), now=now, sleep=lambda _: take_up(now))
    for value in (b"Ada Lovelace", b"ada@example.com", b"+442079460958"):
        assert value in read(export)
    assert verifier.verify(export.content, log_key.vkey)["kind"] == "export"


def test_after_an_erasure_no_store_holds_anything_and_the_certificate_verifies(someone, complete, log_key, now):
    """It bites: without `store.forget` in the saga the count fails; without the puncture the certificate does."""
    person = someone()
    assert sum(store.count(person) for store in stores.stores()) > 3
    done = complete(erasing.ask(person, by=THE_PERSON, now=now).pk)
    assert sum(store.count(person) for store in stores.stores()) == 0
    assert verifier.verify(certificates.read(done.number).statement, log_key.vkey)["erased"]["opened"]


def test_nothing_of_the_person_is_left_in_either_database(someone, complete, superuser, now):
    """The search finds the person before, and nothing after. It bites: keeping `person` on the request fails it."""
    person = someone(address="marker-7f3@example.com", name="Marker Seven")
    asked = erasing.ask(person, by=THE_PERSON, now=now)
    assert found(superuser, str(person)) > 3
    complete(asked.pk)
    left = found(superuser, str(person))
    assert left == 1, "vault_person keeps the random number alone, so that an opening can answer: erased"
    for clear in ("marker-7f3", "Marker Seven"):
        assert found(superuser, clear) == 0


def found(superuser, text):
    hits = 0
    for database in ("avow", "avow_keys"):
        with superuser(database) as admin:
            names = [
                name
                for (name,) in admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            ]
            for name in names:
                hits += sum(text in str(row) for row in admin.execute(f'SELECT t::text FROM "{name}" t').fetchall())
    return hits


@pytest.mark.parametrize(
    "where", ["a field is left out", "a store is left out", "the key stays", "a store keeps its rows"]
)
def test_the_live_check_is_shown_to_fail(optimibi, shown_to_fail, monkeypatch, where):
    """Each mechanism is broken in turn, and the check must see it."""
    broken = {
        "a field is left out": (gathering.catalogue, "fields", lambda plain: lambda: plain()[1:]),
        "a store is left out": (gathering.planning, "in_order", lambda plain: lambda: plain()[1:]),
        "the key stays": (saga.erasure, "erase", lambda _: lambda *_, **__: None),
        "a store keeps its rows": (type(stores._STORES["account"]), "forget", lambda _: lambda *_, **__: 0),
    }
    thing, name, how = broken[where]
    monkeypatch.setattr(checks.rehearsal, "BETWEEN", 0)
    with shown_to_fail(
        RECEIVES, how="an export leaves out a field or a store; an erasure leaves the key or a store's rows"
    ) as trial:
        trial.holds()
        with monkeypatch.context() as while_broken:
            if where == "a field is left out":  # the rehearsal itself must go on planting every field
                whole = catalogue.fields()
                while_broken.setattr(
                    gathering, "catalogue", type("Shorter", (), {"fields": staticmethod(lambda: whole[1:])})
                )
            else:
                while_broken.setattr(thing, name, how(getattr(thing, name)))
            trial.fails()
        trial.holds()


@pytest.mark.parametrize("where", ["planting", "exporting"])
def test_a_rehearsal_that_breaks_leaves_no_canary(optimibi, monkeypatch, now, where):
    """It bites: without the `finally` each break leaves one account for ever."""
    broken = {"planting": (rehearsal.sealing, "put"), "exporting": (rehearsal.exporting, "export")}
    monkeypatch.setattr(rehearsal, "BETWEEN", 0)
    with monkeypatch.context() as while_broken:
        while_broken.setattr(*broken[where], lambda *_, **__: 1 / 0)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                checks.a_person_receives_and_can_erase_everything(now)
    assert not Account.objects.filter(canary=True).exists()
    assert checks.a_person_receives_and_can_erase_everything(now) is None


def test_lateness_is_shown_to_fail(someone, complete, shown_to_fail, now):
    """An open request past its day, and one that stands still halfway, are both seen; answering them mends it."""
    with shown_to_fail(LATE, how="a request is left open past its day; an erasure is left standing halfway") as trial:
        trial.holds()
        asked = erasing.ask(someone(), by=THE_PERSON, now=trial.now() - timedelta(days=31))
        assert "policy promises" in trial.fails()
        complete(asked.pk)
        trial.holds()
        halfway = erasing.ask(someone(), by=THE_PERSON, now=trial.now() - timedelta(hours=2))
        saga.begin(Request.objects.get(pk=halfway.pk), now=halfway.asked_at)
        assert "certificate" in trial.fails()
        complete(halfway.pk)
        trial.holds()


def test_a_policy_that_promises_a_shorter_time_is_kept_to_it(someone, now):
    """The clock comes from the clause: thirty days in Optimibi's policy, and no setting of ours."""
    asked = erasing.ask(someone(), by=THE_PERSON, now=now)
    assert asked.due_at - asked.asked_at == timedelta(days=30)


def test_an_erasure_that_has_begun_cannot_be_undone_by_a_failing_puncture(someone, monkeypatch, complete, now):
    """It bites: moving to `erased` before the puncture fails it."""
    person = someone()
    asked = erasing.ask(person, by=THE_PERSON, now=now)
    with monkeypatch.context() as broken, pytest.raises(OSError, match="full"):
        broken.setattr(erasure, "_puncture", lambda *_: (_ for _ in ()).throw(OSError("full")))
        erasing.push(asked.pk, now=now)
    assert Request.objects.get(pk=asked.pk).state == "erasing"
    assert complete(asked.pk).complete
