"""
Make the file of a release from the events of its days.

Holds:    nothing about a person is kept: events are read, counted and let go. The same rows give the same file, byte
          for byte; figures are drawn once and then stored.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.conf import settings

from avow.keyring.secret import named_secret
from avow.policy.promises import Promise
from avow.sharing import aggregating, generalising, leaving_out, usage_rows
from avow.sharing.generalising import Anonymous
from avow.sharing.spec import Kind, Spec
from avow.vault import governing

Source = Callable[[date, date], Any]
DELTA = 1e-6
DESK_ONLY = {"smallest", "rows", "isolating"}
FEW = ""  # how "too few to say" stands in the file
PROMISE = {Kind.FIGURES: Promise.AGGREGATE_RELEASE, Kind.ROWS: Promise.ANONYMISED_RELEASE}


@dataclass(frozen=True)
class Made:
    """A file with what it is, and what the desk may know about its making."""

    table: bytes
    descriptor: bytes
    figures: dict[str, Any]

    @property
    def content(self) -> bytes:
        """The bytes that leave."""
        return self.descriptor + self.table


def make(spec: Spec, events: Any, *, now: datetime) -> Made:
    """Return the release's file; raises NotAnonymous where rows cannot be given."""
    return _figures(spec, events, now) if spec.kind is Kind.FIGURES else _rows(spec, events, now)


def anonymous(spec: Spec, events: Any, *, now: datetime) -> Anonymous:
    """Return the rows as they may leave, or raise NotAnonymous."""
    rows = usage_rows.rows(events, spec, left_out=leaving_out.names(spec.every_day, now=now))
    ladders = usage_rows.ladders(spec.columns, rows)
    return generalising.anonymise(rows, ladders, k=spec.k, sensitive=spec.sensitive, key=_key(spec))


def announced(spec: Spec) -> dict[str, Any]:
    """Return the price and the error of figures, before anything is counted or spent."""
    cost = aggregating.price(spec)
    return {
        "rho": spec.rho, "epsilon": epsilon(spec.rho), "sigma": round(cost.sigma, 2), "error": cost.error,
        "difference": cost.difference,
        "least": cost.least,
    }  # fmt: skip


def found(made: Anonymous, spec: Spec) -> dict[str, Any]:
    """Return what the search for rows chose."""
    known = [name for name in spec.columns if name not in spec.sensitive]
    return {
        "k": spec.k, "smallest": made.smallest, "rows": len(made.rows), "suppressed": made.found.suppressed,
        "loss": round(made.found.loss, 6), "levels": dict(zip(known, made.found.levels, strict=True)),
        "isolating": made.before,
    }  # fmt: skip


def epsilon(rho: int) -> float:
    """Return epsilon at delta 1e-6 for thousandths of rho by OpenDP's own map, for readers who think in epsilon."""
    return math.ceil(aggregating.epsilon(rho, DELTA) * 100) / 100


def _figures(spec: Spec, events: Any, now: datetime) -> Made:
    left_out = leaving_out.names(spec.every_day, now=now)
    counted = aggregating.figures(events, spec, left_out=left_out, key=_key(spec))
    rows: list[tuple[str, ...]] = [(page, FEW if number is None else str(number)) for page, number in counted.items()]
    return _packed(spec, ("page", "visits"), rows, now=now, figures=announced(spec))


def _rows(spec: Spec, events: Any, now: datetime) -> Made:
    made = anonymous(spec, events, now=now)
    figures = found(made, spec)
    return _packed(spec, made.columns, made.rows, now=now, figures=figures)


def _packed(
    spec: Spec, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, now: datetime, figures: dict[str, Any]
) -> Made:
    """Put table and descriptor together; the descriptor says of the making what the partner may know."""
    told = {name: value for name, value in figures.items() if name not in DESK_ONLY}
    table = generalising.as_csv(columns, rows)
    version = governing.in_force(now)
    descriptor = {
        "format": "avow.release/1", "title": spec.title, "kind": spec.kind, "since": spec.since.isoformat(),
        "until": spec.until.isoformat(), "columns": list(columns), "sensitive": list(spec.sensitive),
        "pages_per_day": spec.per_day, "spec": spec.sha256, "policy": version.sha256,
        "clause": governing.clause_for(PROMISE[spec.kind], version), "made": told,
        "table_sha256": sha256(table).hexdigest(),
    }  # fmt: skip
    return Made(table, json.dumps(descriptor, indent=1, sort_keys=True).encode() + b"\n", figures)


def _key(spec: Spec) -> bytes:
    """Return the key that draws for this release; another one for each, so that no two have the same order."""
    secret = named_secret(settings.KEYRING_FOLDER, "sharing")
    return sha256(secret + spec.sha256.encode()).digest()
