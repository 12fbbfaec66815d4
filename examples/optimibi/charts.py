"""
Pictures of figures, drawn on the server: SVG without a script, without inline style, and never without its table.

Holds:    the axis starts at nought; each mark says its number to whoever asks; colours come from classes, so that
          they follow light and dark. Everything that is not ours is escaped.
"""

from markupsafe import Markup

from optimibi.figures import Report

WIDE, HIGH, LEFT, FOOT = 720, 260, 64, 34
BARS_WIDE, ROW = 440, 54


def ticks(most: int, steps: int = 4) -> list[int]:
    """Return round numbers from nought to at least the highest figure."""
    step = next(s * 10**power for power in range(12) for s in (1, 2, 5) if s * 10**power * steps >= most)
    return [step * at for at in range(steps + 1)]


def chart(report: Report) -> Markup:
    """Draw a report."""
    name = f"{report.title}: a chart; the table beneath has the same figures"
    if report.kind == "line":
        return frame("chart", WIDE, HIGH, name, line(report))
    return frame("chart narrow", BARS_WIDE, ROW * len(report.rows), name, bars(report))


def frame(kind: str, wide: int, high: int, name: str, drawn: Markup) -> Markup:
    """Put a drawing into its picture."""
    picture = Markup('<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    return picture.format(kind, wide, high, name, drawn)


def line(report: Report) -> Markup:
    """Draw days as a line over its area."""
    scale = ticks(max(value for _, value in report.rows))
    across = (WIDE - LEFT - 12) / (len(report.rows) - 1)
    points = [(LEFT + at * across, ordinate(value, scale[-1])) for at, (_, value) in enumerate(report.rows)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    ground = ordinate(0, scale[-1])
    parts = [
        *(rung(tick, ordinate(tick, scale[-1])) for tick in scale),
        Markup('<polygon class="area" points="{:.1f},{:.1f} {} {:.1f},{:.1f}"/>').format(
            LEFT, ground, path, points[-1][0], ground
        ),
        Markup('<polyline class="stroke" points="{}"/>').format(path),
        *(dot(x, y, label, value, report.unit) for (x, y), (label, value) in zip(points, report.rows, strict=True)),
        *(
            Markup('<text class="label" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
                points[at][0], HIGH - 6, report.rows[at][0]
            )
            for at in range(1, len(points) - 1, 7)
        ),
    ]
    return Markup("").join(parts)


def ordinate(value: int, most: int) -> float:
    """Return the height of a value."""
    return 10 + (HIGH - FOOT - 10) * (1 - value / most)


def rung(tick: int, y: float) -> Markup:
    """Draw one line of the scale, with its number."""
    return Markup(
        '<line class="rung" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>'
        '<text class="label" x="{}" y="{:.1f}" text-anchor="end">{:,}</text>'
    ).format(LEFT, WIDE - 12, y, y, LEFT - 8, y + 5, tick)


def dot(x: float, y: float, label: str, value: int, unit: str) -> Markup:
    """Draw one day."""
    return Markup('<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="3.5"><title>{}: {:,} {}</title></circle>').format(
        x, y, label, value, unit
    )


def bars(report: Report) -> Markup:
    """Draw names with a bar each, the name above its bar so that it has room on a narrow screen."""
    most = max(value for _, value in report.rows)
    one = Markup(
        '<text class="label" x="0" y="{}">{}</text>'
        '<rect class="bar" x="0" y="{}" width="{:.1f}" height="20" rx="4"><title>{}: {:,} {}</title></rect>'
        '<text class="value" x="{:.1f}" y="{}">{:,}</text>'
    )
    parts = []
    for at, (label, value) in enumerate(report.rows):
        y, long = ROW * at, (BARS_WIDE - 90) * value / most
        parts.append(one.format(y + 17, label, y + 24, long, label, value, report.unit, long + 8, y + 40, value))
    return Markup("").join(parts)
