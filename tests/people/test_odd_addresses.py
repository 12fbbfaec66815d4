"""
Addresses that look alike, that are written in two ways, or in letters of a kind that few expect.

It bites: each was tried. With the index over what was typed, one mailbox in two spellings is two accounts; with marks
stripped from letters, two people's addresses are one.
"""

import pytest

from avow.people import names, queries
from avow.people.models import Account
from avow.policy.promises import Promise
from tests.people.walking import PASSWORD

pytestmark = [pytest.mark.proves(Promise.PASSWORD_PROTECTION, Promise.GIVEN_DATA)]


def joined(somebody, address):
    person = somebody(address).join()
    assert person.is_signed_in, address
    return person


def test_a_domain_in_its_own_letters_or_in_dns_is_one_mailbox(somebody):
    bob = somebody("bob@münchen.example")
    bob.sign_up()
    bob.enter(bob.newest_code("bob@xn--mnchen-3ya.example"))
    bob.address = "bob@xn--mnchen-3ya.example"  # as every relay takes it
    assert bob.is_signed_in
    assert queries.person_at("BOB@xn--mnchen-3ya.example") == bob.person
    bob.sign_out()
    bob.sign_in("Bob@MÜNCHEN.example")
    assert bob.is_signed_in
    bob.sign_out()
    bob.sign_in("bob@xn--mnchen-3ya.example")
    assert bob.is_signed_in
    other = somebody("bob@xn--mnchen-3ya.example")
    other.sign_up()
    assert Account.objects.count() == 1 and not other.is_signed_in


@pytest.mark.parametrize(
    ("own", "alike"),
    [
        ("ada@example.com", "аda@example.com"),  # a Cyrillic а
        ("ada@example.com", "ada@exаmple.com"),
        ("ada@example.com", "ada+news@example.com"),
        ("ada@example.com", "a.d.a@example.com"),
        ("jose@example.com", "josé@example.com"),
    ],
)
def test_what_looks_alike_is_somebody_else_and_opens_nothing(somebody, box, own, alike):
    ada = joined(somebody, own)
    before = len(box(own))
    eve = somebody(alike)
    assert queries.person_at(alike) is None
    eve.sign_in(password=PASSWORD)
    eve.post("/accounts/password/reset/", email=alike)
    assert not eve.is_signed_in and len(box(own)) == before
    answer = eve.sign_up()
    assert answer.status_code in (200, 302)
    assert len(box(own)) == before and queries.person_at(own) == ada.person


@pytest.mark.parametrize(
    "address",
    ["", "@", "ada", "ada@", "@example.com", "ada@@example.com", "ada@example", "ada @example.com", "a" * 400 + "@example.com",
     "ada@example.com\r\nBcc: eve@example.com", "ada@example.com\x00", "ada@\u202emoc.elpmaxe", "ada@-example.com", "<ada@example.com>"],
    ids=repr,
)  # fmt: skip
def test_what_is_no_address_is_refused_with_a_sentence(somebody, address):
    eve = somebody(address)
    answer = eve.sign_up()
    assert answer.status_code in (200, 400) and not Account.objects.exists(), answer.status_code
    assert answer.status_code == 400 or "errorlist" in answer.content.decode()


@pytest.mark.parametrize("name", ["Аdа Lоvelace", "محمد Ada 王", "Ada\u0301", "ﬁona", "𝓐𝓭𝓪"], ids=repr)
def test_names_in_mixed_scripts_are_kept_and_name_nobody_else(somebody, name):
    """A name is no way to sign in here, so one that looks like another's opens nothing; it is kept as it was written."""
    ada = joined(somebody, "ada@example.com")
    ada.post("/data/name", value=name)
    assert names.written(name) in ada.get("/data").content.decode()
