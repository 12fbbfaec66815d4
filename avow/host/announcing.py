"""What `avow up` says: one calm line for each thing done, with how long it took."""

import time

import click


class Announcer:
    """Says lines, and knows when the start began."""

    def __init__(self, began: float | None = None) -> None:
        self.began = time.monotonic() if began is None else began
        self.last = self.began

    def did(self, said: str, took: float | None = None) -> None:
        """Say what was done; the time is that since the line before when none is given."""
        now = time.monotonic()
        click.echo(f"  {said} · {now - self.last if took is None else took:.2f} s")
        self.last = now

    def say(self, said: str) -> None:
        """Say a line without a time."""
        click.echo(said)
        self.last = time.monotonic()

    @property
    def since_start(self) -> str:
        """Say how long it is since the start."""
        return f"{time.monotonic() - self.began:.1f} s"
