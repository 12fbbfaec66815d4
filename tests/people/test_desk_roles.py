"""
What each role of the desk may do in the database, and that a page runs as its reader's role.

It bites: each was tried. With `bound` doing nothing the auditor writes; without the reset a connection keeps its role;
with `people_account` written whole by an officer's page, the list of sign-in tables is no longer untouched.
"""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, ProgrammingError, connection
from psycopg.errors import InsufficientPrivilege

from avow.errors import Refused
from avow.evidence.acts import Act
from avow.host import pooling
from avow.people import desk, desk_roles, desk_trial
from avow.people.desk_roles import MAY, Area, May, Role
from avow.people.models import Account
from avow.policy.promises import Promise
from avow.vault import attesting

pytestmark = [pytest.mark.proves(Promise.SECURITY_MEASURES), pytest.mark.usefixtures("db")]
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
CLOSED = {  # who opens nobody's data reads none of it, sealed or not
    "vault_sealedfield", "vault_addresssealed", "vault_heldfield", "requests_casemessage", "communications_kept",
    "usage_context", "people_session", "people_knownbrowser", "people_phonecode", "people_confirmedphone",
}  # fmt: skip


def one(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


@pytest.mark.parametrize("role", Role)
def test_a_page_runs_as_its_readers_role_and_the_connection_steps_up_again(role):
    with desk.bound(role):
        assert one("SELECT current_user") == f"avow_desk_{role}"
    assert one("SELECT current_user") == "avow_app"
    with pytest.raises(ZeroDivisionError), desk.bound(role):
        raise ZeroDivisionError
    assert one("SELECT current_user") == "avow_app"


def test_a_lost_connection_is_no_way_to_keep_a_role():
    with desk.bound(Role.AUDITOR):
        connection.connection.close()
    assert one("SELECT current_user") == "avow_app"


def test_a_connection_goes_back_to_the_pool_without_a_role():
    one("SELECT 1")
    for _ in range(10):  # psycopg prepares what it has seen some times
        one("SET ROLE avow_desk_auditor")
        pooling.forget_person(connection.connection)
        assert one("SELECT current_user") == "avow_app"


@pytest.mark.parametrize("role", Role)
def test_the_database_gives_what_the_table_says_and_no_more(role, superuser):
    """Read back from PostgreSQL: a grant that some migration or hand added is found here."""
    name = desk_roles.in_database(role)
    wanted = set()
    for privileges, table in desk_roles.rights(role):
        columns = privileges.partition("(")[2].rstrip(")")
        wanted |= {(table, f"UPDATE {one}") for one in columns.split(",")} if columns else {
            (table, each) for each in privileges.split(", ")
        }  # fmt: skip
    with superuser() as admin:
        whole = admin.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = %s", [name]
        ).fetchall()
        parts = admin.execute(
            "SELECT c.relname, 'UPDATE ' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, "
            "aclexplode(a.attacl) x JOIN pg_roles r ON r.oid = x.grantee WHERE r.rolname = %s",
            [name],
        ).fetchall()
    written = {table for table, privilege in whole if privilege == "UPDATE"}
    parts_wanted = {(table, each) for table, each in wanted if each.startswith("UPDATE ")}
    assert set(whole) == wanted - parts_wanted
    assert set(parts) == parts_wanted
    if role in (Role.ENGINEER, Role.AUDITOR):
        assert not written and not parts


@pytest.mark.parametrize("role", [Role.ENGINEER, Role.AUDITOR])
def test_who_opens_nobodys_data_cannot_even_read_it_sealed(role):
    tables = {table for privilege, table in desk_roles.rights(role) if privilege == "SELECT"}
    assert not tables & CLOSED
    for table in CLOSED:
        with pytest.raises(ProgrammingError) as refused, desk.bound(role):
            one(f"SELECT count(*) FROM {table}")
        assert isinstance(refused.value.__cause__, InsufficientPrivilege)


