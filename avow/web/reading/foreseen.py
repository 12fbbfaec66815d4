"""What publishing a text would do to what is there, put together from what each room counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from avow.communications import foreseeing as of_messages
from avow.communications.publishing import Proposed
from avow.policy.effects import Effect, Renumbered, renumbered
from avow.sharing import foreseeing as of_releases
from avow.usage import foreseeing as of_use
from avow.vault import foreseeing as of_data


@dataclass(frozen=True)
class Foreseen:
    """What would change, counted today."""

    effects: Sequence[Effect]
    numbers: Sequence[Renumbered]


def foresee(proposed: Proposed, *, now: datetime) -> Foreseen:
    """Count it; nothing is written, and nobody's data is opened."""
    before, after = proposed.before.bound, proposed.bound
    found = [
        *of_data.effects(before, after),
        *of_messages.effects(before, after, now=now),
        *of_use.effects(before, after, effective=proposed.effective),
        *of_releases.effects(after),
    ]
    return Foreseen(found, renumbered(before, after))
