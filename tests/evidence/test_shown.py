"""What was shown counts for the source it was shown for: syntax, not layout, words or dates."""

import ast
import json
from datetime import date

import pytest

from avow.evidence import shown
from avow.policy import promises
from avow.policy.promises import CHECKS, KEEPERS, LiveCheck, Promise

MODULE = '''
"""A module."""
from avow.house import helper
from avow.policy.promises import Promise
from avow.street.gate import OPEN

def keep(x):
    """Keep it."""
    return x + 1  # one more

def watch(now):
    """Watch it."""
    return None if keep(1) == 2 else "it does not add up"
'''

HELPER = """
from avow.house import deeper

def look():
    return deeper.ONE
"""
FILES = {
    "avow/house/deeper.py": "from avow.street import lamp\n\nONE = 1\n",
    "avow/house/unused.py": "ONE = 1\n",
    "avow/street/__init__.py": "",
    "avow/street/lamp.py": "from avow.street import bulb\n",
    "avow/street/bulb.py": "LIT = True\n",
    "avow/street/gate.py": "from avow.street import bulb\n\nOPEN = False\n",
}


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A room of its own that keeps and watches a promise, beside a street; every file can be rewritten."""
    monkeypatch.setattr(shown, "ROOT", tmp_path)

    class House:
        file = tmp_path / "shown.json"

        def write(self, path, text):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)

        def source(self, text=MODULE, **files):
            for path, content in {**FILES, "avow/house/helper.py": HELPER, "avow/house/main.py": text}.items():
                self.write(path, files.get(path.split("/", 1)[1].removesuffix(".py").replace("/", "_"), content))
            shown.forget()

            def keep(): ...
            def watch(now): ...

            keep.__module__ = watch.__module__ = "avow.house.main"
            monkeypatch.setitem(KEEPERS, Promise.SIGN_OUT, [keep])
            one = LiveCheck(
                "watch", (Promise.SIGN_OUT,), promises.timedelta(minutes=1), promises.timedelta(minutes=5), watch
            )
            monkeypatch.setitem(CHECKS, "watch", one)
            return shown.source_of("watch")

    shown.forget()
    yield House()
    monkeypatch.undo()
    shown.forget()


def test_words_and_layout_change_nothing(house):
    same = (
        MODULE.replace("# one more", "")
        .replace('"""Keep it."""', '"""Keep it well."""')
        .replace("x + 1", "(x\n    + 1)")
    )
    assert house.source(MODULE) == house.source(same.replace('"""A module."""', '"""Another text."""'))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x + 1", "x + 2"),
        ("keep(1) == 2", "True"),
        ("def keep(x):", "def keep(x, y=0):"),
        ("return x", "x\n    return x"),
    ],
)
def test_a_change_of_the_mechanism_or_of_the_check_changes_the_source(house, old, new):
    assert house.source(MODULE) != house.source(MODULE.replace(old, new))


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("house_helper", HELPER + "\n\ndef look():\n    return 1\n"),  # what a check leans on is gutted
        ("house_deeper", "ONE = 2\n"),  # two imports away, in the same room
        ("street_gate", "OPEN = True\n"),  # imported by the check itself, of another room
    ],
)
def test_a_change_in_what_the_check_or_the_mechanism_imports_changes_the_source(house, where, text):
    """It bites: hashing the check and its keepers alone, as was once done, leaves all three unseen."""
    assert house.source() != house.source(**{where: text})


@pytest.mark.parametrize("where", ["house_unused", "street_bulb", "street_lamp"])
def test_what_no_part_of_the_room_imports_and_other_rooms_import_further_is_not_in_it(house, where):
    assert house.source() == house.source(**{where: "LIT = None\n"})


@pytest.mark.parametrize(
    "line",
    [
        "from . import unused",
        "from .unused import ONE",
        "import avow.house.unused",
        "def f(): from ..house import unused",
    ],
)
def test_every_way_to_import_is_seen(house, line):
    with_it = f"{MODULE}\n{line}\n"
    assert house.source(with_it) != house.source(with_it, house_unused="ONE = 2\n")


def test_a_check_without_source_is_not_taken_as_unchanged(house, monkeypatch):
    house.source()
    (shown.ROOT / "avow/house/main.py").unlink()
    shown.forget()
    with pytest.raises(FileNotFoundError):
        shown.source_of("watch")


@pytest.mark.parametrize(
    ("check", "module"),
    [
        ("a-person-receives-and-can-erase-everything", "avow.requests.rehearsal"),
        ("undeclared-purpose-is-refused", "avow.policy.purposes"),
        ("an-erased-person-stays-closed", "avow.vault.tree"),
        ("a-signed-out-cookie-opens-nothing", "avow.people.sessions"),
    ],
)
def test_what_does_the_checking_is_in_the_source_of_our_own_checks(check, module, monkeypatch):
    """Gutting any of these was unseen once."""
    before = shown.source_of(check)
    hashed = shown._module
    shown.forget()
    monkeypatch.setattr(shown, "_module", lambda name: b"gutted" if name == module else hashed(name))
    assert shown.source_of(check) != before
    monkeypatch.undo()
    shown.forget()


def test_the_file_is_sorted_and_keeps_its_dates(house):
    house.source(MODULE)
    assert shown.read(house.file) == {}
    CHECKS["another"] = CHECKS["watch"]
    try:
        shown.record("watch", "one is not added", date(2026, 11, 23), file=house.file)
        shown.record("another", "one is not added", date(2026, 11, 24), file=house.file)
        first = house.file.read_bytes()
        assert list(json.loads(first)) == ["another", "watch"]
        shown.record("watch", "one is not added", date(2026, 12, 1), file=house.file)
        assert house.file.read_bytes() == first
        shown.record("watch", "in other words", date(2026, 12, 1), file=house.file)
        assert shown.read(house.file)["watch"] == {
            "how": "in other words",
            "on": "2026-11-23",
            "source_sha256": shown.source_of("watch"),
        }
        house.source(MODULE.replace("x + 1", "1 + x"))
        shown.record("watch", "in other words", date(2026, 12, 2), file=house.file)
        assert shown.read(house.file)["watch"]["on"] == "2026-12-02"
    finally:
        del CHECKS["another"]


def test_the_shape_is_what_python_means():
    assert shown.shape(ast.parse("x = None")) != shown.shape(ast.parse("x = 0"))
    assert shown.shape(ast.parse("f(*a)")) != shown.shape(ast.parse("f(a)"))
    assert shown.shape(ast.parse("def f(): ...")) != shown.shape(ast.parse("async def f(): ..."))
