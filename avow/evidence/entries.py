"""
One entry of the log: an act, its time, its sentence, and commitments instead of names.

Why a fixed shape of JSON: whoever checks the log years from now needs no code of
ours to read it, and one act has exactly one encoding, so that its hash is its identity.

Holds:    `decode` takes what `encode` gives and nothing else: every other byte string is refused.
          There is no field for free text. A subject is 32 bytes under the person's own key,
          with a nonce for each entry, so two entries about one person cannot be linked.
          Times are whole seconds: finer ones would help to match an entry to other records.
Assumes:  `subject` comes from `avow.vault.attesting`; nothing here can tell a commitment from an id.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from avow.evidence.acts import Act
from avow.policy.promises import Promise

Actor = Literal["person", "staff", "service"]
COMMITMENT = 32  # bytes
CLAUSE = re.compile(r"[a-z0-9][a-z0-9.-]{0,79}")
DIGEST = re.compile(r"[0-9a-f]{64}")
VERSION = 1
PROMISES: dict[str | None, Promise | None] = {None: None, **{promise.value: promise for promise in Promise}}


def stamp(at: datetime) -> str:
    """Write a moment for machines: whole seconds of UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def canonical(value: Any) -> bytes:
    """Return the one encoding of this value: JSON with sorted keys, ASCII, no spaces."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What the log keeps of one act."""

    act: Act
    at: datetime
    promise: Promise | None = None
    clause: str | None = None  # the name in clauses.toml
    policy: str | None = None  # sha256 of the published text, hex
    subject: bytes | None = None
    evidence: bytes | None = None
    actor: Actor = "service"

    def __post_init__(self) -> None:
        """Refuse what has no place in a log that cannot be rewritten."""
        if self.at.utcoffset() is None:
            raise ValueError("an entry's time needs its zone")
        if self.actor not in get_args(Actor):
            raise ValueError("an entry's actor is person, staff or service")
        for commitment in (self.subject, self.evidence):
            if commitment is not None and len(commitment) != COMMITMENT:
                raise ValueError("a commitment is 32 bytes")
        if self.clause is not None and not CLAUSE.fullmatch(self.clause):
            raise ValueError("a clause is named as in clauses.toml")
        if self.policy is not None and not DIGEST.fullmatch(self.policy):
            raise ValueError("a policy is named by its sha256 in hex")

    def encode(self) -> bytes:
        """Return the bytes that the log hashes."""
        return canonical(
            {
                "act": self.act.value,
                "actor": self.actor,
                "at": stamp(self.at),
                "clause": self.clause,
                "evidence": self.evidence.hex() if self.evidence is not None else None,
                "policy": self.policy,
                "promise": self.promise.value if self.promise else None,
                "subject": self.subject.hex() if self.subject is not None else None,
                "v": VERSION,
            }
        )


def decode(encoded: bytes) -> Entry:
    """Return the entry that these bytes are; ValueError when they are not exactly one entry's encoding."""
    fields = json.loads(encoded)
    if not isinstance(fields, dict) or fields.pop("v", None) != VERSION:
        raise ValueError("not an entry of this log")
    try:
        entry = Entry(
            act=Act(fields["act"]),
            at=datetime.strptime(fields["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
            promise=PROMISES[fields["promise"]],
            clause=fields["clause"],
            policy=fields["policy"],
            subject=_commitment(fields["subject"]),
            evidence=_commitment(fields["evidence"]),
            actor=fields["actor"],
        )
    except (KeyError, TypeError, AttributeError) as missing:
        raise ValueError("not an entry of this log") from missing
    if entry.encode() != encoded:
        raise ValueError("not the one encoding of this entry")
    return entry


def _commitment(text: str | None) -> bytes | None:
    return bytes.fromhex(text) if text is not None else None
