"""
What the exported page needs to show a value that somebody typed.

Holds:    every value is escaped, kept apart from the direction of the text around it, and
          shown with the characters that a page cannot hold replaced; its JSON twin keeps them.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from avow.evidence.entries import stamp
from avow.requests import words

register = template.Library()
LONG = 400  # characters; a longer value scrolls inside its own box
NOT_IN_HTML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

register.filter("moment", words.moment)
register.filter("stamp", stamp)


@register.filter(name="words")
def words_of(name: str) -> str:
    """Say a column's name as words."""
    return name.replace("_", " ")


@register.simple_tag
def value(datum: Any) -> SafeString:
    """Show any value that JSON can hold."""
    if isinstance(datum, Mapping):
        return format_html_join(
            "", "<div><small>{}</small> {}</div>", ((words_of(str(k)), value(v)) for k, v in datum.items())
        )
    if isinstance(datum, (list, tuple)):
        return format_html_join("", "<div>{}</div>", ((value(each),) for each in datum))
    return _text(datum)


def _text(datum: Any) -> SafeString:
    """Show one value."""
    if datum is None:
        return format_html('<span class="soft">{}</span>', "none")
    if isinstance(datum, bool):
        return format_html("{}", "yes" if datum else "no")
    if isinstance(datum, datetime):
        return format_html("{}", words.moment(datum))
    text = NOT_IN_HTML.sub("\N{REPLACEMENT CHARACTER}", str(datum))
    return format_html("<bdi{}>{}</bdi>", format_html(' class="{}"', "long") if len(text) > LONG else "", text)
