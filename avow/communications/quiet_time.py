"""Quiet hours as a noun; apart from `quiet_hours`, since settings are read before there is a framework."""

from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class QuietHours:
    """From when until when, in which place; `begins` may be later than `ends`, over midnight."""

    begins: time
    ends: time
    zone: ZoneInfo

    def includes(self, moment: time) -> bool:
        """Say whether a time of the day is quiet."""
        if self.begins <= self.ends:
            return self.begins <= moment < self.ends
        return moment >= self.begins or moment < self.ends
