"""
People whose key is nowhere are let go of, whatever every room keeps of them, and nothing waits for their keys for ever.

Tried: a `_let_go` that writes no punctures stops at a confirmed address; `order_deletion` without its except stops at an
agent; without `holds_rekeying` the erasure of whom a hold is about never ends; without `requests.rekeying` no erasure
whose own key was lost ends; without `stand_in` the live checks fail for ever; a case store that looks for `person` alone
leaves a case that nobody can write in.
"""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress

from avow.communications import mailbox
from avow.communications.models import Incoming
from avow.errors import OutOfStep
from avow.evidence import finding
from avow.people import canary
from avow.policy.promises import Promise
from avow.requests import erasing, saga, taking_up
from avow.requests.case_models import Case, CaseMessage
from avow.requests.models import Request
from avow.requests.states import State
from avow.sharing import errands, errands_delivering
from avow.sharing.errands_models import Errand
from avow.vault import checks, fence, fitting, holds, persons, restoring
from avow.vault.actor import THE_PERSON
from avow.vault.keys import backups, rolling
from avow.vault.keys.models import Puncture
from avow.vault.models import HeldField, Hold, Person
from tests.requests.asking import make_someone
from tests.vault.ages import Copy
from tests.vault.holding import ONE, erase, hold_on, opened, release
from tests.vault.test_fence import silent, take_up

pytestmark = [pytest.mark.proves(Promise.DE_IDENTIFY)]
LETTER = "From: eve@elsewhere.example\nTo: info@optimibi.com\nMessage-ID: <{n}@elsewhere.example>\nSubject: Hello{re}\n\nWhat do you keep?\n"


def write(number, now, about=""):
    raw = LETTER.format(n=number, re=about).encode()
    return mailbox.leave(raw, now=now).pk


def ask_for_erasure(person, now):
    row = erasing.ask(person, by=THE_PERSON, now=now)
    return Request.objects.get(pk=row.pk)


def lose_all_covers(superuser):
    with superuser("avow_keys") as dba:
        dba.execute("DELETE FROM vault_keys_personslot")
        dba.execute("DELETE FROM vault_keys_bucket")


@pytest.fixture
def lost(keys, ada, agent, now, superuser):
    """Everybody's covers are gone, and so is every backup: of ada, of eve's letters, of holds, of what was under way."""
    errands_delivering.deliver(errands.give(agent, ada.person, ["email"], now=now), now=now)
    bob, carl, dora = (make_someone(f"{name}@example.com", password=None, now=now) for name in ("bob", "carl", "dora"))
    hold = hold_on(ada.person, now, names=("email",))
    kept = hold_on(carl, now, names=("name",))
    erase(carl, now)
    begun, asked = ask_for_erasure(bob, now), ask_for_erasure(dora, now)
    saga.begin(begun, now=now)
    [case] = taking_up.take(write(1, now), now=now)
    waiting = write(2, now)
    canary.account(now)
    assert checks.undeclared_purpose_is_refused(now) is None
    take_up(now)
    before = Copy("avow_keys")
    for path in backups.every():
        path.unlink()
    lose_all_covers(superuser)
    return SimpleNamespace(
        ada=ada.person, bob=bob, carl=carl, dora=dora, hold=hold, kept=kept, begun=begun, asked=asked, case=case,
        waiting=waiting, before=before, now=now + timedelta(minutes=1),
    )  # fmt: skip


def let_go(lost, say=silent):
    restoring.restore(now=lost.now, say=say, without_keys=True)
    fence.require(now=lost.now)


def test_everybody_is_forgotten_and_the_service_starts(lost):
    with pytest.raises(OutOfStep, match="avow restore --without-keys"):
        restoring.restore(now=lost.now, say=silent)
    let_go(lost)
    assert not Person.objects.filter(person__in=[lost.ada, lost.bob, lost.dora], erased_at=None).exists()
    assert not EmailAddress.objects.filter(user__person__in=[lost.ada, lost.bob, lost.dora]).exists()
    assert not Errand.objects.exists(), "and nobody can say any more under which name the agent knows them"
    make_someone("ada@example.com", password=None, now=lost.now)  # the address is free
    assert rolling.roll(now=lost.now, at_once=True).epoch
    assert fitting.compare(now=lost.now) == []


