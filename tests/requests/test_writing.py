"""The files of an export, written from a copy: readable, escaped, and whole as JSON.

Tried: `|safe` around a value, or leaving `_text` without escaping, fails the hostile test; writing the
page from another list than the JSON fails `test_page_and_json_show_the_same_values`.
"""

import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avow.evidence.acts import Act
from avow.policy.purposes import Purpose
from avow.requests import words, writing
from avow.requests.copies import Copy, Field, Governing, Line, Listed, Part, Standing, Use, Value, Why

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SHA = "ab" * 32


def why(**given):
    use = Use(
        Purpose.ACCOUNT, words.PURPOSES[Purpose.ACCOUNT], "1.3", "The kinds of personal information", Standing.USED
    )
    return Why(
        **{
            "category": "user.name",
            "uses": (use,),
            "required": False,
            "reason": "",
            "recipients": (),
            "until": "you erase it",
            "promises": (),
            **given,
        }
    )


def field(value, *earlier):
    past = tuple(Value(each, NOW, NOW, "sign-up", SHA) for each in earlier)
    return Field("name", "Name", Value(value, NOW, None, "settings", SHA), past, why())


def copy(*fields, parts=(), lines=()):
    return Copy(
        uuid4(),
        "ff" * 16,
        NOW,
        "Optimibi",
        fields,
        parts,
        lines,
        Governing(SHA, "2024-05-05", "Privacy policy"),
        b"# Policy\n",
    )


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.found, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, tuple(attrs)))

    def handle_data(self, data):
        self.text += data


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>1</script>",
    "{{ copy.number }}{% load x %}",
    '=HYPERLINK("http://x")',
    "\u202egpj.exe\u2066",
    "nul\x00and\x1bescape\x85",
    "Zoë 漢字 👩‍👩‍👧",
    "\ud800 alone",
    "x" * 100_000,
    "",
]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_stay_text_on_the_page_and_whole_in_json(value):
    def both(text):
        part = Part("account", "Account", (Listed("account", "Account", ({"note": text},)),), 1)
        return writing.files(copy(field(text, text), parts=(part,)))

    plain, made = Tags(both("ordinary")["index.html"].decode()), both(value)
    page = Tags(made["index.html"].decode())
    assert [tag for tag, _ in page.found] == [tag for tag, _ in plain.found]
    assert not [a for _, attrs in page.found for a, _ in attrs if a.startswith("on") or a == "src"]
    [stored] = json.loads(made["data/fields.json"])
    assert stored["now"]["value"] == value and stored["earlier"][0]["value"] == value
    assert json.loads(made["data/account.json"]) == [{"note": value}]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_page_and_json_show_the_same_values(value):
    made = writing.files(copy(field(value)))
    assert json.loads(made["data/fields.json"])[0]["now"]["value"] == value
    visible = "".join(c for c in value if c.isalnum())
    assert visible in "".join(c for c in Tags(made["index.html"].decode("utf-8")).text if c.isalnum())


def test_a_value_cannot_turn_the_page_around():
    page = writing.files(copy(field("\u202eevil")))["index.html"].decode()
    assert "<bdi>\u202eevil</bdi>" in page


def test_the_page_loads_nothing():
    page = Tags(writing.files(copy(field("Ada")))["index.html"].decode())
    assert not [t for t, _ in page.found if t in {"script", "link", "img", "iframe", "form", "object"}]
    assert all(v.startswith("#") for _, attrs in page.found for a, v in attrs if a == "href")
    assert dict(page.found[[t for t, _ in page.found].index("meta") + 1][1])["content"].startswith("default-src 'none'")


def test_every_field_says_why_until_when_and_under_which_version():
    made = writing.files(
        copy(field("Ada", "Eda"), lines=(Line(NOW, "person.signed-in", "You signed in", uuid4(), 7, {}),))
    )
    told = json.loads(made["why.json"])["fields"]["name"]
    assert told["uses"][0] == {
        "purpose": "account",
        "words": words.PURPOSES[Purpose.ACCOUNT],
        "clause": "1.3",
        "says": "The kinds of personal information",
        "standing": "used",
    }
    assert told["until"] == "you erase it" and told["version"] == SHA
    page = made["index.html"].decode()
    for said in ("Ada", "Eda", "run your account", "§1.3", "you erase it", SHA, "nobody outside Optimibi", "no. 7"):
        assert said in page


def test_every_purpose_and_every_act_about_a_person_has_its_words():
    assert set(words.PURPOSES) == set(Purpose)
    about = (
        "person.",
        "address.",
        "field.",
        "password.",
        "purpose.",
        "grant.",
        "objection.",
        "message.",
        "opened.",
        "notice.",
    )
    assert {act for act in Act if act.value.startswith(about)} <= set(words.ACTS)
    assert words.of_act("signed.in-by-later-version") == "signed.in-by-later-version"


def test_the_policy_is_enclosed_byte_for_byte():
    assert writing.files(copy())["policy.md"] == b"# Policy\n"
