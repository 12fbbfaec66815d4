"""Many at once are opened exactly as one by one: the same gate, the same people left out, the same values.

Bites (each was tried): bulk that does not ask the gate, that asks it for one person and believes it of all, that forgets objections,
grants, freezes or erasures under way, that reads the first text for everybody, or that mixes up two people of one tree.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avow.errors import Erased, KeyringLost, NotFound, PurposeRefused
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import accepting, choices, erasure, opening, persons, reading, sealing, statements
from avow.vault.actor import SERVICE, THE_PERSON
from avow.vault.enrolment import enrol
from avow.vault.keys import epochs
from avow.vault.models import SealedField
from avow.vault.visibility import visible

pytestmark = [pytest.mark.proves(Promise.PURPOSE_LIMIT)]
FIELDS = ("nickname", "diary")
ACTS = ("grant", "grant that ended", "object", "object and mend", "freeze", "begin", "erase", "accept", "put", "remove")


def couple(now):
    """Two people, each with a value of every field."""
    people = [enrol(now=now) for _ in range(2)]
    for number, person in enumerate(people):
        for field in FIELDS:
            sealing.put(person, field, f"{field} of {number}", source="a test", now=now)
    return people


@pytest.fixture
def two_texts(house, publish, now):
    """What gives people who signed up under a first text a second one, which drops a use and adds one."""
    old, newer = now - timedelta(days=2), publish(
        Purpose.ACCOUNT, Purpose.ANALYSIS, Purpose.IMPROVEMENT, on=now - timedelta(days=1)
    )  # fmt: skip
    return old, newer


def do(step, newer, now):
    """One thing that happens to a person; who is gone or going is left alone."""
    act, person, field, purpose = step
    if persons.standing(person).erasing_since and act != "erase":
        return
    acts = {
        "grant": lambda: choices.grant(person, purpose, now=now),
        "grant that ended": lambda: choices.grant(
            person, purpose, now=now - timedelta(days=2), until=now - timedelta(days=1)
        ),
        "object": lambda: choices.object_to(person, purpose, now=now),
        "object and mend": lambda: (
            choices.object_to(person, purpose, now=now), choices.withdraw_objection(person, purpose, now=now)
        ),
        "freeze": lambda: choices.freeze(person, now=now),
        "begin": lambda: erasure.begin(person, now=now),
        "erase": lambda: (
            erasure.begin(person, now=now), erasure.erase(person, request=uuid4(), asked_by=THE_PERSON, now=now)
        ),
        "accept": lambda: accepting.accept(person, newer.sha256, now=now),
        "put": lambda: sealing.put(person, field, "a newer value", source="a test", now=now),
        "remove": lambda: sealing.remove(person, field, now=now),
    }  # fmt: skip
    if not persons.standing(person).erased_at:
        acts[act]()


def one_by_one(people, field, purpose, now):
    found = {}
    for person in people:
        try:
            value = opening.open_field(person, field, purpose, by=SERVICE, now=now)
        except (PurposeRefused, Erased, NotFound):
            continue
        if value is not None:
            found[person] = value
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_many_at_once_open_as_one_by_one(two_texts, now, data):
    """After any history of a few people; who signed up under the first text has or has not accepted the second."""
    old, newer = two_texts
    people = [*couple(old), *couple(now)]
    steps = st.tuples(
        st.sampled_from(ACTS), st.sampled_from(people), st.sampled_from(FIELDS), st.sampled_from(sorted(Purpose))
    )
    for step in data.draw(st.lists(steps, min_size=2, max_size=8)):
        do(step, newer, now)
    asked = [*data.draw(st.permutations(people)), uuid4()]
    at_once = data.draw(st.sampled_from((1, 3, 100)))
    for field in FIELDS:
        for purpose in data.draw(st.sets(st.sampled_from(sorted(Purpose)), min_size=3, max_size=3)):
            bulk = opening.open_each(asked, field, purpose, now=now, at_once=at_once)
            assert bulk == one_by_one(asked, field, purpose, now), (field, purpose)


def test_each_gets_their_own_value_over_several_trees(house, now):
    people = [enrol(now=now) for _ in range(3)]
    with connections[epochs.KEYS].cursor() as cursor:
        cursor.execute("SELECT setval('vault_slot', 300)")
    people += [enrol(now=now) for _ in range(3)]
    for number, person in enumerate(people):
        sealing.put(person, "nickname", f"Person {number}", source="a test", now=now)
    wanted = {person: f"Person {number}" for number, person in enumerate(people)}
    assert opening.open_each(people, "nickname", Purpose.ACCOUNT, now=now) == wanted
    assert persons.keys_of(people) == {person: persons.key_of(person) for person in people}
    assert opening.open_each([], "nickname", Purpose.ACCOUNT, now=now) == {}


def test_the_choices_of_many_are_those_of_each(house, now):
    people = [enrol(now=now) for _ in range(4)]
    choices.grant(people[0], Purpose.IMPROVEMENT, now=now)
    choices.object_to(people[0], Purpose.ANALYSIS, now=now)
    choices.freeze(people[1], now=now)
    erasure.begin(people[2], now=now)
    many = choices.of_many([*people, uuid4()], now=now)
    assert many == {person: choices.of(person, now=now) for person in people}
    assert (many[people[0]].granted, many[people[0]].objected) == ({Purpose.IMPROVEMENT}, {Purpose.ANALYSIS})
    assert [many[person].frozen for person in people] == [False, True, True, False]
    assert len({said.governed for said in many.values()}) == 1 and many[people[3]].governed


def test_reading_shows_one_person_and_forgets_it_again(house, now):
    """It bites: without the last line of vault_shown, its person stays visible to the rest of the transaction."""
    one, other = enrol(now=now), enrol(now=now)
    for person in (one, other):
        sealing.put(person, "nickname", "Ada", source="a test", now=now)
    with transaction.atomic():
        assert [row.person for row in reading.current(one, ["nickname"])] == [one.bytes]
        assert SealedField.objects.count() == 0
        with visible(other):
            assert [row.person for row in reading.current(one, ["nickname"])] == [one.bytes]
            assert [row.person for row in SealedField.objects.all()] == [other]
            assert {row[0] for row in reading.current_of_many([one, other], "nickname")} == {one.bytes, other.bytes}
            assert [row.person for row in SealedField.objects.all()] == [other]
    assert reading.current(one, ["email"]) == reading.current(uuid4(), ["nickname"]) == []


def test_a_roll_beside_a_look_up_is_not_noticed(person, now, monkeypatch):
    """It bites: without the second look, both ways raise KeyringLost; a key that is lost for good still does."""
    whole, asked = epochs.keyring(), []

    class Late:
        """The epoch's key is gone at the first look, as it is when a roll destroys it between row and keyring."""

        def load(self, epoch):
            asked.append(epoch)
            if len(asked) == 1:
                raise KeyringLost("The keyring has no key for that epoch.")
            return whole.load(epoch)

    monkeypatch.setattr(epochs, "keyring", Late)
    assert persons.key_of(person)
    asked.clear()
    assert set(persons.keys_of([person])) == {person}
    monkeypatch.setattr(Late, "load", lambda *_: (_ for _ in ()).throw(KeyringLost("gone")))
    with pytest.raises(KeyringLost):
        persons.key_of(person)


