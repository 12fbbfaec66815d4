"""
Whose data somebody outside had been given by the end of an incident: an agent by errands, an authority by its cases.

Holds:    numbers alone, in their order. Of a partner it finds nobody: what partners get names nobody.
"""

from uuid import UUID

from django.db.models import QuerySet, Sum

from avow.sharing.disclosures_models import Disclosure
from avow.sharing.disclosures_states import LEFT
from avow.sharing.errands_models import Errand
from avow.sharing.errands_states import Kind
from avow.vault.models import Egress, Recipient, RecipientKind
from avow.vault.touched import Span

HANDED = [state.value for state in LEFT]


def by(recipient: UUID, span: Span, *, after: UUID | None, at_most: int) -> list[UUID]:
    """Return the next of those whose data this recipient had by the end of the span."""
    rows: QuerySet[Errand] | QuerySet[Disclosure] = (
        Errand.objects.filter(agent=recipient, person__isnull=False, egress__isnull=False, queued_at__lte=span.until)
        if kind_of(recipient) is RecipientKind.AGENT
        else Disclosure.objects.filter(recipient=recipient, person__isnull=False, state__in=HANDED)
    )
    if after is not None:
        rows = rows.filter(person__gt=after)
    found = rows.order_by("person").values_list("person", flat=True).distinct()[:at_most]
    return [person for person in found if person is not None]


def beyond(recipient: UUID, span: Span) -> int:
    """Count whose data it had who cannot be named: erased since the beginning; of a partner, all that rows count."""
    kind = kind_of(recipient)
    if kind is RecipientKind.AGENT:
        return Errand.objects.filter(agent=recipient, kind=Kind.DELETION, queued_at__gte=span.since).count()
    if kind is RecipientKind.AUTHORITY:
        return Disclosure.objects.filter(recipient=recipient, person=None, state__in=HANDED).count()
    went = Egress.objects.filter(recipient=recipient, at__lte=span.until)
    return went.aggregate(all=Sum("people"))["all"] or 0


def kind_of(recipient: UUID) -> RecipientKind:
    """Return what kind of recipient it is."""
    return RecipientKind(Recipient.objects.values_list("kind", flat=True).get(pk=recipient))
