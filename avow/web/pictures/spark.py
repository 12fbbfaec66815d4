"""
A spark: the last results of one check, oldest first, as a row of small strokes.

Why strokes and not a line: a result is yes or no. A stroke that stands above the
line passed, one that hangs below it failed, so it reads without colour.
"""

from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

STEP, STROKE, HEIGHT = 6, 4, 22
MIDDLE = HEIGHT // 2


def spark(results: Sequence[tuple[str, bool]], *, title: str) -> SafeString:
    """Draw one stroke for each (what is said of it, whether it passed)."""
    width = max(STEP * len(results), STEP)
    box = f'width="{width}" height="{HEIGHT}" viewBox="0 0 {width} {HEIGHT}"'
    parts = [f'<svg class="picture spark" {box} role="img" aria-label="{escape(title)}">']
    parts.append(f'<path class="axis" d="M0 {MIDDLE}h{width}"/>')
    for place, (said, passed) in enumerate(results):
        name, y = ("passed", 1) if passed else ("failed", MIDDLE)
        stroke = f'<rect class="{name}" x="{place * STEP}" y="{y}" width="{STROKE}" height="{MIDDLE - 1}">'
        parts.append(f"{stroke}<title>{escape(said)}</title></rect>")
    return mark_safe("".join([*parts, "</svg>"]))  # noqa: S308  # nosec B308


def age(used: float, *, title: str) -> SafeString:
    """Draw how much of its allowed age a result has used, from nought to one."""
    share, said = min(max(used, 0.0), 1.0), escape(title)
    return mark_safe(  # noqa: S308  # nosec B308
        f'<svg class="age" viewBox="0 0 88 6" preserveAspectRatio="none" role="img" aria-label="{said}">'
        f"<title>{said}</title>"
        f'<rect class="whole" width="88" height="6"/><rect class="used" width="{88 * share:.1f}" height="6"/></svg>'
    )
