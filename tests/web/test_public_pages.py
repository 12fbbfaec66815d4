"""
The public pages answer, carry the marks that the states are, and let nothing hostile through.

It bites: rendering the text without `policy.rendering`, a state taken from the wrong promise, or a header
left out of `web/headers.py`, each fails a test here (tried).
"""

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.test import Client, override_settings
from django.utils.html import escape

from tests.web.conftest import furnish

PAGES = [
    "/",
    "/policy",
    "/policy/versions",
    "/verify",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/policy/sentence/3a.2",
]


@pytest.fixture
def visitor(house):
    return Client(headers={"accept": "text/html"})


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_with_all_headers_and_nothing_inline(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "<style" not in text
    assert ' style="' not in text
    assert text.count("<script") == text.count('<script src="/static/avow/avow') == 1
    assert text.count("<h1") == 1
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]


def test_the_policy_carries_each_sentence_once_in_order_with_its_mark(visitor, house):
    text = visitor.get("/policy").content.decode()
    places = [text.index(f'<span class="sentence" id="{s.id}">{s.html}') for s in house.version.bound.document]
    assert places == sorted(places)
    assert len(places) == 40
    assert text.count('class="open"') == 40
    assert all(text.count(f'href="/policy/sentence/{s.id}"') == 1 for s in house.version.bound.document)


def known_as(state, promises, _now):
    """Say of one promise that it is in this state, and of every other that nothing keeps it."""
    from avow.evidence.states import Evidence, State
    from avow.policy.promises import Promise

    others = Evidence(State.NO_MECHANISM, "Nothing keeps it yet.")
    return {p: Evidence(state, f"because {state}") if p is Promise.VIEW_AND_CORRECT else others for p in promises}


def test_a_mark_follows_its_state(visitor, house, monkeypatch):
    from avow.evidence import states
    from avow.evidence.states import State

    for state in State:
        with monkeypatch.context() as m:
            m.setattr(states, "states", partial(known_as, state))
            answer = json.loads(visitor.get("/api/policy").content)
            shown = {one["id"]: (one["state"], one["why"]) for one in answer["sentences"]}
            assert shown["3a.2"] == (state.value, f"because {state}")
            assert shown["4.1"][0] == "no-mechanism"
            assert shown["0.2"][0] == "statement"
            text = visitor.get("/policy").content.decode()
            note = text[text.index('id="3a.2"') :]
            assert f'<svg class="mark {state.value}"' in note[: note.index("</a>")]


def test_the_page_of_every_sentence_answers(visitor, house):
    for sentence in house.version.bound.document:
        answer = visitor.get(f"/policy/sentence/{sentence.id}")
        assert answer.status_code == 200
        assert sentence.html in answer.content.decode()


def test_the_page_of_a_sentence_names_file_line_tests_and_check(visitor, house):
    text = visitor.get("/policy/sentence/3a.2").content.decode()
    assert "avow/people/settings_change.py:" in text
    assert "field.changed" not in text  # nobody has changed anything yet
    assert "/policy/sentence/3a.1" in text
    assert "/policy/sentence/3a.3" in text


def test_a_sentence_that_is_not_there(visitor):
    answer = visitor.get("/policy/sentence/99.9")
    assert answer.status_code == 404
    assert "no sentence with this number" in answer.content.decode()


def test_versions_and_their_exact_bytes(visitor, house):
    assert "5 May 2024" in visitor.get("/policy/versions").content.decode()
    assert house.version.sha256 in visitor.get("/policy/versions").content.decode()
    assert visitor.get(f"/policy/versions/{house.version.number}").status_code == 200
    exact = visitor.get(f"/policy/versions/{house.version.number}.md")
    assert exact.content == house.version.raw
    assert visitor.get("/policy/versions/999").status_code == 404


PERMALINK = b"---\ntitle: Ours\npermalink: /documentation/Security/Privacy-Policy /\n---\n\nEffective Date: 1 May 2024\n\n# 1. Scope\n\nThis is it.\n"


@pytest.mark.parametrize("path", [
    "/documentation/Security/Privacy-Policy%20/",
    "/documentation/Security/Privacy-Policy /",
    "/documentation/Security/Privacy-Policy/",
    "/documentation/Security/Privacy-Policy",
])  # fmt: skip
def test_the_policy_is_served_at_the_address_it_gives_itself(db, path):
    furnish(PERMALINK)
    answer = Client().get(path)
    assert answer.status_code == 200
    assert "This is it." in answer.content.decode()


def test_another_address_is_not_the_policys(visitor):
    answer = visitor.get("/documentation/Security/Other")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


HOSTILE = b"""---
title: "</title><script>alert(1)</script>"
---

Effective Date: 1 May 2024

# 1. <img src=x onerror=alert(1)>

We keep <script>alert(document.domain)</script> and <b onclick="x()">this</b>. A [link](javascript:alert(1)) is "quoted" & kept.
"""


