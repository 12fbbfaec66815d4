"""
A bar picture as SVG, drawn on the server: it is there without JavaScript, and prints.

Holds:    the axis starts at nought; each bar has a <title> with its exact number;
          labels are escaped; no style or script is written into the page.
Does not: stand alone. The page puts the same numbers in a table beneath it.
"""

from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from avow.web.pictures.ticks import nice_ticks, plain

WIDTH, ROW, BAR, LABEL, FOOT = 640, 30, 16, 190, 22


def bars(rows: Sequence[tuple[str, float]], *, title: str, unit: str = "") -> SafeString:
    """Draw one horizontal bar for each (label, number)."""
    ticks = nice_ticks([number for _, number in rows])
    scale = (WIDTH - LABEL - 40) / ticks[-1]
    height = ROW * len(rows) + FOOT
    parts = [f'<svg class="picture" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">']
    for tick in ticks:
        x = LABEL + tick * scale
        parts.append(f'<path class="axis" d="M{x:.1f} 0v{height - FOOT}"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 6}" text-anchor="middle">{plain(tick)}</text>')
    for place, (label, number) in enumerate(rows):
        y = place * ROW + (ROW - BAR) / 2
        said = escape(f"{label}: {plain(number)} {unit}".strip())
        parts.append(f'<text x="{LABEL - 12}" y="{y + BAR - 4:.1f}" text-anchor="end">{escape(label)}</text>')
        bar = f'<rect class="bar" x="{LABEL}" y="{y:.1f}" width="{max(number * scale, 1):.1f}" height="{BAR}">'
        parts.append(f"{bar}<title>{said}</title></rect>")
    return mark_safe("".join([*parts, "</svg>"]))  # noqa: S308  # nosec B308
