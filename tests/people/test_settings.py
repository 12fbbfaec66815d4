"""Corrections: what changes at once, what waits for a code, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from avow.communications import queries as messages
from avow.errors import BadInput, NotFound
from avow.people import new_address, ports, queries, settings_change
from avow.people.letter_limits import TooManyCodes
from avow.people.models import PendingAddress
from avow.people.settings_change import Outcome
from avow.vault import attesting

NEW = "ada@example.org"


def now():
    return datetime.now(UTC)


def value(person, field):
    return next(shown.value for shown in queries.profile(person, now()) if shown.field.name == field)


def change(person, field, typed):
    return settings_change.change(person, field, typed, now=now())


def test_the_profile_says_value_source_and_version_of_every_declared_field(ada, policy):
    shown = {one.field.name: one for one in queries.profile(ada.person, now())}
    assert {name: one.value for name, one in shown.items()} == {
        "email": "ada@example.com", "name": "Ada Lovelace", "phone": "+442079460958",
    }  # fmt: skip
    assert {one.source for one in shown.values()} == {"sign-up"}
    assert {one.version for one in shown.values()} == {policy.sha256}
    assert shown["email"].field.required and shown["email"].field.reason


def test_an_optional_field_can_be_emptied_and_then_there_is_none(ada):
    assert change(ada.person, "phone", "") is Outcome.CHANGED
    assert value(ada.person, "phone") is None
    assert change(ada.person, "phone", " ") is Outcome.UNCHANGED


def test_writing_what_is_there_already_changes_nothing(ada):
    assert change(ada.person, "phone", "+44 (20) 7946-0958") is Outcome.UNCHANGED
    assert len(queries.history(ada.person, "phone", now())) == 1


@pytest.mark.parametrize(
    ("field", "typed"), [("phone", "020 7946"), ("email", "not an address"), ("email", ""), ("name", "a" * 10_000)]
)
def test_what_cannot_be_is_refused_and_nothing_changes(ada, field, typed):
    before = [(one.field.name, one.value) for one in queries.profile(ada.person, now())]
    with pytest.raises(BadInput) as refusal:
        change(ada.person, field, typed)
    assert [(one.field.name, one.value) for one in queries.profile(ada.person, now())] == before
    assert not typed or typed not in str(refusal.value)


@pytest.mark.parametrize("field", ["password", "desk_since", "desk_role", "is_active", ""])
def test_no_other_field_can_be_changed(ada, field):
    with pytest.raises(NotFound):
        change(ada.person, field, "x")


def test_a_new_address_replaces_the_old_one_only_after_its_code(ada):
    person = ada.person
    assert change(person, "email", "Ada@Example.org") is Outcome.CODE_SENT
    assert new_address.is_waiting(person, now=now())
    assert value(person, "email") == "ada@example.com"
    assert queries.person_at(NEW) is None
    new_address.confirm(person, ada.newest_code(NEW), now=now())
    assert value(person, "email") == NEW
    assert queries.person_at(NEW) == person
    assert queries.person_at("ada@example.com") is None
    assert "was changed" in ada.box("ada@example.com")[0].subject
    ada.sign_out()
    ada.sign_in(NEW)
    assert ada.is_signed_in


def test_an_exchange_that_fails_at_its_end_leaves_the_old_address_in_use(ada, monkeypatch):
    """It bites: a token removed before the exchange commits locks the person out for good."""
    person = ada.person
    change(person, "email", NEW)
    code = ada.newest_code(NEW)

    class Broken:
        def send_notice(self, *_, **__):
            raise RuntimeError("killed here")

    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(ports, "_filled", [Broken()])
        new_address.confirm(person, code, now=now())
    assert (queries.person_at("ada@example.com"), queries.person_at(NEW)) == (person, None)
    ada.sign_out()
    ada.sign_in()
    assert ada.is_signed_in
    new_address.confirm(person, code, now=now())
    assert queries.person_at(NEW) == person


def test_three_wrong_codes_end_the_attempt(ada):
    person = ada.person
    change(person, "email", NEW)
    for _ in range(3):
        with pytest.raises(BadInput):
            new_address.confirm(person, "000000", now=now())
    with pytest.raises(NotFound):
        new_address.confirm(person, ada.newest_code(NEW), now=now())
    assert value(person, "email") == "ada@example.com"


def test_a_code_lasts_ten_minutes(ada):
    person = ada.person
    change(person, "email", NEW)
    with pytest.raises(NotFound):
        new_address.confirm(person, ada.newest_code(NEW), now=now() + timedelta(minutes=11))
    assert not new_address.is_waiting(person, now=now() + timedelta(minutes=11))


def test_an_address_of_somebody_else_looks_the_same_and_never_gets_its_code(ada, somebody):
    bob = somebody("bob@example.com").join()
    assert change(bob.person, "email", "ada@example.com") is Outcome.CODE_SENT
    assert new_address.is_waiting(bob.person, now=now())
    assert "already have an account" in bob.box("ada@example.com")[0].subject
    assert not any("new address" in mail.text for mail in bob.box("ada@example.com"))


def test_ones_own_log_and_messages_do_not_tell_whether_an_address_is_registered(ada, somebody):
    """It bites: a code sent as to the requester leaves a message.sent among their acts, a notice to the owner none."""
    somebody("bob@example.com").join()

    def kept():
        return [one.act for one in attesting.acts_of(ada.person)], messages.written_to(ada.person, now())

    before = kept()
    change(ada.person, "email", "nobody@example.net")
    unregistered = kept()
    change(ada.person, "email", "bob@example.com")
    assert kept() == unregistered == before
    assert len(ada.box("nobody@example.net")) == 1


def test_nobody_floods_a_mailbox_by_changing_to_it(ada, somebody):
    """It bites: without the limits sixty tries send sixty mails; without the one by address, a second account goes on."""
    for _ in range(60):
        answer = ada.post("/data/email", value="victim@example.net")
    assert answer.status_code == 429
    assert "wait ten minutes" in answer.content.decode()
    assert len(ada.box("victim@example.net")) == 3
    bob = somebody("bob@example.com").join()
    assert bob.post("/data/email", value="Victim@Example.NET").status_code == 429
    assert len(ada.box("victim@example.net")) == 3


def test_allauths_own_page_tells_as_little_and_floods_nobody(ada, somebody):
    """It bites: with the requester as its person, the code leaves a message.sent; with allauth's limit ten go out a minute."""
    somebody("bob@example.com").join()
    before = [one.act for one in attesting.acts_of(ada.person)]
    for address in ("bob@example.com", "victim@example.net"):
        ada.post("/accounts/email/", email=address, action_add="")
        assert [one.act for one in attesting.acts_of(ada.person)] == before
    assert len(ada.box("victim@example.net")) == 1
    answers = [ada.post("/accounts/email/", email=f"v{n}@example.net", action_add="").status_code for n in range(5)]
    assert answers[3:] == [429, 429]


def test_nobody_writes_to_all_the_world_by_changing_ones_address(ada):
    for n in range(5):
        change(ada.person, "email", f"stranger{n}@example.net")
    with pytest.raises(TooManyCodes):
        change(ada.person, "email", "stranger5@example.net")
    assert ada.box("stranger5@example.net") == []


def test_the_waiting_address_lies_sealed(ada):
    change(ada.person, "email", NEW)
    assert b"example" not in bytes(PendingAddress.objects.get().sealed)


def test_history_is_the_newest_first(ada):
    change(ada.person, "name", "Ada King")
    assert [(past.value, past.source) for past in queries.history(ada.person, "name", now())] == [
        ("Ada King", "settings"), ("Ada Lovelace", "sign-up"),
    ]  # fmt: skip
