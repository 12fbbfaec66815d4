"""What was shown counts for the source it was shown for: syntax, not layout, words or dates."""

import ast
import itertools
import json
from datetime import date

import pytest

from avow.evidence import shown
from avow.policy import promises
from avow.policy.promises import CHECKS, KEEPERS, LiveCheck, Promise

MODULE = '''
"""A module."""
from avow.policy.promises import Promise

def keep(x):
    """Keep it."""
    return x + 1  # one more

def watch(now):
    """Watch it."""
    return None if keep(1) == 2 else "it does not add up"
'''

NUMBERS = itertools.count()


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A module of its own that keeps and watches a promise, and can be rewritten."""
    monkeypatch.syspath_prepend(str(tmp_path))

    class House:
        file = tmp_path / "shown.json"

        def source(self, text):
            name = f"a_house_{next(NUMBERS)}"
            (tmp_path / f"{name}.py").write_text(text)
            module = __import__(name)
            monkeypatch.setattr(module, "__name__", "a_house")
            for function in (module.keep, module.watch):
                function.__module__ = "a_house"
            monkeypatch.setitem(__import__("sys").modules, "a_house", module)
            for cached in (shown._function, shown._module, shown._tree):
                cached.cache_clear()
            monkeypatch.setitem(KEEPERS, Promise.SIGN_OUT, [module.keep])
            one = LiveCheck(
                "watch", (Promise.SIGN_OUT,), promises.timedelta(minutes=1), promises.timedelta(minutes=5), module.watch
            )
            monkeypatch.setitem(CHECKS, "watch", one)
            return shown.source_of("watch")

    yield House()
    for cached in (shown._function, shown._module, shown._tree):
        cached.cache_clear()


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
