"""
Compact, or forget, in a forked child that dies at a given step (`tests.killing`).

AVOW_SOAK=1 tries each; otherwise every third, beginning at another one in each run.
"""

import random

from tests.killing import EVERYWHERE, Steps, in_a_child


def moments(most):
    """Which steps to die at, until there are no more."""
    return range(1, most) if EVERYWHERE else range(random.randint(1, 3), most, 3)


def dies(act, at):
    """Do it in a child that dies at this step; False when there is no such step and it lived."""
    return in_a_child(lambda: Steps(at).watch() and act())
