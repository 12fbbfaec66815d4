"""Whom a form of the desk means: by the address of an account, or by their number."""

from uuid import UUID

from django import forms

from avow.errors import NotFound
from avow.people import queries
from avow.vault import persons


def asked(label: str) -> forms.CharField:
    """Return the field that asks for it."""
    return forms.CharField(label=label, max_length=320, help_text="The address of the account, or the person's number.")


def whose(said: str) -> UUID:
    """Return the person of an address or a number."""
    try:
        return persons.standing(UUID(said.strip())).person
    except ValueError:
        found = queries.person_at(said)
    if found is None:
        raise NotFound("There is no account with this address; write it as its person does, or take their number.")
    return found
