"""
Days in a row as an area of steps, one column a day: it is there without JavaScript, and prints.

Holds:    the axis starts at nought; each day has a <title> with its exact number, or with the words for one that is
          not shown; no style or script is written into the page.
Does not: stand alone. The page puts the same numbers in a table beneath it.
"""

from collections.abc import Sequence
from datetime import date

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from avow.web.pictures.ticks import nice_ticks, plain

WIDTH, HEIGHT, LEFT, FOOT, TOP = 640, 150, 44, 22, 8


def days(rows: Sequence[tuple[date, int | None]], *, title: str, unit: str = "", few: str = "few") -> SafeString:
    """Draw one column for each (day, number); None is a number too small to show."""
    ticks = nice_ticks([number or 0 for _, number in rows], most=3)
    high, step = HEIGHT - FOOT - TOP, (WIDTH - LEFT) / max(len(rows), 1)
    parts = [f'<svg class="picture" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">']
    for tick in ticks:
        y = TOP + high * (1 - tick / ticks[-1])
        parts.append(f'<path class="axis" d="M{LEFT} {y:.1f}H{WIDTH}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{plain(tick)}</text>')
    for place, (day, number) in enumerate(rows):
        tall = high * (number or 0) / ticks[-1]
        x, y = LEFT + place * step, TOP + high - tall
        said = escape(f"{day.day} {day:%b %Y}: {plain(number) if number is not None else few} {unit}".strip())
        column = (
            f'<rect class="bar" x="{x + step * 0.08:.1f}" y="{y:.1f}" width="{step * 0.84:.1f}" height="{tall:.1f}">'
        )
        parts.append(f"{column}<title>{said}</title></rect>")
    parts += [_label(rows, at, step) for at in sorted({0, len(rows) // 2, len(rows) - 1}) if rows]
    return mark_safe("".join([*parts, "</svg>"]))  # noqa: S308  # nosec B308


def _label(rows: Sequence[tuple[date, int | None]], at: int, step: float) -> str:
    """Return the name of a day under its column, kept inside the picture."""
    x = min(max(LEFT + (at + 0.5) * step, LEFT + 24), WIDTH - 24)
    day = rows[at][0]
    return f'<text x="{x:.1f}" y="{HEIGHT - 6}" text-anchor="middle">{day.day} {day:%b}</text>'
