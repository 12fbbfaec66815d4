"""
Hold the log against a checkpoint of it that was kept elsewhere.

Why: a database that is put back from an old copy agrees with itself. Only what lies outside it can tell that the log
was longer once.

Holds:    a log fits a checkpoint when it has at least that many entries, and their root is the one that was signed.
          A break that somebody has accepted stands in the log itself, by the checkpoint's hash.
Assumes:  the checkpoint is this log's: one that another key signed is refused, never believed.
"""

from hashlib import sha256
from pathlib import Path

from django.conf import settings

from avow.errors import BadInput
from avow.evidence import verifier
from avow.evidence.acts import Act
from avow.evidence.finding import naming
from avow.evidence.merkle import peaks_of
from avow.evidence.notes import log_key
from avow.evidence.tiles import newest, reader

LINES = 5  # of a checkpoint: origin, size, root, empty, signature


def size_of(note: str) -> int:
    """Return how long the log was by this checkpoint; BadInput when this log's key did not sign it."""
    return _checked(note)[0]


def broken_since(note: str) -> bool:
    """Say whether the log here is not a continuation of this checkpoint, and nobody has accepted that."""
    size, root = _checked(note)
    signed = newest()
    if signed is not None and signed.size >= size and peaks_of(size, reader()).root() == root:
        return False
    return not _accepted(note)


def accepting(note: str) -> bytes:
    """Return what an entry keys.restored says when somebody accepts that the log broke off before this checkpoint."""
    return sha256(note.encode()).digest()


def kept_at(path: Path) -> str:
    """Return the checkpoint in a file that was kept elsewhere: alone, in a receipt or in a certificate."""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"{path}, which AVOW_LOG_SEEN names, cannot be read; name a checkpoint of this log.") from None
    _, found, rest = f"\n{text}".rpartition(f"\n{settings.LOG_ORIGIN}\n")
    lines = rest.split("\n")[: LINES - 1]
    if not found or len(lines) < LINES - 1:
        raise BadInput(f"{path}, which AVOW_LOG_SEEN names, holds no checkpoint of {settings.LOG_ORIGIN}.")
    return "\n".join([settings.LOG_ORIGIN, *lines]) + "\n"


def _checked(note: str) -> tuple[int, bytes]:
    key = verifier.read_key(log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN).vkey)
    try:
        return verifier.check_checkpoint(note, key)
    except (verifier.Refused, verifier.Unreadable):
        raise BadInput(
            "The checkpoint that was kept outside the database is not signed with this log's key; put back the "
            "log.secret of this installation, or take that checkpoint away."
        ) from None


def _accepted(note: str) -> bool:
    """Look for the acceptance in the whole log; a break is rare, so a long look is fine."""
    return any(entry.act is Act.KEYS_RESTORED for entry in naming(accepting(note)))
