"""
What this installation says that its own sites send: properties of events, pages, and where people come from.

    AVOW_PROPERTIES=plan:word:user.behavior.feature_use,rows:number:user.behavior.feature_use

Why a category with each: what is recorded is what the policy in force names. A property of a category that it does not
name is dropped when events are brought in, as an address is.
Why so few kinds and categories: a property lies in the lake in clear. A word has no space and no @; who somebody is,
and how they are reached, has no place there.

Holds:    nothing here is read from what arrives.
"""

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from avow.errors import BadInput
from avow.policy.categories import Category
from avow.usage.templates import Templates
from avow.usage.wire import Name, Number

KINDS: Mapping[str, Any] = {"word": Name, "number": Number, "flag": bool}
OPEN = frozenset({
    Category.PAGE_VIEW, Category.FEATURE_USE, Category.BEHAVIOUR, Category.BROWSING, Category.TELEMETRY,
    Category.SETTINGS, Category.LANGUAGE,
})  # fmt: skip
NAMED = re.compile(r"^[a-z][a-z0-9_]{0,31}\Z")
HOST = re.compile(r"^[a-z0-9-]+(\.[a-z0-9-]+)+\Z")
MOST = 32  # properties
WANTED = (
    "AVOW_PROPERTIES names each as name:kind:category, separated by commas; kinds are "
    f"{', '.join(KINDS)}, categories {', '.join(sorted(OPEN))}: plan:word:user.behavior.feature_use"
)


@dataclass(frozen=True)
class Property:
    """One thing more that an event may say."""

    name: str
    kind: str
    category: Category


@dataclass(frozen=True)
class Declared:
    """All of it."""

    properties: tuple[Property, ...] = ()
    pages: Templates | None = None  # None: by rule of thumb
    referrers: frozenset[str] = frozenset()


def here() -> Declared:
    """Return what the settings say."""
    return Declared(settings.PROPERTIES, settings.PAGES, settings.REFERRERS)


def properties(written: str) -> tuple[Property, ...]:
    """Read AVOW_PROPERTIES, or refuse it."""
    found = tuple(_property(part.strip()) for part in written.split(",") if part.strip())
    if len({one.name for one in found}) != len(found) or len(found) > MOST:
        raise BadInput(f"AVOW_PROPERTIES names one twice, or more than {MOST}. {WANTED}")
    return found


def referrers(written: str) -> frozenset[str]:
    """Read AVOW_REFERRERS, or refuse it."""
    found = frozenset(part.strip().lower() for part in written.split(",") if part.strip())
    if wrong := sorted(host for host in found if not HOST.match(host)):
        raise BadInput(f"AVOW_REFERRERS names hosts, separated by commas, such as example.org; not {wrong[0]!r}.")
    return found


def _property(part: str) -> Property:
    name, kind, category = (*part.split(":"), "", "")[:3]
    known = category in {one.value for one in OPEN} and kind in KINDS and part.count(":") == 2  # noqa: PLR2004
    if not known or not NAMED.match(name) or keyword.iskeyword(name):
        raise BadInput(f"{part!r} is no property. {WANTED}")
    return Property(name, kind, Category(category))
