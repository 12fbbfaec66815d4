"""What templates may ask of Python: marks, pictures and moments; nothing here reads a table."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from avow.people import handles
from avow.policy.bases import Basis, basis_of
from avow.policy.purposes import Purpose
from avow.requests.words import PURPOSES
from avow.sharing.errands_states import MEANING, State
from avow.vault.catalogue import FIELDS
from avow.web import border, words
from avow.web.pictures import marks
from avow.web.pictures.bar import bars
from avow.web.pictures.clock import clock
from avow.web.pictures.days import days
from avow.web.pictures.spark import age, spark

register = template.Library()
register.simple_tag(bars)
register.simple_tag(spark)
register.simple_tag(days)
register.simple_tag(age)
register.simple_tag(clock)
register.filter(border.marked)


@register.simple_tag
def mark(name: str = "statement", title: str = "") -> SafeString:
    """Draw the mark of a state by its name."""
    return marks.draw(marks.BY_NAME[name], title=title)


@register.simple_tag
def control(field: Any, reason: str = "") -> SafeString:
    """Draw a form's control, described by its reason, its help and its errors, in this order."""
    ids = [f"{field.id_for_label}_why"] * bool(reason)
    ids += [f"{field.auto_id}_helptext"] * bool(field.help_text) + [f"{field.auto_id}_error"] * bool(field.errors)
    attributes = {"aria-describedby": " ".join(ids)} if ids else {}
    field.field.widget.attrs.pop("placeholder", None)  # a label that vanishes while one types is none
    drawn: SafeString = field.as_widget(attrs=attributes)
    return drawn


@register.filter
def moment(then: datetime) -> SafeString:
    """Write a moment exactly, in UTC, so that two people who compare it see the same."""
    then = then.astimezone(timezone.get_default_timezone())
    return format_html(
        '<time datetime="{}">{}</time>', then.isoformat(timespec="seconds"), then.strftime("%-d %b %Y, %H:%M:%S UTC")
    )


@register.filter
def errand(state: str) -> str:
    """Say where an errand to an agent stands."""
    return MEANING[State(state)]


@register.filter
def handle(number: str) -> str:
    """Write an account's number in groups of four."""
    return handles.written(number)


@register.filter
def day(then: date) -> SafeString:
    """Write a day in full."""
    return format_html('<time datetime="{}">{}</time>', then.strftime("%Y-%m-%d"), then.strftime("%-d %B %Y"))


@register.filter
def ago(then: datetime) -> SafeString:
    """Say how long ago or how soon a moment is, with the exact moment on it."""
    exact = then.astimezone(timezone.get_default_timezone())
    said = words.ago(then, timezone.now())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        exact.isoformat(timespec="seconds"),
        exact.strftime("%-d %b %Y, %H:%M:%S UTC"),
        said,
    )


@register.filter
def purpose(name: Any) -> str:
    """Say a purpose in words; one without words shows its own name."""
    return PURPOSES.get(name, str(name))


@register.filter
def basis(name: Any) -> Basis:
    """Return what a purpose rests on in law."""
    return basis_of(Purpose(name))


@register.filter
def kind(name: Any) -> str:
    """Say a sentence's kind in words."""
    return words.KINDS.get(name, str(name))


@register.filter
def spoken(name: str) -> str:
    """Read a function's name as words: test_a_value_is_read_back is "A value is read back"."""
    return name.removeprefix("test_").replace("_", " ").capitalize()


@register.simple_tag
def outward(address: str, said: str) -> SafeString:
    """Write a link that may lead out of what the policy covers; if it does, it says so."""
    return border.link(address, said)


@register.filter
def labels(names: Iterable[str]) -> str:
    """Name fields by their labels."""
    return ", ".join(FIELDS[name].label if name in FIELDS else name for name in names)


@register.filter
def counted(number: int, noun: str) -> str:
    """Put a noun behind its number."""
    return words.counted(number, noun)
