"""The vault's own store: sealed fields with their history, addresses, choices, and who looked."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from avow.policy.purposes import Purpose
from avow.vault import addresses, catalogue, choices, holds, opening, opening_cases
from avow.vault.actor import THE_PERSON, ActorKind
from avow.vault.models import AddressSealed, Freeze, Grant, Objection, OpeningCase, OpeningReason, SealedField
from avow.vault.stores import Exported
from avow.vault.visibility import visible


class VaultStore:
    """What lies under the person's own key in the vault; the key itself is destroyed by `erasure`, after all stores."""

    name = "vault"
    title = "The vault"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:
        """Return fields with their history, addresses, choices, and which cases staff opened on the person."""
        yield Exported("vault-fields", "What you gave us, with earlier values", tuple(_fields(person, now)))
        yield Exported("vault-addresses", "Addresses under which we can reach you", tuple(_addresses(person, now)))
        yield Exported("vault-choices", "What you allowed and what you objected to", tuple(_choices(person, now)))
        yield Exported("vault-openings", "Who of the company looked at your data, and why", tuple(_looked(person)))
        yield Exported("vault-holds", "What the law keeps of yours, and until when", tuple(_holds(person, now)))

    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:  # noqa: ARG002 - the protocol's
        """Remove the rows; the key that would open copies of them is destroyed when every store has forgotten."""
        holds.keep(person, now=now)  # what a legal hold names is resealed before it goes
        with visible(person):
            fields = SealedField.objects.filter(person=person).delete()[0]
        return fields + addresses.forget(person) + choices.forget(person) + opening_cases.forget(person)

    def count(self, person: UUID) -> int:
        """Count the rows."""
        with visible(person):
            fields = SealedField.objects.filter(person=person).count()
        others = (AddressSealed, Grant, Objection, Freeze, OpeningCase)
        return fields + sum(model.objects.filter(person=person).count() for model in others)


def _holds(person: UUID, now: datetime) -> Iterable[dict[str, Any]]:
    for hold in holds.tellable(person, now=now):
        yield {
            "fields": ", ".join(hold.fields), "collected_from": hold.collected_from, "collected_to": hold.collected_to,
            "basis": hold.basis, "since": hold.proposed_at, "until": hold.until,
        }  # fmt: skip


def _looked(person: UUID) -> Iterable[dict[str, Any]]:
    for case in opening_cases.on(person):
        yield {
            "who": "somebody of the company", "reason": OpeningReason(case.reason).label, "since": case.since,
            "until": case.ends, "openings": case.opened, "of_these_whole": case.whole,
        }  # fmt: skip


def _fields(person: UUID, now: datetime) -> Iterable[dict[str, Any]]:
    with visible(person):
        names = sorted(set(SealedField.objects.filter(person=person).values_list("field", flat=True)))
    for name in names:
        label = catalogue.FIELDS[name].label if name in catalogue.FIELDS else name
        for past in opening.history(person, name, Purpose.RIGHTS, by=THE_PERSON, now=now):
            yield {
                "field": name, "label": label, "value": past.value, "since": past.since, "until": past.until,
                "source": past.source, "version": past.version,
            }  # fmt: skip


def _addresses(person: UUID, now: datetime) -> Iterable[dict[str, Any]]:
    for row in AddressSealed.objects.filter(person=person).order_by("collected_at", "token"):
        value = addresses.open_address(row.token, person, Purpose.RIGHTS, by=THE_PERSON, now=now)
        yield {"kind": row.kind, "value": value, "since": row.collected_at, "version": row.policy}


def _choices(person: UUID, now: datetime) -> Iterable[dict[str, Any]]:
    for grant in Grant.objects.filter(person=person).order_by("since"):
        yield {
            "choice": "allowed", "purpose": grant.purpose, "field": grant.field or None, "since": grant.since,
            "until": grant.until, "withdrawn_at": grant.withdrawn_at, "ended": choices.has_ended(grant, now=now),
        }  # fmt: skip
    for objection in Objection.objects.filter(person=person).order_by("since"):
        yield {
            "choice": "objected", "purpose": objection.purpose, "field": None, "since": objection.since,
            "until": None, "withdrawn_at": objection.withdrawn_at, "ended": objection.withdrawn_at is not None,
        }  # fmt: skip
    for freeze in Freeze.objects.filter(person=person).order_by("since"):
        yield {
            "choice": "frozen" if freeze.by == ActorKind.PERSON else "frozen by the company", "purpose": None,
            "field": None, "since": freeze.since, "until": None, "withdrawn_at": freeze.lifted_at,
            "ended": freeze.lifted_at is not None,
        }  # fmt: skip
