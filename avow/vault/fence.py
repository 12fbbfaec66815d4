"""
The restore fence: nothing is served while the keys do not fit the data and the log.

Why at start and not at each opening: a backup is put back while the service stands still. What would be undone by it
(an erasure) must never be served, not once.

Holds:    it raises before anything is opened, and says what was found and which command mends it.
          Where all fits, it costs some queries and a look at the covers that hold destroyed slots.
"""

from datetime import datetime

from avow.errors import KeyringLost, OutOfStep
from avow.policy.promises import Promise, keeps
from avow.vault import fitting
from avow.vault.fitting import Case


@keeps(Promise.DE_IDENTIFY)
def require(*, now: datetime) -> None:
    """Return when keys, data and log fit; raise KeyringLost or OutOfStep, with the remedy, when they do not."""
    found = fitting.compare(now=now)
    if not found:
        return
    kind = KeyringLost if found[0].case is Case.KEYRING else OutOfStep
    says = dict.fromkeys(finding.says for finding in found)
    raise kind(" ".join([*says, found[0].remedy]).strip())
