"""
Import every module that carries a mark, so that the registers of keepers and live checks are whole.

Why by the source: a module that nobody happened to import would otherwise leave a
promise without its check, and no one would see that it is missing.
"""

import importlib
from pathlib import Path

import avow
from avow.policy.trace import Mark, scan_marks


def load() -> list[Mark]:
    """Import them all and return the marks that were found."""
    marks = scan_marks(Path(avow.__file__).parent)
    for module in dict.fromkeys(mark.module for mark in marks):
        importlib.import_module(module)
    return marks
