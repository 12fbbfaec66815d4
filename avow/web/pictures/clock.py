"""
A clock: how much of the time that was promised has passed, as a ring.

Why a ring: a full one is a deadline, whatever its length in days. What it says also stands beside it in words.

Holds:    a ring that is late is drawn thicker as well as in another colour, so it reads without colour.
"""

import math

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

RADIUS = 9
ROUND = 2 * math.pi * RADIUS


def clock(used: float, *, title: str, late: bool = False) -> SafeString:
    """Draw the share that has passed, from nought to one."""
    share, said = min(max(used, 0.0), 1.0), escape(title)
    drawn = f'stroke-dasharray="{ROUND * share:.1f} {ROUND:.1f}" transform="rotate(-90 12 12)"'
    circle = f'cx="12" cy="12" r="{RADIUS}"'
    return mark_safe(  # noqa: S308  # nosec B308
        f'<svg class="clock{" late" if late else ""}" width="24" height="24" viewBox="0 0 24 24" role="img" '
        f'aria-label="{said}"><title>{said}</title><circle class="whole" {circle}/>'
        f'<circle class="used" {circle} {drawn}/></svg>'
    )
