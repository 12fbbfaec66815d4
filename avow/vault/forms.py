"""
The form in which something opens: whole, masked, or only compared; and what a mask leaves of a value.

    whole      the value itself
    masked     a…@e….org · …18 · A…     enough to recognise it, too little to use it
    compared   nothing; the door says whether a given value is the same

Why a form beside a purpose: most of what a desk does with an address or a number is to make sure that it is the right
one. For that nobody need see it.

Holds:    a mask shows at most the first letter of a text; of an e-mail address the first letters of name and domain and
          the ending; of a phone number the last two digits. It never is the value, and its own length says nothing of
          the value's. Comparing takes as long for a near miss as for a far one, and knows every spelling of an address.
Does not: decide which form somebody is given (`catalogue` declares it, `staff_openings` asks), or open anything.
"""

import hmac
import unicodedata
from enum import StrEnum
from hashlib import sha256

from avow.errors import BadInput
from avow.policy.categories import Category
from avow.vault import normalising

LONGEST_ENDING = 6  # letters; a longer ending of a domain is somebody's own name
LAST = 2  # digits of a phone number
ADDRESSES = {Category.EMAIL: normalising.EMAIL, Category.PHONE: normalising.PHONE}


class Form(StrEnum):
    """How much of a value an opening gives, from all of it to none."""

    WHOLE = "whole"
    MASKED = "masked"
    COMPARED = "compared"


def least(*forms: Form) -> Form:
    """Return the one of these that gives least."""
    return max(forms, key=list(Form).index)


def most(*forms: Form) -> Form:
    """Return the one of these that gives most."""
    return min(forms, key=list(Form).index)


def shown(value: str, form: Form, category: Category) -> str:
    """Return what a form shows of a value; asking to show what may only be compared is a fault of the caller."""
    assert form is not Form.COMPARED, "what may only be compared is never shown"
    return masked(value, category) if form is Form.MASKED else value


def masked(value: str, category: Category) -> str:
    """Return the mask of a value."""
    mask = {Category.EMAIL: _email, Category.PHONE: _phone}.get(category, _text)(value.strip())
    return mask if mask != value else "…"


def same(category: Category, held: str, given: str) -> bool:
    """Say whether two values are the same, however they are spelt; BadInput when what was given is no address."""
    wanted = _comparable(category, given)
    try:
        kept = _comparable(category, held)
    except BadInput:
        kept = _plain(held)
    return hmac.compare_digest(sha256(kept.encode()).digest(), sha256(wanted.encode()).digest())


def _comparable(category: Category, value: str) -> str:
    return normalising.normalise(ADDRESSES[category], value) if category in ADDRESSES else _plain(value)


def _plain(value: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def _first(value: str) -> str:
    """Return the first letter; a sign that is none could turn the rest of a line around."""
    return value[:1] if value[:1].isalnum() else ""


def _email(value: str) -> str:
    name, at, domain = value.rpartition("@")
    if not at:
        return _text(value)
    ending = domain.rpartition(".")[2] if "." in domain else ""
    kept = ending if ending.isalnum() and len(ending) <= LONGEST_ENDING else "…"
    return f"{_first(name)}…@{_first(domain)}….{kept}"


def _phone(value: str) -> str:
    return "…" + "".join(digit for digit in value if digit.isdecimal())[-LAST:]


def _text(value: str) -> str:
    return f"{_first(value)}…"
