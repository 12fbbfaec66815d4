"""
Holds at the desk: what each officer sees and can do, and what their person is told.

It bites: a page that reads another clock than the act (the last day that it offers is refused), a list without
`exclude(person=officer)`, a confirmation that does not carry the end that was read, and a `tellable` that
tells of gagged holds each fail one of these (each tried).
"""

import re
from datetime import UTC, datetime, timedelta

import pytest

from avow.policy.promises import Promise
from tests.people import app
from tests.web.conftest import resident

pytestmark = pytest.mark.proves(Promise.LEGAL_DISCLOSURE)
NEW = {
    "hold-address": "grace@example.com", "hold-basis": "file 2026/7", "hold-fields": ["email", "phone"],
    "hold-since": "2026-05-01", "hold-to": "",
}  # fmt: skip


def day(days):
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def desk(officer):
    """Two officers and somebody to hold; the first officer is Ada."""
    from avow.people import desk as rooms

    other = resident("two@example.com")
    rooms.grant("two@example.com", datetime.now(UTC))
    app.guard(other.person)
    return officer, other, resident("grace@example.com", name="Grace Hopper", phone="+493012345678")


def the_hold():
    from avow.vault.models import Hold

    return Hold.objects.get()


def step(client, to, **more):
    return client.post(f"/desk/holds/{the_hold().pk}/{to}", more, follow=True)


def test_two_officers_place_prolong_and_release_and_nobody_sees_whose_it_is(desk):
    one, other, grace = desk
    assert "Nothing is held" in text(one.get("/desk/holds"))
    assert one.post("/desk/holds", NEW | {"hold-until": day(90)}).status_code == 302
    seen = text(one.get("/desk/holds"))
    assert "waits for a second officer" in seen and "Confirm it" not in seen and "Proposed by you." in seen
    assert "given from 1 May 2026 on" in seen and "E-mail address, Phone number" in seen and "file 2026/7" in seen
    for secret in ("grace", "Grace", str(grace.person)):
        assert secret not in one.get("/desk/holds").content.decode()
    assert "cannot confirm it" in text(step(one, "confirm")), "and who posts all the same reads why"
    assert "The hold stands." in text(step(other, "confirm"))
    assert "in force" in text(one.get("/desk/holds")) and "ends in 3 months" in text(one.get("/desk/holds"))
    assert 'class="clock"' in one.get("/desk/holds").content.decode()

    the_hold().__class__.objects.update(until=datetime.now(UTC) + timedelta(days=30))
    page = one.get("/desk/holds").content.decode()
    offered = re.search(r'name="until"[^>]*value="([^"]+)"', page)[1]
    assert offered == day(90) and "A later end is proposed" in text(step(one, "longer", until=offered))
    seen = re.search(r'name="seen" value="([^"]+)"', other.get("/desk/holds").content.decode())[1]
    assert "The later end was changed" in text(step(other, "confirm-longer", seen="2026-01-01T00:00:00+00:00"))
    assert "The hold is prolonged." in text(step(other, "confirm-longer", seen=seen.replace("&#43;", "+")))
    assert "at most ninety days" in text(step(one, "longer", until="soon"))

    assert "keeps on until a second" in text(step(other, "release"))
    assert "Release it" not in text(other.get("/desk/holds")) and "Release it" in text(one.get("/desk/holds"))
    assert "destroyed" in text(step(one, "confirm-release"))
    over = text(one.get("/desk/holds"))
    assert "ended; what it kept is destroyed" in over and the_hold().state == "ended"
    assert step(one, "pause").status_code == 404


def test_a_form_that_is_wrong_says_why(desk):
    one, _, _ = desk
    for changed, said in (
        ({"hold-until": ""}, "needs a day to come"),
        ({"hold-until": day(91)}, "at most ninety days"),
        ({"hold-until": day(9), "hold-since": "2026-05-02", "hold-to": "2026-05-01"}, "exchange the two"),
        ({"hold-until": day(9), "hold-address": "nobody@example.com"}, "no account with this address"),
        ({"hold-until": day(9), "hold-address": "ada@example.com"}, "for other officers"),
    ):
        answer = one.post("/desk/holds", NEW | changed)
        assert answer.status_code == 422 and said in text(answer)


def test_the_officer_whom_it_is_about_sees_nothing_of_it(desk):
    one, other, grace = desk
    from avow.people import desk as rooms

    other.post("/desk/holds", NEW | {"hold-until": day(9), "hold-address": "ada@example.com"})
    assert "file 2026/7" not in text(one.get("/desk/holds")) and step(one, "confirm").status_code == 404
    rooms.grant("grace@example.com", datetime.now(UTC))
    app.guard(grace.person)
    assert "file 2026/7" in text(grace.get("/desk/holds")) and "The hold stands." in text(step(grace, "confirm"))


@pytest.mark.parametrize("gagged", [False, True])
def test_its_person_reads_of_it_and_takes_it_along_unless_they_may_not(desk, gagged):
    from avow.vault import stores

    one, other, grace = desk
    one.post("/desk/holds", NEW | {"hold-until": day(9)} | ({"hold-gagged": "on"} if gagged else {}))
    step(other, "confirm")
    told = text(grace.get("/received-by"))
    listed = [row for store in stores.stores() for one in store.export(grace.person, now=datetime.now(UTC))
              if one.name == "vault-holds" for row in one.rows]  # fmt: skip
    if gagged:
        assert "file 2026/7" not in told and not listed
        return
    assert "E-mail address, Phone number, given from 1 May 2026 on" in told and "file 2026/7" in told
    assert listed[0]["collected_from"] == datetime(2026, 5, 1, tzinfo=UTC) and listed[0]["collected_to"] is None
