"""
Contrast of every pair of ink and paper, computed from avow.css in light and in dark (WCAG 2.2, 1.4.3 and 1.4.11).

It bites: with `--ink-faint: #8a8578` in the light scheme, the text pair falls to 3.6 and fails.
"""

import re

import pytest

from tests.web.sheet import RULES, SHEET

TEXT, SHAPE = 4.5, 3.0
INKS = ("ink", "ink-soft", "ink-faint", "link", "danger", "holds", "stale", "failing", "untested", "nothing")
SHAPES = ("statement", "rule-firm")  # a dash and the edges of fields; their words are in ink
PAPERS = ("paper", "paper-inset")
PAIRS = [(ink, paper, TEXT) for ink in INKS for paper in PAPERS]
PAIRS += [(shape, paper, SHAPE) for shape in SHAPES for paper in PAPERS]
PAIRS += [
    ("link-ink", "link", TEXT),
    ("danger-ink", "danger", TEXT),
    ("ink", "chosen", TEXT),
    ("ink", "failing-paper", TEXT),
    ("link", "chosen", TEXT),
    ("failing", "failing-paper", TEXT),
]
PAIRS += [(state, "chosen", SHAPE) for state in ("holds", "stale", "failing", "untested", "nothing")]


def schemes():
    light = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", SHEET.split("prefers-color-scheme: dark")[0]))
    dark = dict(
        re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", SHEET.split("prefers-color-scheme: dark")[1].split("@layer")[0])
    )
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_itself_is_right():
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
    assert contrast("#777777", "#ffffff") < TEXT < contrast("#767676", "#ffffff")  # the grey that every textbook has


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_ink_is_readable_on_its_paper(scheme):
    tokens = schemes()[scheme]
    weak = {
        f"{ink} on {paper}": round(contrast(tokens[ink], tokens[paper]), 2)
        for ink, paper, least in PAIRS
        if contrast(tokens[ink], tokens[paper]) < least
    }
    assert not weak


def test_the_dark_scheme_changes_every_colour():
    light, dark = schemes()["light"], schemes()["dark"]
    assert [name for name in light if light[name] == dark[name]] == []


def test_colours_stand_in_the_tokens_alone():
    outside = [rule for rule in RULES.split("}") if re.search(r"#[0-9a-f]{3,6}\b", rule) and "--" not in rule]
    assert outside == []
