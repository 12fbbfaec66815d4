"""
The marks of evidence: one shape, one word and one colour to each state.

Why shapes first: one person in twelve does not tell our green from our red, a
printer has neither, and a screen reader has only the word. So the silhouette alone
must do: disc, half moon, square, diamond, broken ring, dash.

Holds:    every state of `evidence.states.State` has a mark, and a sentence that needs
          no mechanism has one; no two share a shape, a word or a name for the colour.
Does not: hold colours. `avow.css` gives each name its ink in light and dark.
"""

from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True)
class Shown:
    """How a state looks and reads: `name` is its class in avow.css, `shape` is drawn in a box of 16 by 16."""

    name: str
    word: str
    means: str
    shape: str


RING = 'fill="none" stroke="currentColor" stroke-width="1.6"'
HOLDS = Shown(
    "holds",
    "holds",
    "a check that can fail has just passed",
    '<circle cx="8" cy="8" r="7.4" fill="currentColor"/><path class="cut" d="M4.5 8.4l2.5 2.5 4.6-5.2"/>',
)
STALE = Shown(
    "stale",
    "stale",
    "it passed, but too long ago, or nobody has lately seen the check fail",
    f'<circle cx="8" cy="8" r="6.6" {RING}/><path d="M8 1.4a6.6 6.6 0 0 0 0 13.2z" fill="currentColor"/>',
)
FAILING = Shown(
    "failing",
    "failing",
    "its check fails now",
    '<path d="M1 1h14v14H1z" fill="currentColor"/><path class="cut" d="M5 5l6 6M11 5l-6 6"/>',
)
NOT_TESTABLE = Shown(
    "not-testable",
    "not testable by machine",
    "a named person answers for it until a date",
    f'<path d="M8 1.1l6.9 6.9L8 14.9 1.1 8z" {RING}/><circle cx="8" cy="8" r="2.1" fill="currentColor"/>',
)
NO_MECHANISM = Shown(
    "no-mechanism",
    "no mechanism",
    "nothing in the service keeps it yet",
    f'<circle cx="8" cy="8" r="6.5" {RING} stroke-dasharray="2.7 2.4"/>',
)
STATEMENT = Shown(
    "statement",
    "statement",
    "it says something and promises nothing, so there is nothing to test",
    '<path d="M3 8h10" stroke="currentColor" stroke-width="2" fill="none"/>',
)

IN_ORDER = (FAILING, STALE, HOLDS, NOT_TESTABLE, NO_MECHANISM, STATEMENT)
BY_NAME = {shown.name: shown for shown in IN_ORDER}


def shown_as(state: object) -> Shown:
    """Return how a state is shown; None, the state of a sentence with nothing to keep, is a statement."""
    return BY_NAME[getattr(state, "name", "statement").lower().replace("_", "-")]


def draw(shown: Shown, *, title: str = "") -> SafeString:
    """Draw a mark; with a title it has that name for everyone, without one it is silent beside its word."""
    named = f' role="img"><title>{escape(title)}</title>' if title else ' aria-hidden="true">'
    return mark_safe(f'<svg class="mark {shown.name}" viewBox="0 0 16 16"{named}{shown.shape}</svg>')  # noqa: S308  # nosec B308