def test_nobody_signs_in_as_a_role_of_the_desk(superuser):
    with superuser() as admin:
        found = admin.execute(
            "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'avow\\_desk\\_%' ORDER BY 1"
        ).fetchall()
    assert found == [(f"avow_desk_{role}", False) for role in sorted(Role)]


def test_a_role_less_may_always_less_than_an_officer():
    for role in Role:
        assert all(may <= MAY[Role.OFFICER][area] for area, may in MAY[role].items())
    assert desk_roles.may(None, Area.WALL) is May.NOTHING
    assert all(may is May.SEE for role in (Role.ENGINEER, Role.AUDITOR) for may in MAY[role].values())


def test_a_role_is_given_changed_and_taken_and_each_stands_in_the_log(ada):
    desk.grant("ada@example.com", NOW, Role.SUPPORT)
    account = Account.objects.get(person=ada.person)
    assert desk.role_of(account) is Role.SUPPORT and not desk.is_officer(ada.person)
    desk.grant("ada@example.com", NOW, Role.SUPPORT)
    desk.grant("ada@example.com", NOW)
    assert desk.is_officer(ada.person) and [one.person for one in desk.staff()] == [ada.person]
    with pytest.raises(Refused):
        desk.take(ada.person, now=NOW, by=ada.person)
    desk.take(ada.person, now=NOW)
    desk.take(ada.person, now=NOW)
    assert desk.staff() == [] and desk.role_of(Account.objects.get(person=ada.person)) is None
    acts = [one.act for one in attesting.acts_of(ada.person)]
    assert acts.count(Act.DESK_GRANTED) == 2 and acts.count(Act.DESK_TAKEN) == 1


@pytest.mark.parametrize("given", [{"desk_role": "officer"}, {"desk_since": NOW}, {"desk_role": "root"}])
def test_the_database_keeps_role_and_day_together(ada, given):
    with pytest.raises(IntegrityError):
        Account.objects.filter(person=ada.person).update(**given)


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch, superuser):
    from contextlib import nullcontext

    def by_hand(statement):
        with superuser() as admin:
            admin.execute(statement)

    with shown_to_fail(
        "nobody-at-the-desk-can-sign-in-as-another",
        how="support may write passkeys, an officer whole accounts, a role may log in, or pages run as the application",
    ) as trial:
        trial.holds()
        try:
            by_hand("GRANT UPDATE ON mfa_authenticator TO avow_desk_support")
            assert "mfa_authenticator" in trial.fails()
            by_hand("REVOKE UPDATE ON mfa_authenticator FROM avow_desk_support")
            by_hand("GRANT UPDATE (password) ON people_account TO avow_desk_officer")
            assert "people_account.password" in trial.fails()
            by_hand("REVOKE UPDATE (password) ON people_account FROM avow_desk_officer")
            by_hand("ALTER ROLE avow_desk_auditor LOGIN")
            assert "avow_desk_auditor" in trial.fails()
        finally:
            by_hand("REVOKE UPDATE ON mfa_authenticator FROM avow_desk_support")
            by_hand("REVOKE UPDATE (password) ON people_account FROM avow_desk_officer")
            by_hand("ALTER ROLE avow_desk_auditor NOLOGIN")
        with monkeypatch.context() as broken:
            broken.setattr(desk_trial.desk, "bound", lambda _role: nullcontext())
            assert "does not run as" in trial.fails()
        trial.holds()


def test_no_link_that_was_made_before_lets_somebody_in_who_was_taken_off(ada):
    """Without the delete in `take` an officer who was taken off comes back by a link of their own."""
    from avow.errors import NotFound
    from avow.people import desk_invitations

    desk.grant("ada@example.com", NOW)
    token = desk_invitations.invite(now=NOW).rpartition("/")[2]
    account = Account.objects.get(person=ada.person)
    with pytest.raises(Refused, match="has a role"):
        desk_invitations.accept(token, account, now=NOW)
    desk.take(ada.person, now=NOW)
    account.refresh_from_db()
    with pytest.raises(NotFound):
        desk_invitations.accept(token, account, now=NOW)
    assert desk.staff() == []
