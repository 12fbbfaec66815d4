"""
Write before you destroy: what a certificate will have to say, drawn up while it can still be known.

Why sealed: counts and clauses name nobody, but they lie in one row with a person who is
still there. Under the request's own key they open for the saga, and for nobody once it ends.

Holds:    the plan is complete before the first store forgets: stores with their counts, the
          version and clauses that govern, the limits as they are on that day.
Does not: hold any value of the person.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from avow.errors import NotFound
from avow.evidence.entries import canonical
from avow.evidence.versions import Version
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.requests.limits import LIMITS
from avow.vault import sealing
from avow.vault.stores import Store, stores

LABEL = "request-plan"
PROMISES = (Promise.ACCESS_AND_ERASE, Promise.DE_IDENTIFY)


@dataclass(frozen=True)
class Held:
    """What one store holds about a person."""

    store: str
    title: str
    rows: int


@dataclass(frozen=True)
class Clause:
    """A sentence of the policy that an answer rests on, in the published words."""

    id: str
    name: str
    says: str


@dataclass(frozen=True)
class Plan:
    """What the certificate will say, as far as it is known before anything is destroyed."""

    stores: tuple[Held, ...]
    policy: str
    effective: str
    clauses: tuple[Clause, ...]
    limits: tuple[str, ...]


def draw(person: UUID, version: Version) -> Plan:
    """Draw up what the certificate of this person's erasure will say."""
    return Plan(
        counts(person), version.sha256, version.effective_date.isoformat(), clauses_of(version, *PROMISES), LIMITS
    )


def seal(plan: Plan, subject: UUID) -> bytes:
    """Seal a plan under the request's own key."""
    return sealing.seal_blob(subject, LABEL, canonical(asdict(plan)))


def unseal(subject: UUID, sealed: bytes) -> Plan:
    """Return the plan that was sealed."""
    kept: dict[str, Any] = json.loads(sealing.open_blob(subject, LABEL, sealed, purpose=Purpose.RIGHTS))
    held = tuple(Held(**store) for store in kept["stores"])
    clauses = tuple(Clause(**clause) for clause in kept["clauses"])
    return Plan(held, kept["policy"], kept["effective"], clauses, tuple(kept["limits"]))


def in_order() -> list[Store]:
    """Return the stores in the order in which they forget: upper rooms first, the vault last."""
    return list(reversed(stores()))


def counts(person: UUID) -> tuple[Held, ...]:
    """Ask every store how much it holds, in the order in which they will forget."""
    return tuple(Held(store.name, store.title, store.count(person)) for store in in_order())


def store_called(name: str) -> Store:
    """Return a registered store by its name."""
    for store in stores():
        if store.name == name:
            return store
    raise NotFound(f"No store is called {name} any more; install the part that kept it, then push the request again.")


def clauses_of(version: Version, *promises: Promise) -> tuple[Clause, ...]:
    """Return the sentences of this text that make any of these promises."""
    return tuple(
        Clause(sentence.id, clause.name, sentence.text)
        for sentence, clause in version.bound.clauses
        if clause and set(promises) & set(clause.promises)
    )
