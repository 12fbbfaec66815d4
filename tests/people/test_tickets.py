"""
A ticket names its person, alone, for a while, and to nobody but us.

It bites: leaving the end out of `tickets.read`, or the seal out of `tickets.issue`, fails here (tried).
"""

from datetime import UTC, datetime
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from avow.people import tickets

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def test_it_names_its_person_until_it_ends_and_no_two_look_alike():
    person = uuid4()
    one, other = tickets.issue(person, now=NOW), tickets.issue(person, now=NOW)
    assert one != other and person.hex not in one
    assert tickets.read(one, now=NOW) == tickets.read(other, now=NOW) == person
    assert tickets.read(one, now=NOW + tickets.LASTS) is None


@given(st.text(max_size=120))
@settings(deadline=None)
def test_anything_else_names_nobody(text):
    assert tickets.read(text, now=NOW) is None


def test_an_altered_ticket_names_nobody():
    ticket = tickets.issue(uuid4(), now=NOW)
    for at in range(len(ticket)):
        changed = ticket[:at] + ("A" if ticket[at] != "A" else "B") + ticket[at + 1 :]
        assert at == len(ticket) - 1 or tickets.read(changed, now=NOW) is None
