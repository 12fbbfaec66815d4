"""Whose centre it is."""

from uuid import UUID

from django.http import HttpRequest

from avow.people.models import Account


def person_of(request: HttpRequest) -> UUID:
    """Return the person who is signed in; `login_required` stands before every view that asks."""
    assert isinstance(request.user, Account)
    return request.user.person
