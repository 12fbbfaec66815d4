"""Who acts: the person themselves, somebody of the company, or the service on its own."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """The value stands in the log; it says on which side the act was, and names nobody."""

    PERSON = "person"
    STAFF = "staff"
    SERVICE = "service"


@dataclass(frozen=True)
class Actor:
    """One who acts; staff are named by their own person, so that their acts can be shown to those concerned."""

    kind: ActorKind
    id: UUID | None = None
    case: UUID | None = None  # the opening case that staff act under; None: whichever of theirs gives least

    def __post_init__(self) -> None:
        """Refuse staff without a name and the service with one."""
        if (self.kind is ActorKind.STAFF) != (self.id is not None):
            raise ValueError("staff act under their own id; the person and the service need none")


THE_PERSON = Actor(ActorKind.PERSON)
SERVICE = Actor(ActorKind.SERVICE)


def staff(person: UUID, *, case: UUID | None = None) -> Actor:
    """Return the actor for somebody of the company, under this opening case of theirs where one is named."""
    return Actor(ActorKind.STAFF, person, case)
