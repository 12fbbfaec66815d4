"""A NUL in whatever a request says is refused with a page and reaches no statement; found by asking at random."""

import pytest


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/identity/o/api/revoke", {"client_id": "a\0", "token": "t"}),
        ("/identity/o/api/token", {"client_id": "\0", "grant_type": "authorization_code", "code": "c"}),
        ("/accounts/login/", {"login": "a\0@example.com", "password": "p"}),
        ("/recover", {"number": "\0", "code": "1"}),
    ],
)
def test_in_a_form(somebody, path, form):
    """It bites: without the middleware the first two end as a DataError of PostgreSQL."""
    assert somebody("").post(path, **form).status_code == 400


@pytest.mark.parametrize(
    "path", ["/policy/sentence/%00", "/?a=%00", "/identity/o/authorize?client_id=%00", "/not-me/%00"]
)
def test_in_an_address(somebody, path):
    assert somebody("").get(path).status_code == 400
