"""The entrance: mounts before Django, what browsers are told, and connections that forget whom they served."""

import asyncio

import psycopg
import pytest
from django.conf import settings
from django.test import Client
from psycopg_pool import ConnectionPool

from avow.host import pooling
from tests import loops


def answer(path):
    """Ask the application as granian does."""
    from avow.host import asgi

    sent, asked = [], iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def send(message):
        sent.append(message)

    async def receive():
        if message := next(asked, None):
            return message
        return await asyncio.Event().wait()

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"localhost")], "scheme": "http", "http_version": "1.1", "client": None, "server": None,
    }  # fmt: skip
    loops.finish(asgi.application(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"])


def test_the_supervisors_question_is_answered_before_django():
    status, headers = answer("/.well-known/avow-alive")
    assert status == 200
    assert b"content-security-policy" not in {name.lower() for name in headers}, "Django was not asked"


def test_django_answers_the_rest(db):
    status, headers = answer("/no-such-address")
    assert status == 404
    assert headers[b"X-Content-Type-Options"] == b"nosniff"


def test_browsers_are_told_to_load_nothing_from_elsewhere_and_nothing_inline(db):
    told = Client().get("/no-such-address").headers
    policy = told["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert told["Referrer-Policy"] == "same-origin"
    assert told["X-Frame-Options"] == "DENY"
    assert "Server" not in told


def test_another_host_name_is_refused(db):
    assert Client().get("/", headers={"host": "evil.example"}).status_code == 400


def test_cookies_are_for_tls_exactly_when_the_address_is():
    secure = settings.BASE_URL.startswith("https://")
    assert secure is settings.SESSION_COOKIE_SECURE is settings.CSRF_COOKIE_SECURE
    assert settings.SESSION_COOKIE_HTTPONLY


@pytest.mark.parametrize("inside_a_transaction", [False, True])
def test_a_connection_goes_back_to_the_pool_without_the_person(db, inside_a_transaction):
    """Without `forget_person` the second visitor has the first one's rows."""
    given = settings.DATABASES["default"]
    words = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"], "password": given["PASSWORD"]}
    words |= {"dbname": given["NAME"], "autocommit": not inside_a_transaction}
    with ConnectionPool(kwargs=words, **(pooling.POOL | {"min_size": 1, "max_size": 1})) as pool:
        with pool.connection() as first:
            first.execute("SELECT set_config('avow.person', 'ada', false)")
            assert person_on(first) == "ada"
        with pool.connection() as second:
            assert person_on(second) == ""


def person_on(connection: psycopg.Connection) -> str:
    return connection.execute("SELECT current_setting('avow.person', true)").fetchone()[0] or ""
