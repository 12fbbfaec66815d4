"""
A receipt: the proof that one act stands in the log, as text that anyone can check (C2SP tlog-proof).

Why the first checkpoint that covers the act and not the newest: the same receipt, asked for
twice, is then the same bytes, and a person can compare the two.

Holds:    a receipt exists as soon as a signed checkpoint covers the act, and from then on for ever.
Does not: say whom the act was about; for that a person needs the opening of the commitment,
          which only they carry away.
"""

import base64
from dataclasses import dataclass
from uuid import UUID

from avow.errors import BeingRecorded
from avow.evidence.merkle import inclusion
from avow.evidence.models import Checkpoint, Leaf
from avow.evidence.tiles import reader

HEAD = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Receipt:
    """One entry, its number and what ties it to a signed checkpoint."""

    entry: bytes
    index: int
    size: int
    path: tuple[bytes, ...]
    note: str

    @property
    def text(self) -> str:
        """The receipt as it is stored and sent."""
        hashes = "".join(base64.b64encode(node).decode() + "\n" for node in self.path)
        return f"{HEAD}\nindex {self.index}\n{hashes}\n{self.note}"


def receipt(entry_id: UUID) -> Receipt | None:
    """Return the act's receipt; None while the log has not taken it up."""
    leaf = Leaf.objects.filter(entry_id=entry_id).first()
    if leaf is None:
        return None
    signed = Checkpoint.objects.filter(size__gt=leaf.index).order_by("size").first()
    if signed is None:
        return None
    path = inclusion(leaf.index, signed.size, reader())
    return Receipt(bytes(leaf.entry), leaf.index, signed.size, tuple(path), signed.note)


def receipt_now(entry_id: UUID) -> Receipt:
    """Return the act's receipt, or refuse until there is one."""
    if found := receipt(entry_id):
        return found
    raise BeingRecorded("This act is kept and is being recorded in the log; ask again in a second.")
