"""
Where mail that cannot be delivered comes back to, read from AVOW_BOUNCE_ADDRESS.

Holds:    an address that cannot carry the token behind its plus stops the start with a sentence that says why.
"""

import re
from collections.abc import Mapping

from avow.errors import BadInput

WRITTEN = re.compile(r"[a-z0-9]@[a-z0-9.-]+")


def bounce_address(environment: Mapping[str, str]) -> str:
    """Return the address, or nothing when none is set."""
    written = environment.get("AVOW_BOUNCE_ADDRESS", "")
    if written and not WRITTEN.fullmatch(written):
        raise BadInput(
            "AVOW_BOUNCE_ADDRESS needs one small letter or digit before its @, as in b@example.com: behind it "
            "stand a plus and 62 more, and mail servers take 64."
        )
    return written