def test_killed_between_any_two_steps_it_goes_on(lost, monkeypatch):
    for place, name in [(restoring, "_forget_again"), (restoring.erasure, "finish"), (restoring, "_log_again")]:
        with monkeypatch.context() as patch:

            def killed(*_, **__):
                raise KeyboardInterrupt

            patch.setattr(place, name, killed)
            with pytest.raises(KeyboardInterrupt):
                restoring.restore(now=lost.now, say=silent, without_keys=True)
        assert fitting.compare(now=lost.now), f"killed at {name}, a start is refused"
    restoring.restore(now=lost.now, say=silent)  # they are let go of already: the word need not be said again
    fence.require(now=lost.now)
    everybody = Person.objects.filter(erased_at__isnull=False).count()
    assert everybody == Puncture.objects.count()
    assert len(finding.find(list(Puncture.objects.values_list("entry_id", flat=True)))) == everybody


def test_an_erasure_that_was_under_way_comes_to_its_end(lost):
    let_go(lost)
    for request in (lost.begun, lost.asked):
        for _ in range(20):
            done = erasing.push(request.pk, now=lost.now)
            take_up(lost.now)
        assert done.state is State.COMPLETE, done.waiting
    assert Request.objects.filter(statement__isnull=False, subject=None, person=None).count() == 2


def test_a_hold_stands_on_with_a_new_key_and_says_what_it_lost(lost):
    said = []
    let_go(lost, said.append)
    assert "2 legal holds have a new key; what they had kept is lost with the old one." in said
    assert not HeldField.objects.exists()
    assert not Hold.objects.filter(kept_at__isnull=False).exists()
    assert [one.pk for one in holds.keeping(apart_from=ONE, now=lost.now)] == []
    for hold in (lost.hold, lost.kept):
        assert persons.key_of(holds.find(hold).subject)
        release(hold, lost.now)


def test_a_hold_that_lost_its_key_does_not_hold_up_who_is_here(keys, ada, now, superuser):
    hold = hold_on(ada.person, now, names=("email",))
    with superuser("avow_keys") as dba:  # the hold's key alone: one that lies in another bucket than its person's
        subject = holds.find(hold).subject
        dba.execute("DELETE FROM vault_keys_personslot WHERE person = %s", [subject])
        dba.execute("SELECT setval('vault_slot', 3000)")
    Person.objects.filter(person=subject).update(slot=2999)
    restoring.restore(now=now, say=silent, without_keys=True)
    fence.require(now=now)
    erase(ada.person, now)
    assert opened(hold, now) == "ada@example.com"


def test_what_an_unknown_sender_wrote_ends_and_they_can_write_again(lost):
    let_go(lost)
    case = Case.objects.get(pk=lost.case.pk)
    assert (case.subject, case.sender, case.is_open) == (None, None, False)
    assert not CaseMessage.objects.exists()
    assert taking_up.take(lost.waiting, now=lost.now) == ()
    assert Incoming.objects.get(pk=lost.waiting).state == "filed"
    [fresh] = taking_up.take(write(3, lost.now, f" [{case.number}]"), now=lost.now)
    assert fresh.pk != case.pk
    assert mailbox.sweep(lost.now) == 0


def test_the_live_checks_have_somebody_to_try_again(lost):
    let_go(lost)
    assert checks.undeclared_purpose_is_refused(lost.now) is None
    canary.account(lost.now)
    assert persons.standing(canary.PERSON).erased_at is None


def test_a_backup_that_has_them_is_named_instead(lost, superuser):
    lost.before.put_back()
    path = backups.take(now=lost.now)
    lose_all_covers(superuser)
    found = fitting.compare(now=lost.now)
    assert f"avow restore keys {path}" in str(restoring.plan(found, without_keys=True))
    with pytest.raises(OutOfStep, match=f"Nobody was let go of.*{path}"):
        restoring.restore(now=lost.now, say=silent, without_keys=True)
    assert Person.objects.filter(person=lost.ada, erased_at=None).exists()
    path.unlink()
    assert "FORGETS people" in str(restoring.plan(fitting.compare(now=lost.now), without_keys=True))