@pytest.mark.parametrize("path", ["/", "/policy", "/policy/sentence/1.1", "/policy/sentence/1.2"])
def test_a_hostile_policy_is_shown_and_not_run(db, path):
    furnish(HOSTILE)
    text = Client().get(path).content.decode()
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "onclick" not in text.replace("&lt;b onclick", "")
    assert 'href="javascript' not in text


def test_the_log_is_served_as_tiles(visitor, house):
    from avow.evidence import verifier

    assert visitor.get("/log/key").content.decode().strip() == house.vkey
    found = verifier.audit(lambda path: visitor.get(f"/log/{path}").content, house.vkey)
    assert found["size"] >= 2
    assert visitor.get("/log/tile/0/999").status_code == 404
    assert visitor.get("/log/../keys/django.secret").status_code == 404


def test_the_verifier_is_handed_out_byte_for_byte(visitor):
    from pathlib import Path

    from avow.evidence import verifier

    answer = visitor.get("/verify/verify_avow.py")
    assert answer.content == Path(verifier.__file__).read_bytes()
    assert "attachment" in answer.headers["Content-Disposition"]


def test_an_uploaded_file_is_judged(visitor):
    from django.core.files.uploadedfile import SimpleUploadedFile

    answer = visitor.post("/verify", {"statement": SimpleUploadedFile("x.txt", b"avow.statement/1 nonsense\n")})
    assert answer.status_code == 200
    assert "Refused." in answer.content.decode()
    assert visitor.post("/verify").status_code == 400


def test_well_known(visitor, house):
    told = visitor.get("/.well-known/privacy-policy.json").json()
    assert [one["sha256"] for one in told["versions"]] == [house.version.sha256]
    assert len(told["sentences"]) == 40
    password = visitor.get("/.well-known/change-password")
    assert password.status_code == 302
    text = visitor.get("/.well-known/security.txt").content.decode()
    fields = dict(line.split(": ", 1) for line in text.splitlines())
    ends = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=30) < ends - datetime.now(UTC) < timedelta(days=365)
    assert fields["Contact"].startswith(("mailto:", "https:"))
    assert (
        visitor.get("/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200").status_code
        == 404
    )


def test_letters_are_shown_in_the_demo_alone(visitor):
    with override_settings(DEMO=True, MAIL_RELAY=""):
        assert visitor.get("/demo/mail").status_code == 200
        assert "/demo/mail" in visitor.get("/policy").content.decode()
    for elsewhere in ({"DEMO": True, "MAIL_RELAY": "smtp.example:25"}, {"DEMO": False, "MAIL_RELAY": ""}):
        with override_settings(**elsewhere):
            assert visitor.get("/demo/mail").status_code == 404
            assert "/demo/mail" not in visitor.get("/policy").content.decode()


def test_what_goes_wrong_is_a_page_and_for_machines_problem_json(visitor):
    page = visitor.get("/certificates/" + "0" * 32)
    assert page.status_code == 404
    assert "not-found" in page.content.decode()
    problem = visitor.get("/api/nothing")
    assert problem.status_code == 404
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert problem.json()["code"] == "not-found"


def test_what_breaks_says_nothing_about_itself(visitor, monkeypatch):
    from avow.evidence import versions

    def broken(now):
        raise RuntimeError("postgresql://avow:secret@host")

    monkeypatch.setattr(versions, "in_force", broken)
    visitor.raise_request_exception = False
    for path in ("/policy", "/api/policy"):
        answer = visitor.get(path)
        assert answer.status_code == 500
        assert b"secret" not in answer.content
        assert b"Traceback" not in answer.content


def test_no_policy_yet_is_said(db):
    answer = Client().get("/policy")
    assert answer.status_code == 404
    assert "No policy has been published yet" in answer.content.decode()


def test_openapi_names_what_there_is(visitor):
    described = visitor.get("/api/openapi.json").json()
    assert set(described["paths"]) == {"/api/policy", *(f"/api/host/{name}" for name in ("errand", "home", "use"))}


def test_a_form_without_its_token_is_refused_with_a_page(house):
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a@b.example", "password": "x"})
    assert answer.status_code == 403
    assert "form-too-old" in answer.content.decode()


def test_a_sentence_about_erasure_says_what_erasure_does_not_reach_yet(visitor, house):
    """A green mark beside a known limit would be half the truth."""
    from avow.requests.limits import LIMITS

    page = visitor.get("/policy/sentence/7.3").content.decode()
    assert [limit for limit in LIMITS if escape(limit) not in page] == []
    assert "Days after which a destroyed key must be gone from every backup" in page
    assert escape(LIMITS[0]) not in visitor.get("/policy/sentence/5.1").content.decode()


@pytest.mark.parametrize(
    "path, to", [("/policy/", "/policy"), ("/verify/", "/verify"), ("/accounts/login", "/accounts/login/")]
)
def test_a_slash_too_many_or_too_few_leads_to_the_page(visitor, path, to):
    answer = visitor.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (301, to)


@pytest.mark.parametrize("path", ["/nothing/", "/nothing", "/policy//"])
def test_what_is_nowhere_stays_nowhere(visitor, path):
    assert visitor.get(path).status_code == 404
