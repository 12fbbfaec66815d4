"""
The name of the register's job, and how to ask for it without importing it.

Holds:    it is told nothing, and two of them never run at once.
"""

from procrastinate.contrib.django import app

GO_ON = "sharing.incidents_go_on"
ONE_AT_A_TIME = "sharing.incidents"


def go_on_soon() -> None:
    """Have the worker find and tell whoever waits for it."""
    app.configure_task(GO_ON, lock=ONE_AT_A_TIME).defer()
