"""A benchmark declares fields of its own; no other test shall see them."""

import pytest


@pytest.fixture(autouse=True)
def fields_as_before():
    from avow.vault import catalogue

    before = dict(catalogue.FIELDS)
    yield
    catalogue.FIELDS.clear()
    catalogue.FIELDS.update(before)
