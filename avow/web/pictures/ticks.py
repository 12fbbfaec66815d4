"""Where an axis puts its numbers: the steps 1, 2 and 5 that people count in (Heckbert, Graphics Gems, 1990)."""

import math
from collections.abc import Sequence

MOST_TICKS = 5


def nice_step(span: float, most: int = MOST_TICKS) -> float:
    """Return the smallest step of 1, 2 or 5 times a power of ten that covers the span in at most `most` steps."""
    if span <= 0:
        return 1.0
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next((nice * power for nice in (1, 2, 5, 10) if nice * power >= rough * (1 - 1e-9)), 10 * power)


def nice_ticks(values: Sequence[float], most: int = MOST_TICKS) -> list[float]:
    """Return the ticks of an axis that starts at nought and holds every value; never fewer than two."""
    top = max([*values, 0])
    step = nice_step(top, most)
    if top and all(float(value).is_integer() for value in values):
        step = max(1.0, step)  # half a message was never sent
    count = max(1, math.ceil(round(top / step, 9)))
    return [round(step * n, 12) for n in range(count + 1)]


def plain(number: float) -> str:
    """Write a number as people do, without a needless nought behind the point."""
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:g}"
