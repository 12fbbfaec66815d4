"""
Who may use the privacy desk, and as what.

Holds:    only an account that an officer's or the shell's link made one of the desk, or that somebody with a shell
          named, may enter, and only while it is active, and with a second step. Closing the account ends it. Each
          coming, change and going is in the log, and in the account's own history.
          A page of the desk is served under its role's own role in PostgreSQL (`bound`): what `desk_roles` does not
          give is refused by the database, whatever a page does.
          In the demo, which no other machine reaches, the password alone is enough: a first look takes no phone. Where
          mail really leaves, it is no demo.
Does not: stop code that runs SQL of its own from stepping up again: the wall is against a page that forgets, and the
          keys lie behind another (docs/threats.md T2).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Coalesce

from avow.errors import NotFound, Refused
from avow.evidence.acts import Act
from avow.people import desk_roles, queries, second_step
from avow.people.desk_roles import Area, May, Role
from avow.people.models import Account, DeskInvitation
from avow.policy.promises import Promise
from avow.vault.attesting import attest

OWN = "Nobody takes themselves off the desk or changes their own role; another officer does, or a shell."


def grant(email: str, now: datetime, role: Role = Role.OFFICER) -> None:
    """Let the account of this address use the desk; the same role a second time changes nothing."""
    person = queries.person_at(email, verified=True)
    if person is None:
        raise NotFound("There is no account with this address; sign up first, then ask again.")
    give(person, role, now=now)


@transaction.atomic
def give(person: UUID, role: Role, *, now: datetime) -> None:
    """Make this account one of the desk, in this role."""
    others = Account.objects.filter(person=person, canary=False).exclude(desk_role=role)
    if others.update(desk_role=role, desk_since=Coalesce("desk_since", now)):
        attest(person, Act.DESK_GRANTED, promise=Promise.SECURITY_MEASURES, now=now)


def revoke(email: str, now: datetime) -> None:
    """Take the desk away again."""
    if person := queries.person_at(email):
        take(person, now=now)


@transaction.atomic
def take(person: UUID, *, now: datetime, by: UUID | None = None) -> None:
    """Take the desk away from this account; `by` is the officer who does, None a shell. No link opens from then on."""
    if person == by:
        raise Refused(OWN)
    DeskInvitation.objects.all().delete()  # one that they made would let them in again
    if Account.objects.filter(person=person).exclude(desk_role="").update(desk_role="", desk_since=None):
        attest(person, Act.DESK_TAKEN, promise=Promise.SECURITY_MEASURES, now=now)


def staff() -> list[Account]:
    """Return who may use the desk, by role and then by the day since."""
    found = Account.objects.filter(is_active=True).exclude(desk_role="")
    return sorted(found, key=lambda one: (list(Role).index(Role(one.desk_role)), one.desk_since))


def is_officer(person: UUID) -> bool:
    """Say whether this person has an account that signs as an officer."""
    return Account.objects.filter(person=person, is_active=True, desk_role=Role.OFFICER).exists()


def role_of(account: object) -> Role | None:
    """Return what this account is at the desk; None: nothing."""
    if isinstance(account, Account) and account.is_active and account.desk_role:
        return Role(account.desk_role)
    return None


def require(account: object) -> bool:
    """Say whether this account may use the desk at all."""
    return role_of(account) is not None


def may(account: object, area: Area) -> May:
    """Return how far this account may go in an area of the desk."""
    return desk_roles.may(role_of(account), area)


def has_second_step(account: Account) -> bool:
    """Say whether this account is guarded as the desk asks: what officers open must not hang on a password alone."""
    tried_out = settings.DEMO and not (settings.MAIL_RELAY or settings.MAIL_PROVIDER)
    return tried_out or second_step.is_asked(account)


@contextmanager
def bound(role: Role) -> Iterator[None]:
    """Run the block under the role's own role in the database; what it may not touch, PostgreSQL refuses."""
    _become(desk_roles.in_database(role))
    try:
        yield
    finally:
        try:
            _become("NONE")
        except DatabaseError:
            connection.close()  # it ends with its role; the next one begins as the application's own


def _become(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {name}")
