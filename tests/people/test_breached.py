"""
Stolen passwords: those that we carry, a whole list of the company's own, and an outside address that is asked only when it
was named.

It bites: each was tried. Without the look in `password_rules` every door takes one; with a search that stops a line early
the last of the list is taken; with the whole hash in the address the range server here says so.
"""

import hashlib
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from avow.people import breached, password_rules
from avow.policy.promises import Promise

pytestmark = [pytest.mark.proves(Promise.PASSWORD_PROTECTION)]
STOLEN = "blackstarcat_ok"
FRESH = "the quiet river under seven boats"


def digits(password):
    return hashlib.sha1(password.encode()).hexdigest().upper()


@pytest.mark.parametrize("written", [STOLEN, STOLEN.upper(), "ｂlackstarcat_ok"])
def test_what_was_stolen_is_refused_however_it_is_written(written):
    with pytest.raises(ValidationError, match="stolen"):
        password_rules.refuse(written, ())
    assert not breached.is_known(FRESH)


def test_the_list_that_we_carry_is_sorted_whole_and_long_enough():
    known = breached._bundled()
    assert len(known) > 13_000 and list(known) == sorted(set(known))
    assert {len(one) for one in known} == {breached.SIZE}


def test_it_is_refused_at_each_door_where_a_password_is_chosen(ada, somebody):
    from tests.people.app import confirm_password

    page = somebody("eve@example.com").sign_up(password=STOLEN)
    assert "stolen passwords" in page.content.decode()
    confirm_password(ada)
    page = ada.post("/accounts/password/change/", oldpassword="four boats on a quiet river", password1=STOLEN)
    assert "stolen passwords" in page.content.decode()
    ada.sign_out()
    ada.post("/accounts/password/reset/", email=ada.address)
    ada.enter(ada.newest_code(), url="/accounts/password/reset/confirm/")
    page = ada.post("/accounts/password/reset/complete/", password1=STOLEN)
    assert "stolen passwords" in page.content.decode()


@settings(max_examples=60, deadline=None)
@given(
    hashes=st.lists(st.binary(min_size=20, max_size=20), min_size=0, max_size=60, unique=True),
    others=st.lists(st.binary(min_size=20, max_size=20), max_size=10),
    form=st.tuples(st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans()),
)
def test_each_line_of_a_whole_list_is_found_and_no_other(tmp_path_factory, hashes, others, form):
    ending, last, lower = form
    path = tmp_path_factory.mktemp("list") / "pwned.txt"
    lines = [f"{one.hex().upper()}:{n + 1}" for n, one in enumerate(sorted(hashes))]
    written = ending.join(lines) + (ending if last else "")
    path.write_text(written.lower() if lower else written, newline="")
    for one in [*hashes, *others]:
        assert breached._is_in_file(path, one.hex().upper()) is (one in hashes)


def test_a_whole_list_of_the_companys_own_is_asked_and_one_that_is_gone_refuses_nobody(tmp_path, settings_of):
    path = tmp_path / "pwned.txt"
    path.write_text("\n".join(sorted(f"{digits(word)}:3" for word in (FRESH, "another", "and one more"))))
    settings_of(BREACHED_PASSWORDS=path)
    assert breached.is_known(FRESH) and not breached.is_known(FRESH + " more")
    path.unlink()
    assert not breached.is_known(FRESH)
    (tmp_path / "empty").touch()
    settings_of(BREACHED_PASSWORDS=tmp_path / "empty")
    assert not breached.is_known(FRESH)


@contextmanager
def ranges(answer, status=200):
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, dict(self.headers)))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/range", asked
    server.shutdown()
    server.server_close()


def test_nobody_outside_is_asked_unless_the_company_says_so(settings_of):
    with ranges(f"{digits(FRESH)[5:]}:7\r\n{'0' * 35}:0") as (address, asked):
        assert not breached.is_known(FRESH) and asked == []
        settings_of(BREACH_RANGE=address)
        assert breached.is_known(FRESH)
        assert [path for path, _ in asked] == [f"/range/{digits(FRESH)[:5]}"], "five digits, and nothing else"
        assert asked[0][1]["Add-Padding"] == "true"
        assert not {"Cookie", "User-Agent", "Referer"} & set(asked[0][1])


@pytest.mark.parametrize(("said", "status"), [("{rest}:0", 200), ("{rest}:9", 500), ("nonsense", 200), ("", 200)])
def test_padding_and_nonsense_refuse_nobody(settings_of, said, status):
    with ranges(said.format(rest=digits(FRESH)[5:]), status) as (address, _):
        settings_of(BREACH_RANGE=address)
        assert not breached.is_known(FRESH)


def test_an_address_that_does_not_answer_refuses_nobody(settings_of, caplog):
    settings_of(BREACH_RANGE="http://127.0.0.1:9/range")
    assert not breached.is_known(FRESH)
    assert "does not answer" in caplog.text and digits(FRESH)[:5] not in caplog.text
