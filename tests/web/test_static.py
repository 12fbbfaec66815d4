"""
What the browser is given: small, our own, licensed, and nothing that a strict content security policy would stop.

It bites: a `style="…"` in any template, a colour class without a rule, or a third font fails here.
"""

import re
import subprocess
from shutil import which

import pytest

from tests.web.sheet import RULES, TEMPLATES, WEB

STATIC = WEB / "static/avow"


def test_the_script_is_small_and_the_fonts_are_too():
    assert (STATIC / "avow.js").stat().st_size < 5_000
    assert sum(font.stat().st_size for font in STATIC.rglob("*.woff2")) < 200_000


def test_each_font_has_its_licence_beside_it():
    fonts = {font.stem.removesuffix("-latin") for font in STATIC.rglob("*.woff2")}
    licences = {text.stem.removeprefix("OFL-"): text.read_text() for text in STATIC.rglob("OFL-*.txt")}
    assert fonts == set(licences)
    assert all("SIL OPEN FONT LICENSE" in text.upper() for text in licences.values())


def test_nothing_is_loaded_from_elsewhere():
    assert not re.search(r"url\(['\"]?(https?:)?//|@import", RULES)
    for template in TEMPLATES:
        assert not re.search(r"(src|href)=\"(https?:)?//", template.read_text()), template


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(WEB / "templates").as_posix())
def test_no_template_has_inline_style_or_script(template):
    text = template.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script


def test_the_script_reads():
    if which("node"):
        subprocess.run(["node", "--check", str(STATIC / "avow.js")], check=True)


def test_every_class_that_a_template_uses_has_a_rule():
    used = {
        name
        for template in TEMPLATES
        for found in re.findall(r'class="([a-z -]+)"', template.read_text())
        for name in found.split()
    }
    ruled = set(re.findall(r"\.([a-z][a-z-]*)", RULES))
    assert used - ruled == set()