def test_people_go_to_the_database_and_come_back(db):
    people = [uuid4() for _ in range(3)]
    for some in (people, people[:1], []):
        whom = statements.Whom.of(person.bytes for person in some)
        (((back,),),) = (statements.rows(statements.AVOW, "SELECT %s::uuid[]", [whom]),)
        assert back == some
        assert list(statements.each(whom)) == [person.bytes for person in some]


@pytest.fixture
def waits(monkeypatch):
    """How often this process waits for a database, on either way to one."""
    counted, asked = [], statements.rows

    def count(execute, *arguments):
        counted.append(arguments[0])
        return execute(*arguments)

    def rows(alias, statement, *arguments, **more):
        counted.append(statement)
        return asked(alias, statement, *arguments, **more)

    monkeypatch.setattr(statements, "rows", rows)
    with connections["default"].execute_wrapper(count), connections[epochs.KEYS].execute_wrapper(count):
        yield counted


def test_a_page_waits_four_times_and_many_people_no_oftener_than_few(house, now, waits):
    """It bites: a look-up for each field, or for each person, is a wait more."""
    people = [enrol(now=now) for _ in range(12)]
    for person in people:
        for field in FIELDS:
            sealing.put(person, field, "Ada", source="a test", now=now)
    waits.clear()
    assert len(opening.open_fields(people[0], FIELDS, Purpose.ACCOUNT, by=SERVICE, now=now)) == len(FIELDS)
    assert len(waits) == 4, waits  # the key, the fields, the texts, the choices
    spent = []
    for some in (people[:2], people):
        waits.clear()
        assert len(opening.open_each(some, "nickname", Purpose.ACCOUNT, now=now)) == len(some)
        spent.append(len(waits))
    assert spent[0] == spent[1] <= 6, waits
